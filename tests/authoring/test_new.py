"""`dojo author new`: what it lays out keeps every rule, and says itself what is still to be written."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from grader.authoring.new import lay_out
from grader.course.manifest import ROOT

LEFT_OUT = shutil.ignore_patterns(".git", ".venv*", ".dojo", "data", "__pycache__", "tests", "evidence")
NAME = "97_new_unit"


def test_a_unit_is_laid_out_and_only_its_text_is_missing(tmp_path: Path) -> None:
    copy = tmp_path / "course"
    shutil.copytree(ROOT, copy, ignore=LEFT_OUT)

    def author(*arguments: str) -> subprocess.CompletedProcess:
        command = [sys.executable, "-m", "grader.command", "author", *arguments]
        return subprocess.run(command, cwd=copy, capture_output=True, text=True)

    made = author("new", NAME)
    assert made.returncode == 0, made.stderr
    said = [line for line in author("check", NAME, "--quick").stdout.splitlines() if line.startswith("-")]
    assert said and [line for line in said if "still to be written" not in line] == []
    assert "97 is taken by 97_new_unit" in author("new", "97_other").stderr
    for file in {copy / line.split(":")[0].removeprefix("- ") for line in said}:  # as if it had been written
        file.write_text(file.read_text(encoding="utf-8").replace("WRITE: ", ""), encoding="utf-8")
    author("build", NAME), author("build", "CP-97")
    for name in (NAME, "CP-97"):
        checked = author("check", name, "--quick")
        assert checked.returncode == 0, checked.stdout


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("model_training", "such as 03_model"),
        ("01_again", "01 is taken by"),
        ("../03_x", "not a name"),
        ("03_X", "name"),
    ],
)
def test_a_name_that_cannot_be_is_refused_and_nothing_is_written(name: str, words: str) -> None:
    before = (ROOT / "course.toml").read_bytes()
    with pytest.raises(ValueError, match=words):
        lay_out(name)
    assert (ROOT / "course.toml").read_bytes() == before
