"""`dojo leaderboard` as a class and as a learner run it."""

import json
import shutil
from pathlib import Path

import pytest
import typer

from grader.command.competition import leaderboard_
from grader.course.manifest import tasks
from grader.engine import Engine

from .test_dojo import dojo

ASSIGNMENT, _ = tasks()["CP-2a"]


@pytest.fixture
def submissions(tmp_path: Path) -> Path:
    place = tmp_path / "submissions"
    for name, file in (("ada", ASSIGNMENT.solution), ("bob", None)):
        (place / name).mkdir(parents=True)
        target = place / name / ASSIGNMENT.exercise.name
        shutil.copy(file, target) if file else target.write_text(ASSIGNMENT.shipped(), encoding="utf-8")
    return place


def test_a_class_is_ranked_and_who_cannot_be_measured_is_told_why(submissions, tmp_path):
    done = dojo("leaderboard", submissions, home=tmp_path)
    assert done.returncode == 0, done.stderr
    rows = [line.split("│")[1:-1] for line in done.stdout.splitlines() if line.startswith("│")]
    assert [row[1].strip() for row in rows] == ["the best possible", "ada", "the given columns"]
    assert rows[1][3].strip() == "12" and "Not on the board: bob. CP-2a was not attempted." in done.stdout
    (entry,) = map(json.loads, (tmp_path / ".dojo" / "history.jsonl").read_text().splitlines())
    assert entry["who"] == "ada" and len(entry["accuracy"]) == 12


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("solutions/01_data_engineering.py", "is not a notebook of CP-2"),
        ("no/such/file.py", "There is no file"),
    ],
)
def test_what_is_no_entry_is_refused_in_a_sentence(path, words, tmp_path):
    done = dojo("leaderboard", path, home=tmp_path)
    assert (done.returncode, done.stdout) == (2, "") and words in done.stderr


def test_who_has_attempted_nothing_is_told_so_without_a_grader(tmp_path, monkeypatch, capsys):
    (tmp_path / "bob.py").write_text(ASSIGNMENT.shipped(), encoding="utf-8")
    monkeypatch.setattr(Engine, "_start", lambda engine: pytest.fail("the grader was started"))
    with pytest.raises(typer.Exit):
        leaderboard_([tmp_path / "bob.py"], None)
    shown = capsys.readouterr()
    assert "CP-2a was not attempted" in shown.out and "Nobody could be measured" in shown.err
