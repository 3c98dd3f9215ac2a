"""Live checks against the toy course: the verdict, what is recorded, and what happens when things go wrong."""

from collections.abc import Iterator
from types import SimpleNamespace

import marimo as mo
import pytest

from grader import mine
from grader.course import effort, manifest
from grader.page import actions, cells, live, recording, verdict
from tests.conftest import ASSIGNMENT, SHIPPED, notebook


@pytest.fixture(scope="module", autouse=True)
def engines() -> Iterator[None]:
    yield
    live._close()


@pytest.fixture
def course(monkeypatch: pytest.MonkeyPatch, tmp_path) -> SimpleNamespace:
    """An editor session of the toy course; `write` changes the learner's notebook."""
    tasks = [
        SimpleNamespace(
            id=task.id,
            title=task.title,
            entry=task.entry,
            points=task.points,
            hints=["First *hint*", "Second", "Third"],
            public="",
            answer="function",
            design=SimpleNamespace(goal="add numbers", minutes=5),
        )
        for task in ASSIGNMENT.tasks
    ]
    assignment = SimpleNamespace(
        name="toy",
        tasks=tasks,
        engine=lambda: ASSIGNMENT,
        shipped=lambda: SHIPPED,
        exercise=tmp_path / "toy.py",
        solution=tmp_path / "solved.py",
        label="Exercises",
    )
    course = SimpleNamespace(source=SHIPPED, history=[], assignment=assignment)
    monkeypatch.setattr(manifest, "assignments", lambda: [assignment])
    monkeypatch.setattr(recording, "interactive", lambda: True)
    monkeypatch.setattr(
        recording, "record", lambda kind, **fields: course.history.append({"kind": kind, **fields})
    )
    monkeypatch.setattr(
        recording,
        "remembered",
        lambda kind, key: [
            entry for entry in course.history if entry["kind"] == kind and entry.get("key") == key
        ],
    )
    monkeypatch.setattr(cells, "codes", lambda: course.source)
    monkeypatch.setattr(actions, "_taken", {})
    return course


def shown(report: live.Report) -> str:
    return report._display_().text


def test_untouched(course: SimpleNamespace) -> None:
    report = live.check("1")
    assert report.verdict == "not_attempted" and not report.ok and course.history == []
    assert "Not attempted" in shown(report)
    with pytest.raises(mo.MarimoStopError):
        report.gate("The plot appears when 1 passes.")


def test_right(course: SimpleNamespace) -> None:
    course.source = notebook()
    report = live.check("1")
    assert report.ok and report.verdict == "passed" and "Passed" in shown(report)
    report.gate()
    live.check("1")
    assert [(entry["task"], entry["verdict"]) for entry in course.history] == [("1", "passed")]


def test_wrong(course: SimpleNamespace) -> None:
    course.source = notebook(total="return len(numbers)")
    report = live.check("1")
    assert report.verdict == "failed" and "Not yet" in shown(report) and "dojo-message" in shown(report)
    course.source = notebook(total="return -len(numbers)")
    live.check("1")
    assert len(course.history) == 2


def test_a_missing_function_is_no_attempt(course: SimpleNamespace) -> None:
    course.source = ["import polars as pl", "def totl(numbers):\n    return 3"]
    assert live.check("1").verdict == "error" and course.history == []


def test_the_first_failure_is_open_and_the_rest_folded() -> None:
    checks = [
        {"name": name, "verdict": word, "message": "why"}
        for name, word in [
            ("a", "passed"),
            ("b", "failed"),
            ("c", "error"),
            ("d", "not_run"),
            ("e", "passed"),
        ]
    ]
    text = "".join(verdict._checks(checks))
    assert (
        text.index(">b<")
        < text.index("<summary>c</summary>")
        < text.index("1 check not run")
        < text.index(">d<")
        < text.index("2 checks passed")
        < text.index(">a<")
    )
    assert text.count("<details>") == 3 and text.count("why") == 2
    assert "1 check passed" in "".join(verdict._checks(checks[:1]))


def test_cells_as_the_kernel_has_them(course: SimpleNamespace) -> None:
    course.source = ["import polars as pl", "def total(numbers):\n    return sum(numbers)"]
    assert live.check("1").ok


def test_hints_climb(course: SimpleNamespace) -> None:
    course.source = notebook(total="return 1")
    report = live.check("1")
    assert "<em>hint</em>" not in shown(report)
    report._actions._update({"next": 1})
    assert "<em>hint</em>" in shown(report) and "Second" not in shown(report)
    assert "<em>hint</em>" in shown(live.check("1"))  # they stay when the cell runs again
    assert [entry["rung"] for entry in course.history if entry["kind"] == "hint"] == [1]


def test_the_solution_opens_by_the_rule_of_the_command(course: SimpleNamespace) -> None:
    course.assignment.solution.write_text(notebook(total="return sum(numbers)"), encoding="utf-8")
    for number in (1, 2):
        course.source = notebook(total=f"return {number}")
        report = live.check("1")
    assert "opens after 1 more attempt" in shown(report) and "See a solution" not in shown(report)
    course.source = notebook(total="return 3")
    report = live.check("1")
    report._actions._update({"solution": 1})
    assert "sum" in shown(report) and course.history[-1]["kind"] == "solution"


def test_a_reset_asks_and_keeps_a_copy(
    course: SimpleNamespace, monkeypatch: pytest.MonkeyPatch, tmp_path
) -> None:
    monkeypatch.setenv("DOJO_HOME", str(tmp_path))
    file = course.assignment.exercise
    wrong = notebook(total="return 7")
    file.write_text(wrong, encoding="utf-8")
    monkeypatch.setattr(cells, "filename", lambda: file)
    course.source = wrong
    report = live.check("1")
    report._actions._update({"reset": 1})
    assert file.read_text(encoding="utf-8") == wrong and "Your version is saved first" in shown(report)
    report._actions._update({"sure": 1})
    assert "return 7" not in file.read_text(encoding="utf-8") and "back at the start" in shown(report)
    assert [copy.read_text(encoding="utf-8") for copy in (tmp_path / ".dojo" / "copies").iterdir()] == [wrong]


def test_a_reset_names_the_copy_of_every_file(
    course: SimpleNamespace, monkeypatch: pytest.MonkeyPatch, tmp_path
) -> None:
    monkeypatch.setenv("DOJO_HOME", str(tmp_path))
    files = {"base/app.yaml": "given: 1\n", "base/more.yaml": "given: 2\n"}
    course.assignment.folder, course.assignment.shipped_files = tmp_path, lambda: files
    course.assignment.files_of = lambda task: tuple(files)
    course.assignment.tasks[0].answer = "file"
    (tmp_path / "base").mkdir()
    for name in files:
        (tmp_path / name).write_text("mine\n")
    course.assignment.exercise.write_text(course.source, encoding="utf-8")
    monkeypatch.setattr(cells, "filename", lambda: course.assignment.exercise)
    report = live.check("1")
    report._actions._update({"reset": 1})
    report._actions._update({"sure": 1})
    assert [(tmp_path / name).read_text() for name in files] == list(files.values())
    said = shown(report)
    assert "app.yaml and .dojo/copies" in said and "more.yaml." in said


def test_the_estimate_is_compared_when_the_task_passes(
    course: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    live.check("1")._actions._update({"minutes": ["20 min"]})
    assert course.history == [{"kind": "estimate", "key": "1", "task": "1", "minutes": 20}]
    at = {"estimate": "2026-01-05T09:00:00+00:00", "attempt": "2026-01-05T09:12:00+00:00"}
    passed = {"kind": "attempt", "task": "1", "verdict": "passed"}
    entries = [{**entry, "at": at[entry["kind"]]} for entry in [*course.history, passed]]
    assert (
        effort.comparison(entries, "1", 5)
        == "You expected 20 minutes and took 12 minutes; the course plans 5 minutes."
    )
    entries[1]["at"] = "2026-01-06T09:00:00+00:00"  # a night is a break
    assert effort.measured(entries, "1") == effort.BREAK
    assert effort.comparison(entries[1:], "1", 5) == ""  # passed at once: nobody knows when it began


def test_an_unknown_task(course: SimpleNamespace) -> None:
    assert "There is no task 33; the nearest is 3." in shown(live.check("33"))


def test_nobody_there(course: SimpleNamespace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recording, "interactive", lambda: False)
    report = live.check("1")
    assert report.verdict == "not run" and not report.ok and "dojo check 1" in shown(report)
    monkeypatch.setenv("DOJO_GATES", "open")
    live.check("1").gate()


def test_an_interrupt_costs_the_engine_only(course: SimpleNamespace, monkeypatch: pytest.MonkeyPatch) -> None:
    course.source = notebook()
    engine, _ready = live._engine(course.assignment)

    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(engine, "grade", interrupted)
    with pytest.raises(KeyboardInterrupt):
        live.check("1")
    assert live._engine(course.assignment)[0] is not engine


def test_a_broken_engine_is_a_sentence(course: SimpleNamespace, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("no processes left on this machine")

    monkeypatch.setattr(live, "_grade", broken)
    assert "no processes left" in shown(live.check("1"))


def test_mine(course: SimpleNamespace) -> None:
    with pytest.raises(LookupError, match="1 is not solved yet: write `total`"):
        mine("1")
    course.assignment.exercise.write_text(notebook(), encoding="utf-8")
    assert mine("1")([1, 2]) == 3
    course.assignment.exercise.write_text(SHIPPED, encoding="utf-8")
    course.assignment.tasks[0].public = "math:fsum"
    assert mine("1")([1, 2]) == 3


def test_a_file_where_there_is_no_kernel() -> None:
    assert cells.codes() == [] or isinstance(cells.codes(), str)
