"""A smoke of every unit: the solution is right, the exercise untouched, and a few wrong answers wrong."""

from collections.abc import Iterator

import pytest

from grader.authoring.answers import constant_answer, load_answers, notebook_with
from grader.course.manifest import Assignment, assignments
from grader.engine import Engine

TRIVIAL = ("None", "0", "''", "[]", "{}")


@pytest.fixture(scope="module", params=assignments(), ids=lambda assignment: assignment.name)
def graded(request: pytest.FixtureRequest) -> Iterator[tuple[Assignment, Engine]]:
    with Engine(request.param.engine()) as engine:
        yield request.param, engine


def test_the_solution_passes_what_runs_live(graded):
    assignment, engine = graded
    result = engine.grade(assignment.solution.read_text(encoding="utf-8"), live=True)
    assert {task["id"]: task["verdict"] for task in result["tasks"]} == {
        task.id: "review" if task.review else "passed" for task in assignment.tasks
    }, [check["message"] for task in result["tasks"] for check in task["checks"] if check["message"]]


def test_as_shipped_nothing_is_attempted(graded):
    assignment, engine = graded
    result = engine.grade(assignment.shipped())
    assert {task["verdict"] for task in result["tasks"]} == {"not_attempted"} and result["score"] == 0


@pytest.mark.parametrize("value", TRIVIAL)
def test_constants_score_nothing(graded, value):
    assignment, engine = graded
    solution = text = assignment.solution.read_text(encoding="utf-8")
    for task in assignment.tasks:
        text = notebook_with(text, constant_answer(solution, task, value), task.entry)
    result = engine.grade(text, live=True)
    assert result["score"] == 0 and not {task["verdict"] for task in result["tasks"]} & {"passed", "review"}


def test_the_first_misconception_of_each_task_is_caught(graded):
    assignment, engine = graded
    first = {answer.task.id: answer for answer in reversed(load_answers(assignment, "misconceptions"))}
    for answer in first.values():
        task = engine.grade(answer.notebook, tasks=[answer.task.id])["tasks"][0]
        assert task["verdict"] in ("failed", "error"), answer.name
        assert answer.summary in "\n".join(check["message"] for check in task["checks"]), answer.name
