"""Runs proofs on all cores: the steps of many tasks, each thread with an engine of its own."""

import os
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from functools import partial

from grader.course.manifest import Assignment, Task
from grader.engine import Engine, Submitted

from .answers import solution_files
from .proof import Step, Trial


@dataclass(frozen=True)
class Work:
    """What is to be proved of one task."""

    assignment: Assignment
    task: Task
    steps: Sequence[Step]


@dataclass(frozen=True)
class Done:
    """One step that is over: its faults, and whether it was the last one of its task."""

    work: Work
    trial: Trial
    step: str
    faults: list[str]
    seconds: float
    last: bool


class Prover(Engine):
    """Gives the files beside the solution to every notebook but the one that is handed out."""

    def __init__(self, assignment: Assignment, level: str | None) -> None:
        super().__init__(assignment.engine(), level)
        self._beside = solution_files(assignment)

    def grade(self, submitted: str | list[str] | Submitted, **how: object) -> dict:
        if isinstance(submitted, str) and submitted != self.assignment.shipped:
            submitted = Submitted(submitted, contents=self._beside)
        return super().grade(submitted, **how)


class Engines:
    """Gives each thread engines of the assignment that it works on; those of the one before are closed."""

    def __init__(self) -> None:
        self._own = threading.local()
        self._started: list[Engine] = []

    def of(self, assignment: Assignment, level: str | None) -> Engine:
        """Return this thread's engine at a level (None: the best)."""
        own = self._own.__dict__
        if own.get("name") != assignment.name:
            for engine in own.get("engines", {}).values():
                engine.close()
            own |= {"name": assignment.name, "engines": {}}
        if level not in own["engines"]:
            own["engines"][level] = Prover(assignment, level)
            self._started.append(own["engines"][level])
        return own["engines"][level]

    def close(self) -> None:
        for engine in self._started:
            engine.close()


def run(work: Sequence[Work], jobs: int | None = None) -> Iterator[Done]:
    """Run the steps of many tasks on `jobs` cores (None: all); yield each step that is over.

    Once a step of a task has found a fault, those that have not begun are left out.
    """
    engines, threads = Engines(), ThreadPoolExecutor(jobs or os.cpu_count())
    futures, left = {}, Counter()
    for one in work:
        trial = Trial(one.assignment, one.task, partial(engines.of, one.assignment))
        left[one.task.id] = len(one.steps)
        futures |= {threads.submit(_run, trial, step): (one, trial, step) for step in one.steps}
    try:
        for future in as_completed(futures):
            one, trial, step = futures[future]
            faults, seconds = future.result()
            left[one.task.id] -= 1
            yield Done(one, trial, _title(step), faults, seconds, not left[one.task.id])
    finally:
        threads.shutdown(wait=False, cancel_futures=True)
        engines.close()


def _run(trial: Trial, step: Step) -> tuple[list[str], float]:
    start = time.monotonic()
    if trial.faults:
        return [], 0
    try:
        faults = list(step(trial))
    except Exception as error:
        faults = [f"{_title(step)}: {type(error).__name__}: {error}"]
    trial.faults.extend(faults)
    return faults, time.monotonic() - start


def _title(step: Step) -> str:
    text = getattr(step, "func", step).__doc__.splitlines()[0].rstrip(".")
    return text[0].lower() + text[1:]
