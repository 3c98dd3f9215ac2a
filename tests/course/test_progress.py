"""The history loses nothing, and progress.md keeps every word of the learner."""

import json
import os
import subprocess
import sys
from types import SimpleNamespace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from grader.course import progress
from grader.course.manifest import course

WORDS = st.binary(max_size=100) | st.text(st.characters(exclude_categories=["Cs"]), max_size=200).map(
    str.encode
)
BEGIN, END = progress.BEGIN.encode(), progress.END.encode()


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("DOJO_HOME", str(tmp_path))
    return tmp_path


FIRST, SECOND = course().units[0].tasks[:2]
PASSED = f"| passed | {FIRST.points:g} of {FIRST.points:g} |"


def attempt(task=FIRST.id, verdict="passed", score=FIRST.points):
    progress.record("attempt", key=task, task=task, verdict=verdict, score=score, max_score=FIRST.points)


def test_the_best_attempt_counts_and_comes_next_is_what_has_not_passed(home):
    assert progress.next_task() == FIRST.id
    attempt(verdict="failed", score=0.5)
    attempt()
    attempt(verdict="failed", score=1)
    assert progress.best()[FIRST.id]["verdict"] == "passed" and progress.next_task() == SECOND.id
    assert PASSED in (home / "progress.md").read_text()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
@given(before=WORDS, inside=WORDS, after=WORDS)
def test_the_learners_words_survive_whatever_happens_between_the_markers(home, before, inside, after):
    file = home / "progress.md"
    file.write_bytes(before + BEGIN + inside + END + after)
    progress.refresh()
    made = file.read_bytes()
    assert (made.partition(BEGIN)[0], made.partition(END)[2]) == (before, after)
    progress.refresh()
    assert file.read_bytes() == made


def test_a_view_that_was_edited_by_hand_is_rebuilt_loudly_and_kept(home, capsys):
    attempt()
    assert capsys.readouterr().err == ""
    file = home / "progress.md"
    edited = file.read_text().replace(PASSED, "| passed | 99 of 15 |")
    file.write_text(edited)
    attempt(task="1.2b")
    assert "99 of 15" not in file.read_text() and "changed by hand" in capsys.readouterr().err
    assert [copy.read_text() for copy in (home / ".dojo" / "copies").iterdir()] == [edited]


def test_damaged_markers_cost_no_word(home, capsys):
    (home / "progress.md").write_text(f"mine\n{progress.END}\nalso mine\n")
    progress.refresh()
    text = (home / "progress.md").read_text()
    assert "mine\n" in text and "also mine" in text and text.startswith(progress.BEGIN)
    assert "markers were damaged" in capsys.readouterr().err


def test_a_torn_line_is_set_aside_loudly(home, capsys):
    attempt()
    path = home / ".dojo" / "history.jsonl"
    path.write_bytes(path.read_bytes() + b'{"kind": "att')
    attempt(task="1.2b")
    assert {entry["task"] for entry in progress.history()} == {FIRST.id, "1.2b"}
    assert "1 damaged line" in capsys.readouterr().err
    assert (path.with_name("history.damaged.jsonl")).read_text() == '{"kind": "att\n'
    assert all(json.loads(line) for line in path.read_text().splitlines())


def test_the_history_is_read_again_only_when_it_has_changed(home):
    attempt()
    path = home / ".dojo" / "history.jsonl"
    first, known = progress.history(), path.stat()
    path.write_bytes(b"x" * known.st_size)
    os.utime(path, ns=(known.st_atime_ns, known.st_mtime_ns))  # size and time are what is looked at
    assert progress.history() == first
    os.utime(path, ns=(known.st_atime_ns, known.st_mtime_ns + 1))
    assert progress.history() == []


def test_the_journal_grows_under_its_heading(home):
    (home / "progress.md").write_text("## Journal\n\nmine\n\n## Reflections\n\nlater\n")
    progress.journal("Why?", "Because.")
    text = (home / "progress.md").read_text()
    assert text.index("mine") < text.index("Because.") < text.index("## Reflections") < text.index("later")


def test_what_cannot_be_written_is_said_in_a_sentence(home):
    (home / ".dojo").write_text("a file where a folder should be")
    with pytest.raises(OSError, match="cannot be used"):
        attempt()


def test_processes_that_write_at_once_lose_nothing(home):
    (home / ".dojo").mkdir()
    (home / ".dojo" / "history.jsonl").write_bytes(b"no entry\n")
    code = "from grader.course import progress\nfor n in range(40): progress.record('note', n=n); progress.history()"
    writers = [subprocess.Popen([sys.executable, "-c", code], stderr=subprocess.DEVNULL) for _ in range(3)]
    assert [writer.wait() for writer in writers] == [0, 0, 0]
    assert sorted(entry["n"] for entry in progress.history()) == sorted([*range(40)] * 3)
    assert (home / ".dojo" / "history.damaged.jsonl").read_bytes() == b"no entry\n"


def test_an_answer_that_is_a_file_is_known_by_what_the_file_has(tmp_path):
    task = SimpleNamespace(answer="file", entry="alerts.yaml")
    assignment = SimpleNamespace(folder=tmp_path, files_of=lambda task: (task.entry, "patch.yaml"))
    assert progress.answer_name(assignment, task, "") is None
    (tmp_path / "alerts.yaml").write_text("groups: []\n")
    first = progress.answer_name(assignment, task, "")
    (tmp_path / "alerts.yaml").write_text("groups: [1]\n")
    second = progress.answer_name(assignment, task, "")
    (tmp_path / "patch.yaml").write_text("spec: {}\n")
    assert len({first, second, progress.answer_name(assignment, task, ""), None}) == 4
