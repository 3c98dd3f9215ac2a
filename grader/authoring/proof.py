"""Proof that a task is fair: what is right passes, what is wrong does not, whatever the style and the seed.

`STEPS` are the parts of the proof, quick ones first. Each is a generator of faults, as sentences, and may note figures.
They are independent of each other: `prover` runs them on all cores.
"""

import textwrap
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache, cached_property

from grader.course.manifest import Assignment, Task
from grader.engine import Engine
from grader.engine.pool import LEVELS
from grader.engine.scoring import DONE

from .answers import Answer, constant_answer, definitions_to_write, load_answers, notebook_with
from .mutants import mutants
from .rotation import turn

SEEDS, FULL = 20, 3  # secrets under which the solution has to pass: what runs live, and everything
KILLED = 0.95  # the share of mutants that must die, survivors that are explained left aside
CONSTANTS = ("None", "0", "''", "[]", "{}", "True", "ARGUMENT")
SAMPLE = 3  # mutants of a sample
SHOWN = 400  # letters of a message that a fault quotes


@dataclass(frozen=True)
class Trial:
    """A task on trial, and what came of it.

    `engine` gives an engine of the assignment at a level (None: the best).
    """

    assignment: Assignment
    task: Task
    engine: Callable[[str | None], Engine] = field(repr=False)
    figures: dict[str, object] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)

    @cached_property
    def solution(self) -> str:
        return self.assignment.solution.read_text(encoding="utf-8")

    def answers(self, kind: str) -> list[Answer]:
        """The stored answers to the task."""
        return [answer for answer in _answers(self.assignment, kind) if answer.task == self.task]

    def with_code(self, code: str, name: str = "") -> str:
        """The solution with `code` in place of the definition of `name` (default: the task's entry)."""
        return notebook_with(self.solution, code, name or self.task.entry)

    def grade(self, text: str, level: str | None = None, **how: object) -> dict:
        """The result of the task for this notebook; `how` as Engine.grade takes it."""
        return self.engine(level).grade(text, tasks=[self.task.id], **how)["tasks"][0]

    def passes(self, text: str, **how: object) -> bool:
        """Whether no check fails; the first that does is the last one."""
        return self.grade(text, first_failure=True, **how)["verdict"] in (*DONE, "not_run_here")


Step = Callable[[Trial], Iterator[str]]
_answers = cache(load_answers)


def solution_passes(trial: Trial) -> Iterator[str]:
    """The solution has full marks at each isolation level."""
    best = LEVELS.index(trial.engine(None).isolation)
    trial.figures["levels"] = LEVELS[best:]
    for level in LEVELS[best:]:
        result = trial.grade(trial.solution, None if level == LEVELS[best] else level)
        if not _full_marks(result):
            yield f"the solution is {result['verdict']} at level {level}: {_said(result)}"


def solution_passes_live(trial: Trial) -> Iterator[str]:
    """The solution passes live."""
    result = trial.grade(trial.solution, live=True)
    if result["verdict"] not in (*DONE, "not_run_here"):
        yield f"the solution is {result['verdict']}: {_said(result)}"


def shipped_is_untouched(trial: Trial) -> Iterator[str]:
    """As shipped it is not attempted."""
    if (verdict := trial.grade(trial.assignment.shipped())["verdict"]) != "not_attempted":
        yield f"as shipped it is {verdict}"


def misconceptions_are_told(trial: Trial) -> Iterator[str]:
    """Wrong answers fail, each with its message."""
    answers = trial.answers("misconceptions")
    trial.figures["misconceptions"] = len(answers)
    for answer in answers:
        yield from wrong_answer(trial, answer)


def wrong_answer(trial: Trial, answer: Answer) -> Iterator[str]:
    """A wrong answer fails with its message."""
    result = trial.grade(answer.notebook)
    if result["verdict"] in DONE:
        yield f"the wrong answer {answer.name} passes"
    elif answer.summary not in _messages(result):
        yield f"the feedback on {answer.name} does not say “{answer.summary}” but: {_said(result)}"


def variants_pass(trial: Trial) -> Iterator[str]:
    """Right answers in other styles have full marks."""
    answers = trial.answers("variants")
    trial.figures["variants"] = len(answers)
    for answer in answers:
        result = trial.grade(answer.notebook)
        if not _full_marks(result):
            yield f"the right answer {answer.name} is {result['verdict']}: {_said(result)}"


def constants_score_nothing(trial: Trial) -> Iterator[str]:
    """Constants and the argument itself score nothing."""
    for value in CONSTANTS if trial.task.answer == "function" else ():
        result = trial.grade(trial.with_code(constant_answer(trial.solution, trial.task, value)))
        if result["score"] != 0:
            yield f"{result['score']:g} points for `return {value}`"


def mutants_die(trial: Trial) -> Iterator[str]:
    """Mutants of the solution die."""
    explained = {one["change"] for one in entries(trial.assignment, trial.task, "survivors")}
    every = planted(trial)
    alive = {change for name, code, change in every if survives(trial, name, code)}
    trial.figures["mutants"] = {"made": len(every), "alive": sorted(alive)}
    unexplained = sorted(alive - explained)
    if len(unexplained) > (1 - KILLED) * len(every):
        yield from (f"it passes with `{change}`" for change in unexplained)
    yield from (
        f"survivors.toml explains `{change}`, which dies or is no mutant any more"
        for change in sorted(explained - alive)
    )


def planted(trial: Trial) -> list[tuple[str, str, str]]:
    """Return the mutants of all that a learner writes for the task: the definition's name, its code, the change.

    A helper that an earlier task needs too belongs to that one.
    """
    covered = {task.entry for task in trial.assignment.tasks}
    for task in trial.assignment.tasks:
        definitions = definitions_to_write(trial.solution, trial.assignment.shipped(), task, covered)
        if task == trial.task:
            break
    return [(name, one.code, one.change) for name, definition in definitions for one in mutants(definition)]


def survives(trial: Trial, name: str, code: str) -> bool:
    """Whether the task passes with this code in place of a definition, live and in full."""
    text = trial.with_code(code, name)
    return all(trial.passes(text, live=live) for live in (True, False))


def seeds_do_not_matter(trial: Trial) -> Iterator[str]:
    """The solution passes whatever the seed."""
    for number in range(SEEDS):
        how = {"live": number >= FULL, "secret": f"seed {number}"}
        if not trial.passes(trial.solution, **how):
            yield f"the solution fails under seed {number}: {_said(trial.grade(trial.solution, **how))}"
    trial.figures["seeds"] = SEEDS


def order_does_not_matter(trial: Trial) -> Iterator[str]:
    """Every stored answer ends the same with checks in another order and each call in a process of its own."""
    texts = {"the solution": trial.solution}
    for kind in ("variants", "misconceptions"):
        texts |= {answer.name: answer.notebook for answer in trial.answers(kind)}
    for name, text in texts.items():
        usual, scrambled = (trial.passes(text, live=True, scrambled=way) for way in (False, True))
        if usual != scrambled:
            ends = "passes" if usual else "fails"
            yield f"{name} {ends}, but not with its checks in another order and each call in a process of its own"


STEPS: tuple[Step, ...] = (
    shipped_is_untouched,
    solution_passes,
    misconceptions_are_told,
    variants_pass,
    constants_score_nothing,
    mutants_die,
    seeds_do_not_matter,
    order_does_not_matter,
)
CHEAP: tuple[Step, ...] = (shipped_is_untouched, solution_passes, misconceptions_are_told, variants_pass)


def sample_holds(trial: Trial, alive: set[str]) -> Iterator[str]:
    """A right answer, a wrong one and some mutants end as they did in the proof.

    With each commit it is the turn of others. `alive` are the changes that the mutants survived in the proof.
    """
    right = [("the solution", trial.solution)]
    right += [(answer.name, answer.notebook) for answer in trial.answers("variants")]
    wrong = [(answer.name, answer.notebook) for answer in trial.answers("misconceptions")]
    faults = [one for one in planted(trial) if one[2] not in alive]
    cases = [turn(right, 1), turn(wrong, 1), turn(faults, SAMPLE)]
    trial.figures["cases"] = sum(map(len, cases))
    yield from (f"{name} failed, which is right" for name, text in cases[0] if not trial.passes(text))
    yield from (f"{name} passes, which is wrong" for name, text in cases[1] if trial.passes(text))
    yield from (
        f"it passes with `{change}`" for name, code, change in cases[2] if survives(trial, name, code)
    )


def entries(assignment: Assignment, task: Task, name: str) -> list[dict]:
    """Return what `survivors.toml` or `misconceptions.toml` says of a task; nothing where there is no file."""
    file = assignment.checks / f"{name}.toml"
    every = tomllib.loads(file.read_text(encoding="utf-8"))[name] if file.exists() else []
    return [one for one in every if one["task"] == task.id]


def _full_marks(task: dict) -> bool:
    return task["verdict"] in DONE and task["score"] == task["max_score"]


def _messages(task: dict) -> str:
    return "\n".join(check["message"] for check in task["checks"] if check["message"])


def _said(task: dict) -> str:
    """The beginning of what a learner would read, for a fault."""
    return textwrap.shorten(_messages(task), SHOWN, placeholder=" …")
