"""Proof that an assignment is fair: what is right passes, what is wrong does not, whatever the style and the seed."""

import os
import tomllib
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from grader.course.manifest import Assignment, Task
from grader.engine import Engine, IsolationUnavailable
from grader.engine.pool import LEVELS
from grader.engine.scoring import DONE

from . import evidence
from .answers import constant_answer, definitions_to_write, load_answers, notebook_with
from .mutants import mutants

SEEDS, FULL = 20, 3  # secrets under which the solution has to pass: what runs live, and everything
KILLED = 0.95  # the share of mutants that must die, survivors that are explained left aside
TRIVIAL = ("None", "0", "''", "[]", "{}", "True", "ARGUMENT")

Say = Callable[[str], None]


def prove(assignment: Assignment, say: Say) -> list[str]:
    """Prove everything about an assignment, telling `say` how far it is; return what could not be proved.

    When everything is proved, the figures are written to the evidence.
    """
    solution = assignment.solution.read_text(encoding="utf-8")
    figures: dict[str, object] = {}
    steps = (_built, _levels, _shipped, _variants, _misconceptions, _trivial, _mutants, _seeds)
    faults = [
        f"{assignment.name}: {fault}"
        for step in steps
        for fault in _told(step, assignment, solution, figures, say)
    ]
    if not faults:
        evidence.write(assignment, "content", figures)
    return faults


def _told(step: Callable, assignment: Assignment, solution: str, figures: dict, say: Say) -> list[str]:
    faults = list(step(assignment, solution, figures))
    say(
        f"{assignment.name}: {step.__doc__.splitlines()[0].rstrip('.').lower()}: "
        f"{'proved' if not faults else f'{len(faults)} faults'}"
    )
    return faults


def _built(assignment: Assignment, solution: str, figures: dict) -> Iterator[str]:
    """The exercise is what the solution builds."""
    if (
        not assignment.exercise.exists()
        or assignment.exercise.read_text(encoding="utf-8") != assignment.shipped()
    ):
        yield f"{assignment.exercise.name} is not what the solution builds; run `dojo author build`"


def _levels(assignment: Assignment, solution: str, figures: dict) -> Iterator[str]:
    """The solution has full marks at each isolation level."""
    tried = []
    for level in LEVELS:
        try:
            with Engine(assignment.engine(), level) as engine:
                result = engine.grade(solution)
        except IsolationUnavailable:
            continue
        tried.append(level)
        yield from (
            f"the solution of {task['id']} is {task['verdict']} at level {level}: {_messages(task)}"
            for task in result["tasks"]
            if not _full_marks(task)
        )
    figures["levels"] = tried


def _shipped(assignment: Assignment, solution: str, figures: dict) -> Iterator[str]:
    """As shipped nothing is attempted."""
    with Engine(assignment.engine()) as engine:
        result = engine.grade(assignment.shipped())
    yield from (
        f"{task['id']} is {task['verdict']} as shipped"
        for task in result["tasks"]
        if task["verdict"] != "not_attempted"
    )


def _variants(assignment: Assignment, solution: str, figures: dict) -> Iterator[str]:
    """Right answers in other styles have full marks."""
    answers = load_answers(assignment, "variants")
    figures["variants"] = len(answers)
    with Engine(assignment.engine()) as engine:
        for answer in answers:
            task = _graded(engine, answer.notebook, answer.task)
            if not _full_marks(task):
                yield f"the right answer {answer.name} is {task['verdict']}: {_messages(task)}"


def _misconceptions(assignment: Assignment, solution: str, figures: dict) -> Iterator[str]:
    """Wrong answers fail, each with its message."""
    answers = load_answers(assignment, "misconceptions")
    figures["misconceptions"] = len(answers)
    with Engine(assignment.engine()) as engine:
        for answer in answers:
            task = _graded(engine, answer.notebook, answer.task)
            if task["verdict"] in DONE:
                yield f"the wrong answer {answer.name} passes"
            elif answer.summary not in _messages(task):
                yield f"the feedback on {answer.name} does not say “{answer.summary}” but: {_messages(task)}"


def _trivial(assignment: Assignment, solution: str, figures: dict) -> Iterator[str]:
    """Constants and the argument itself score nothing."""
    with Engine(assignment.engine()) as engine:
        for task in assignment.tasks:
            for value in TRIVIAL:
                text = notebook_with(solution, constant_answer(solution, task, value), task.entry)
                if (score := _graded(engine, text, task)["score"]) != 0:
                    yield f"{task.id} gives {score:g} points for `return {value}`"


def _mutants(assignment: Assignment, solution: str, figures: dict) -> Iterator[str]:
    """Mutants of the solution die."""
    file = assignment.checks / "survivors.toml"
    explained = {
        (one["task"], one["change"])
        for one in (tomllib.loads(file.read_text(encoding="utf-8"))["survivors"] if file.exists() else [])
    }
    figures["mutants"] = {}
    covered = {task.entry for task in assignment.tasks}
    with Engine(assignment.engine()) as engine:
        for task in assignment.tasks:
            every = [
                (name, mutant)
                for name, definition in definitions_to_write(solution, assignment.shipped(), task, covered)
                for mutant in mutants(definition)
            ]
            alive = {
                mutant.change
                for name, mutant in every
                if _survives(engine, solution, name, mutant.code, task)
            }
            unexplained = sorted(change for change in alive if (task.id, change) not in explained)
            figures["mutants"][task.id] = {
                "made": len(every),
                "alive": len(alive),
                "unexplained": len(unexplained),
            }
            if len(unexplained) > (1 - KILLED) * len(every):
                yield from (f"{task.id} passes with `{change}`" for change in unexplained)
            yield from (
                f"survivors.toml explains `{change}` of {task.id}, which dies or is no mutant any more"
                for one, change in sorted(explained)
                if one == task.id and change not in alive
            )


def _survives(engine: Engine, solution: str, name: str, code: str, task: Task) -> bool:
    text = notebook_with(solution, code, name)
    return all(
        engine.grade(text, tasks=[task.id], live=live)["tasks"][0]["verdict"] in DONE
        for live in (True, False)
    )


def _seeds(assignment: Assignment, solution: str, figures: dict) -> Iterator[str]:
    """The solution has full marks whatever the seed."""
    for number in range(SEEDS):
        with _secret(f"seed {number}"), Engine(assignment.engine()) as engine:
            for task in engine.grade(solution, live=number >= FULL)["tasks"]:
                if task["verdict"] not in DONE:
                    yield f"the solution of {task['id']} is {task['verdict']} under seed {number}: {_messages(task)}"
    figures["seeds"] = SEEDS


@contextmanager
def _secret(text: str) -> Iterator[None]:
    before = os.environ.get("DOJO_SECRET")
    os.environ["DOJO_SECRET"] = text
    try:
        yield
    finally:
        os.environ.pop("DOJO_SECRET") if before is None else os.environ.update(DOJO_SECRET=before)


def _graded(engine: Engine, text: str, task: Task) -> dict:
    return engine.grade(text, tasks=[task.id])["tasks"][0]


def _full_marks(task: dict) -> bool:
    return task["verdict"] in DONE and task["score"] == task["max_score"]


def _messages(task: dict) -> str:
    return "\n".join(check["message"] for check in task["checks"] if check["message"])
