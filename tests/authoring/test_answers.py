"""Stored answers take the place of the solution's definition and nothing else."""

import ast
from types import SimpleNamespace

import pytest

from grader.authoring.answers import load_answers, notebook_with
from grader.course.manifest import assignments
from grader.engine.inside.loader import Loader
from grader.engine.inside.notebook import Notebook

SOLUTION = """import marimo

app = marimo.App()


@app.function
def total(numbers):
    return sum(numbers) + zero()


@app.function
def zero():
    return 0
"""


@pytest.fixture
def assignment(tmp_path):
    """An assignment of one task, with a variant."""
    (tmp_path / "solution.py").write_text(SOLUTION)
    (tmp_path / "variants").mkdir()
    loop = "    found = 0\n    for number in numbers:\n        found += number\n    return found\n"
    (tmp_path / "variants" / "1.1_loop.py").write_text(f'"""A loop."""\n\ndef total(numbers):\n{loop}')
    task = SimpleNamespace(id="1.1", entry="total", answer="function")
    return SimpleNamespace(name="toy", tasks=[task], solution=tmp_path / "solution.py", checks=tmp_path)


def edited(assignment, **entry):
    """Store one misconception as an edit and load it."""
    fields = {"task": "1.1", "name": "wrong", "says": "too small", **entry}
    lines = [f"{key} = {value!r}" for key, value in fields.items()]
    (assignment.checks / "misconceptions.toml").write_text("\n".join(["[[misconceptions]]", *lines]))
    [answer] = load_answers(assignment, "misconceptions")
    return answer


def test_the_answer_replaces_the_definition_alone():
    text = notebook_with(
        SOLUTION, "import math\n\ndef total(numbers):\n    return math.fsum(numbers)\n", "total"
    )
    loader = Loader(Notebook.parse(text))
    assert loader.load("total")([1, 2]) == 3 and loader.load("zero")() == 0
    assert text.count("def total") == 1 and "math.fsum" in text


def test_a_solution_without_the_definition_is_refused():
    with pytest.raises(ValueError, match="does not define `nothing` once"):
        notebook_with(SOLUTION, "", "nothing")


@pytest.mark.parametrize(
    ("entry", "total"),
    [
        ({"edits": [["sum(", "max("]]}, 2),
        ({"edits": [["sum(", "max("], ["zero()", "1"]]}, 3),
        ({"edits": [["0", "7"]], "cell": "zero"}, 10),
        ({"edits": [["+=", "="]], "variant": "loop"}, 2),
    ],
)
def test_an_edit_changes_solution_helper_or_variant(assignment, entry, total):
    answer = edited(assignment, **entry)
    assert (answer.name, answer.summary) == ("1.1_wrong", "too small")
    assert Loader(Notebook.parse(answer.notebook)).load("total")([1, 2]) == total


@pytest.mark.parametrize(
    ("entry", "reason"),
    [
        ({"edits": [["maximum", "max"]]}, "'maximum', which occurs 0 times"),
        ({"edits": [["numbers", "n"]]}, "'numbers', which occurs 2 times"),
        ({"edits": [["sum(", "max("]], "task": "9.9"}, "not about a task of toy"),
        ({"edits": [["sum(", "max("]], "sais": "typo"}, "sais"),
        ({"edits": []}, "edits"),
    ],
)
def test_an_edit_that_does_not_fit_is_refused(assignment, entry, reason):
    with pytest.raises(ValueError, match=reason):
        edited(assignment, **entry)


@pytest.fixture
def of_files(assignment):
    """The same, where two files answer."""
    assignment.tasks[0].answer, assignment.tasks[0].entry = "file", "a.yaml"
    assignment.file_names = ("a.yaml", "more/b.txt")
    (assignment.checks / "solution" / "more").mkdir(parents=True)
    (assignment.checks / "solution" / "a.yaml").write_text("a: 1")
    (assignment.checks / "solution" / "more" / "b.txt").write_text("b")
    (assignment.checks / "variants" / "1.1_loop.py").unlink()
    stored = 'summary = "another"\n[files]\n"a.yaml" = "a: 2"\n'
    (assignment.checks / "variants" / "1.1_two.toml").write_text(stored)
    return assignment


def test_files_are_stored_as_the_files_that_differ(of_files):
    [variant] = load_answers(of_files, "variants")
    assert (variant.name, variant.summary) == ("1.1_two", "another")
    assert variant.notebook.files == {"a.yaml": "a: 2", "more/b.txt": "b"}
    for entry, files in (
        ({"edits": [["1", "3"]]}, {"a.yaml": "a: 3", "more/b.txt": "b"}),
        ({"edits": [["b", "c"]], "file": "more/b.txt"}, {"a.yaml": "a: 1", "more/b.txt": "c"}),
        ({"edits": [["2", "4"]], "variant": "two"}, {"a.yaml": "a: 4", "more/b.txt": "b"}),
    ):
        assert edited(of_files, **entry).notebook.files == files
    with pytest.raises(ValueError, match=r"c\.yaml, which is not a file"):
        edited(of_files, edits=[["a", "b"]], file="c.yaml")


@pytest.mark.parametrize("assignment", assignments(), ids=lambda assignment: assignment.name)
@pytest.mark.parametrize("kind", ["variants", "misconceptions"])
def test_every_stored_answer_fits_into_its_notebook(assignment, kind):
    solution = assignment.solution.read_text(encoding="utf-8")
    for answer in load_answers(assignment, kind):
        ast.parse(answer.notebook)
        if answer.task.answer == "file":
            names = set(assignment.file_names)
            assert set(answer.notebook.files) == names and answer.notebook.notebook == solution
            continue
        assert Notebook.parse(answer.notebook).definition(answer.task.entry) is not None
        assert answer.notebook != solution
