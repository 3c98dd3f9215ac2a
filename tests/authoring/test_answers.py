"""Stored answers take the place of the solution's definition and nothing else."""

import ast
from types import SimpleNamespace

import pytest

from grader.authoring.answers import load_answers, notebook_with
from grader.course.manifest import assignments
from grader.engine import Submitted
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


@pytest.mark.parametrize("assignment", assignments(), ids=lambda assignment: assignment.name)
@pytest.mark.parametrize("kind", ["variants", "misconceptions"])
def test_every_stored_answer_fits_into_its_notebook(assignment, kind):
    solution = assignment.solution.read_text(encoding="utf-8")
    for answer in load_answers(assignment, kind):
        if answer.task.answer == "file":
            assert answer.notebook.contents[answer.task.entry]
            continue
        notebook = Submitted.of(answer.notebook).notebook
        ast.parse(notebook)
        assert Notebook.parse(notebook).definition(answer.task.entry) is not None
        assert notebook != solution


def test_files_of_a_function_lie_in_a_folder_beside_it(assignment):
    assignment.file_names = ("notes.txt", "rules.txt")
    for place, name in (
        ("solution", "notes.txt"),
        ("solution", "rules.txt"),
        ("variants/1.1_loop", "notes.txt"),
    ):
        (assignment.checks / place).mkdir(exist_ok=True)
        (assignment.checks / place / name).write_text(place)
    [loop] = load_answers(assignment, "variants")
    assert loop.notebook.contents == {"notes.txt": "variants/1.1_loop", "rules.txt": "solution"}


def test_an_answer_that_is_a_file_lies_in_a_folder_and_can_be_edited(assignment):
    assignment.tasks.append(SimpleNamespace(id="1.2", entry="alerts/one.yaml", answer="file"))
    assignment.file_names = ("alerts/one.yaml",)
    for place, text in (("solution", "for: 5m\n"), ("variants/1.2_long", "# Waits longer.\nfor: 1h\n")):
        file = assignment.checks / place / "alerts" / "one.yaml"
        file.parent.mkdir(parents=True)
        file.write_text(text)
    loop, long = load_answers(assignment, "variants")
    assert (loop.name, long.name, long.summary) == ("1.1_loop", "1.2_long", "Waits longer.")
    assert long.notebook.contents == {"alerts/one.yaml": "# Waits longer.\nfor: 1h\n"}
    wrong = edited(assignment, task="1.2", edits=[["for: 5m", "for: 0m"]])
    assert wrong.notebook.contents == {"alerts/one.yaml": "for: 0m\n"}
    wrong = edited(assignment, task="1.2", edits=[["for: 1h", "for: 0m"]], variant="long")
    assert wrong.notebook.contents["alerts/one.yaml"].endswith("for: 0m\n")
