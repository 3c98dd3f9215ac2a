"""Proof that an assignment is fair: what is right passes, what is wrong does not, whatever the style and the seed."""

import hashlib
import json
import os
import tomllib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from grader.engine import Engine, IsolationUnavailable
from grader.engine.scoring import DONE
from grader.engine.worker.loader import Notebook
from grader.engine.workers import LEVELS
from grader.manifest import ROOT, Assignment, Task

from .answers import stored, submitted, trivial
from .mutants import mutants

SEEDS, FULL = 20, 3  # secrets under which the solution has to pass: what runs live, and everything
KILLED = 0.95  # the share of mutants that must die, survivors that are explained left aside
TRIVIAL = ("None", "0", "''", "[]", "{}", "True", "ARGUMENT")
DEPENDS = ("cardshop", "datasets/species.csv", "grader/engine", "grader/claims.py", "grader/authoring")

Say = Callable[[str], None]


def prove(assignment: Assignment, say: Say) -> list[str]:
    """Prove everything about an assignment, telling `say` how far it is; return what could not be proved.

    When everything is proved, the figures are written to `evidence/<assignment>.json`.
    """
    solution = assignment.solution.read_text(encoding="utf-8")
    figures: dict[str, object] = {}
    steps = (_built, _levels, _shipped, _variants, _misconceptions, _trivial, _mutants, _seeds)
    faults = [f"{assignment.name}: {fault}" for step in steps
              for fault in _told(step, assignment, solution, figures, say)]
    if not faults:
        evidence = _evidence(assignment)
        evidence.parent.mkdir(exist_ok=True)
        evidence.write_text(json.dumps({"content": content_hash(assignment), **figures}, indent=2) + "\n")
    return faults


def evidence_is_current(assignment: Assignment) -> bool:
    """Whether everything was proved and nothing that the proof rests on has changed since."""
    try:
        return json.loads(_evidence(assignment).read_text())["content"] == content_hash(assignment)
    except (OSError, ValueError, KeyError):
        return False


def content_hash(assignment: Assignment) -> str:
    """A hash of everything that the proof rests on."""
    checks = sorted(assignment.checks.rglob("*.py"))
    used = "".join(file.read_text(encoding="utf-8") for file in checks)
    shared = [file for file in sorted(assignment.checks.parent.glob("*.py")) if f"grader.checks.{file.stem}" in used]
    files = [assignment.solution, assignment.exercise, *checks, *shared, *sorted(assignment.checks.glob("*.toml"))]
    for part in DEPENDS:
        files += sorted((ROOT / part).rglob("*.py")) if (ROOT / part).is_dir() else [ROOT / part]
    whole = hashlib.sha256(str(assignment).replace(str(ROOT), "").encode())
    for file in files:
        whole.update(str(file.relative_to(ROOT)).encode() + file.read_bytes())
    return whole.hexdigest()


def _evidence(assignment: Assignment) -> Path:
    return ROOT / "evidence" / f"{assignment.name}.json"


def _told(step: Callable, assignment: Assignment, solution: str, figures: dict, say: Say) -> list[str]:
    faults = list(step(assignment, solution, figures))
    say(f"{assignment.name}: {step.__doc__.splitlines()[0].rstrip('.').lower()}: "
        f"{'proved' if not faults else f'{len(faults)} faults'}")
    return faults


def _built(assignment: Assignment, solution: str, figures: dict) -> Iterator[str]:
    """The exercise is what the solution builds."""
    if not assignment.exercise.exists() or assignment.exercise.read_text(encoding="utf-8") != assignment.shipped():
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
        yield from (f"the solution of {task['id']} is {task['verdict']} at level {level}: {_messages(task)}"
                    for task in result["tasks"] if not _full_marks(task))
    figures["levels"] = tried


def _shipped(assignment: Assignment, solution: str, figures: dict) -> Iterator[str]:
    """As shipped nothing is attempted."""
    with Engine(assignment.engine()) as engine:
        result = engine.grade(assignment.shipped())
    yield from (f"{task['id']} is {task['verdict']} as shipped" for task in result["tasks"]
                if task["verdict"] != "not_attempted")


def _variants(assignment: Assignment, solution: str, figures: dict) -> Iterator[str]:
    """Right answers in other styles have full marks."""
    answers = stored(assignment, "variants")
    figures["variants"] = len(answers)
    with Engine(assignment.engine()) as engine:
        for answer in answers:
            task = _graded(engine, submitted(solution, answer.code, answer.task.entry), answer.task)
            if not _full_marks(task):
                yield f"the right answer {answer.path.name} is {task['verdict']}: {_messages(task)}"


def _misconceptions(assignment: Assignment, solution: str, figures: dict) -> Iterator[str]:
    """Wrong answers fail, each with its message."""
    answers = stored(assignment, "misconceptions")
    figures["misconceptions"] = len(answers)
    with Engine(assignment.engine()) as engine:
        for answer in answers:
            task = _graded(engine, submitted(solution, answer.code, answer.task.entry), answer.task)
            if task["verdict"] in DONE:
                yield f"the wrong answer {answer.path.name} passes"
            elif answer.summary not in _messages(task):
                yield f"the feedback on {answer.path.name} does not say “{answer.summary}” but: {_messages(task)}"


def _trivial(assignment: Assignment, solution: str, figures: dict) -> Iterator[str]:
    """Constants and the argument itself score nothing."""
    with Engine(assignment.engine()) as engine:
        for task in assignment.tasks:
            for value in TRIVIAL:
                text = submitted(solution, trivial(solution, task, value), task.entry)
                if (score := _graded(engine, text, task)["score"]) != 0:
                    yield f"{task.id} gives {score:g} points for `return {value}`"


def _mutants(assignment: Assignment, solution: str, figures: dict) -> Iterator[str]:
    """Mutants of the solution die."""
    file = assignment.checks / "survivors.toml"
    explained = {(one["task"], one["change"]) for one in
                 (tomllib.loads(file.read_text(encoding="utf-8"))["survivors"] if file.exists() else [])}
    figures["mutants"] = {}
    with Engine(assignment.engine()) as engine:
        for task in assignment.tasks:
            definition = Notebook.parse(solution).definition(task.entry)
            definition.decorator_list = []
            every = mutants(definition)
            alive = [mutant for mutant in every if _survives(engine, solution, mutant.code, task)]
            unexplained = [mutant for mutant in alive if (task.id, mutant.change) not in explained]
            figures["mutants"][task.id] = {"made": len(every), "alive": len(alive), "unexplained": len(unexplained)}
            if len(unexplained) > (1 - KILLED) * len(every):
                yield from (f"{task.id} passes with `{mutant.change}`" for mutant in unexplained)


def _survives(engine: Engine, solution: str, code: str, task: Task) -> bool:
    text = submitted(solution, code, task.entry)
    return all(engine.grade(text, tasks=[task.id], live=live)["tasks"][0]["verdict"] in DONE for live in (True, False))


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

