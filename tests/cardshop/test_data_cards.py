"""A number in a data card is proved by the code block at its end."""

import hashlib
import re
from pathlib import Path

import pytest

from cardshop.world import store

DATASETS = Path(__file__).resolve().parents[2] / "datasets"
CARDS = sorted((DATASETS / "cards").glob("*.md"))


@pytest.mark.parametrize("path", CARDS, ids=lambda path: path.stem)
def test_the_proof_at_the_end_holds(path):
    proofs = re.findall(r"^```python\n(.*?)^```", path.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)
    assert proofs, f"{path.name} proves nothing"
    for proof in proofs:
        exec(compile(proof, str(path), "exec"), {})


def test_the_species_file_is_the_recorded_one():
    content = (DATASETS / "species.csv").read_bytes().replace(b"\r\n", b"\n")
    assert hashlib.sha256(content).hexdigest() == store.recorded("files")["species.csv"]
