"""Every snippet of a cheat sheet runs, from top to bottom."""

import re
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

ROOT = Path(__file__).parents[1]


@pytest.mark.parametrize(
    "sheet", sorted((ROOT / "cheatsheets").glob("[0-9]*.md")), ids=lambda path: path.stem
)
def test_the_snippets_run(sheet, monkeypatch):
    monkeypatch.chdir(ROOT)
    snippets = re.findall(
        r"^```python\n(.*?)^```", sheet.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL
    )
    assert snippets
    exec(compile("\n".join(snippets), sheet.name, "exec"), {})


GOOD = "card_id,rarity,hp,note\n" + "".join(f"KND-{n:03},Rare,60,\n" for n in range(10))


@pytest.mark.parametrize(
    ("text", "code", "said"),
    [
        (GOOD, 0, "10 rows accepted, 0 quarantined"),
        (GOOD.replace("KND-003,Rare,60", "KND-003,rare,-60"), 0, "9 rows accepted, 1 quarantined"),
        (GOOD.replace("Rare", "rare"), 1, "refused, 10 of 10 rows break the contract"),
        (GOOD.replace("hp,", "HP,"), 1, "refused, wrong columns or dtypes: HP, hp"),
        (GOOD.replace(",60,", ",sixty,"), 2, "cannot be read"),
    ],
)
def test_the_contract_for_work(tmp_path, text, code, said):
    """The file that learners take to work says what is wrong and has the exit codes that it promises."""
    path = tmp_path / "rows.csv"
    path.write_text(text, encoding="utf-8")
    path.with_suffix(".quarantine.parquet").write_bytes(b"of an earlier run")
    command = [sys.executable, ROOT / "cheatsheets" / "01_data_engineering.py", path]
    done = subprocess.run(command, capture_output=True, text=True)
    assert (done.returncode, said in done.stdout + done.stderr) == (code, True), done.stdout + done.stderr
    kept, accepted = (path.with_suffix(f".{kind}.parquet") for kind in ("quarantine", "accepted"))
    assert kept.exists() == ("1 quarantined" in said) and accepted.exists() == (code == 0)
    if accepted.exists():
        assert f"{pl.read_parquet(accepted).height} rows accepted" in said
    if kept.exists():
        assert pl.read_parquet(kept)["reasons"].to_list() == ["rarity, hp"]
