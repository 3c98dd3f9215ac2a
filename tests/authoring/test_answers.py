"""Stored answers take the place of the solution's definition and nothing else."""

import ast

import pytest

from grader.authoring.answers import stored, submitted
from grader.course.manifest import assignments
from grader.engine.inside.loader import Loader
from grader.engine.inside.notebook import Notebook

SOLUTION = """import marimo

app = marimo.App()


@app.function
def total(numbers):
    return sum(numbers)


@app.function
def other():
    return 1
"""


def test_the_answer_replaces_the_definition_alone():
    text = submitted(SOLUTION, "import math\n\ndef total(numbers):\n    return math.fsum(numbers)\n", "total")
    notebook = Loader(Notebook.parse(text))
    assert notebook.load("total")([1, 2]) == 3 and notebook.load("other")() == 1
    assert text.count("def total") == 1 and "math.fsum" in text


def test_a_solution_without_the_definition_is_refused():
    with pytest.raises(ValueError, match="does not define `nothing` once"):
        submitted(SOLUTION, "", "nothing")


@pytest.mark.parametrize("assignment", assignments(), ids=lambda assignment: assignment.name)
@pytest.mark.parametrize("kind", ["variants", "misconceptions"])
def test_every_stored_answer_fits_into_its_notebook(assignment, kind):
    solution = assignment.solution.read_text(encoding="utf-8")
    for answer in stored(assignment, kind):
        text = submitted(solution, answer.code, answer.task.entry)
        ast.parse(text)
        assert Notebook.parse(text).definition(answer.task.entry) is not None
