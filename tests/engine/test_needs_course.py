"""From course.toml to a verdict: a course of two units, where the second builds on the first and asks for a file."""

import pytest

from grader.course import manifest, original, progress
from grader.course.handin import solved, submitted
from grader.engine import Engine
from tests.course.test_manifest import task

FIRST = """import marimo

app = marimo.App()


@app.function
def total(numbers):
    ### BEGIN SOLUTION
    return sum(numbers)
    ### END SOLUTION
"""
SECOND = """import marimo

app = marimo.App(app_title="Second")

with app.setup:
    from grader import mine


@app.function
def twice(numbers):
    ### BEGIN SOLUTION
    return 2 * mine("8.1")(numbers)
    ### END SOLUTION
"""
ALERTS = "groups:\n  ### BEGIN SOLUTION\n  - name: slow\n  ### END SOLUTION\n"
CHECKS = """
from grader.engine import checks, expect

@checks("9.1")
def test_twice(submission):
    expect(submission.twice([1, 2]) == 6, "6")

@checks("9.2")
def test_alerts(submission):
    expect("name: slow" in submission.file("alerts.yaml"), "a rule")
"""


@pytest.fixture
def second(tmp_path, monkeypatch) -> manifest.Assignment:
    head = 'title = "T"\nquestion = "Q"\npass_mark = 0.8\n'
    more = task("9.2", "alerts.yaml", 'answer = "file"')
    needs = task("9.1", "twice", 'needs = ["8.1"]')
    text = (
        f'[course]\ntitle = "Toy"\n[[units]]\nname = "08_first"\n{head}tasks = [{task("8.1", "total")}]\n'
        f'[[units]]\nname = "09_second"\n{head}tasks = [{needs}, {more}]\n'
    )
    monkeypatch.setattr(manifest, "ROOT", tmp_path)
    toy = manifest.read(text)
    monkeypatch.setattr(manifest, "course", lambda: toy)
    for name, content in {
        "solutions/08_first.py": FIRST,
        "solutions/09_second.py": SECOND,
        "solutions/09_second/alerts.yaml": ALERTS,
        "checks/09_second/test_second.py": CHECKS,
        "cardshop/__init__.py": "",
        "datasets/README.md": "",
    }.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(content)
    return toy.assignment("09_second")


def test_a_course_is_graded_as_it_is_stated(second):
    given = second.engine()
    assert given.files == {"alerts.yaml": "groups:\n"} and "[09_second]" in given.shipped
    assert [one.id for one in given.earlier] == ["8.1"] and given.preload == ()
    with Engine(given) as engine:

        def verdicts(submission: object) -> list[str]:
            return [one["verdict"] for one in engine.grade(submission)["tasks"]]

        assert verdicts(solved(second, given)) == ["passed", "passed"]
        assert verdicts(submitted(second, given, given.shipped)) == ["not_attempted", "not_attempted"]
        assert verdicts(submitted(second, given, SECOND)) == ["blocked", "not_attempted"]
        second.folder.mkdir(parents=True)
        (second.folder / "alerts.yaml").write_text("groups: []\n")
        (manifest.ROOT / "exercises/08_first.py").write_text(FIRST)
        assert verdicts(submitted(second, given, SECOND)) == ["passed", "failed"]


def test_a_file_is_an_answer_that_can_be_told_apart_and_put_back(second, tmp_path, monkeypatch):
    monkeypatch.setenv("DOJO_HOME", str(tmp_path / "home"))
    function, file = second.tasks
    assert original.write_files(second) == [] and original.write_files(second, ["9.1"]) == []
    start = progress.answer_name(second, file, SECOND)
    (second.folder / "alerts.yaml").write_text("groups: []\n")
    assert progress.answer_name(second, file, SECOND) not in (None, start)
    assert progress.answer_name(second, function, SECOND) == progress.code_name(SECOND, "twice")
    (copy,) = original.write_files(second, ["9.2"])
    assert copy.read_text() == "groups: []\n" and progress.answer_name(second, file, SECOND) == start
