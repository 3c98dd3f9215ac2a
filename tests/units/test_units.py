"""A smoke of the units that are due: the solution is right, the exercise untouched, and a few wrong answers wrong.

Due is what was not proved as it is now, and two other units in turn: so a course with many units is tested as quickly
as one with few. The proof itself is `dojo author check`.
"""

from collections.abc import Iterator
from itertools import cycle

import pytest

from grader.authoring import evidence
from grader.authoring.answers import constant_answer, load_answers, notebook_with
from grader.authoring.proof import CONSTANTS
from grader.authoring.prover import Prover
from grader.authoring.rotation import commits
from grader.course.handin import solved
from grader.course.manifest import Assignment, assignments
from grader.engine import Engine


@pytest.fixture(
    scope="module",
    params=[
        pytest.param(one, id=one.name, marks=pytest.mark.xdist_group(one.name))
        for one in evidence.due(assignments())
    ],
)
def graded(request: pytest.FixtureRequest) -> Iterator[tuple[Assignment, Engine]]:
    with Prover(request.param, None) as engine:
        yield request.param, engine


def test_the_solution_passes_what_runs_live(graded):
    assignment, engine = graded
    result = engine.grade(solved(assignment, engine.assignment), live=True)
    assert {task["id"]: task["verdict"] for task in result["tasks"]} == {
        task.id: "review" if task.review else "passed" for task in assignment.tasks
    }, [check["message"] for task in result["tasks"] for check in task["checks"] if check["message"]]


def test_as_shipped_nothing_is_attempted(graded):
    assignment, engine = graded
    result = engine.grade(assignment.shipped())
    assert {task["verdict"] for task in result["tasks"]} == {"not_attempted"} and result["score"] == 0


def test_constants_score_nothing(graded):
    """Every task has another constant for its answer, and with each commit the next one."""
    assignment, engine = graded
    solution = text = assignment.solution.read_text(encoding="utf-8")
    start = commits() % len(CONSTANTS)
    values = cycle(CONSTANTS[start:] + CONSTANTS[:start])
    functions = [task for task in assignment.tasks if task.answer == "function"]
    for task, value in zip(functions, values, strict=False):
        text = notebook_with(text, constant_answer(solution, task, value), task.entry)
    result = engine.grade(text, tasks=[task.id for task in functions], live=True)
    verdicts = {task["verdict"] for task in result["tasks"]}
    assert result["score"] == 0 and not verdicts & {"passed", "review"}


def test_the_first_misconception_of_each_task_is_caught(graded):
    assignment, engine = graded
    first = {answer.task.id: answer for answer in reversed(load_answers(assignment, "misconceptions"))}
    for answer in first.values():
        task = engine.grade(answer.notebook, tasks=[answer.task.id], first_failure=True)["tasks"][0]
        assert task["verdict"] in ("failed", "error"), answer.name
