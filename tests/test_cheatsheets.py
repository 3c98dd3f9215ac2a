"""Every snippet of a cheat sheet runs, from top to bottom."""

import re
from pathlib import Path

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
