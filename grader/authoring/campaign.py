"""What `dojo author check` does: decides what has to be proved or sampled, has it run, and writes the evidence."""

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

from grader.course.manifest import ROOT, Assignment, Task, assignments

from . import appearance, conformance, evidence, housekeeping, prover
from .proof import CHEAP, STEPS, Step, sample_holds, solution_passes_live
from .prover import Done, Work
from .rotation import commits

Say = Callable[[str], None]
Tasks = Sequence[tuple[Assignment, Task]]


def quick(tasks: Tasks, say: Say, jobs: int | None) -> list[str]:
    """Return what can be found in seconds: what is not built, stray or against the rules; solutions that fail."""
    faults = housekeeping.faults(_assignments(tasks))
    return faults or _run([Work(*pair, [solution_passes_live]) for pair in tasks], say, jobs)


def prove(tasks: Tasks, say: Say, jobs: int | None, changed: bool) -> list[str]:
    """Prove the tasks, and the pages of whole assignments; return the faults.

    With `changed`, only what is stale: in full where something that the proof rests on has changed, the cheap part
    where the engine behaves otherwise, a sample where the engine's text has changed and its behaviour has not.
    """
    if faults := housekeeping.faults(_assignments(tasks)):
        return faults
    if faults := conformance.settle(say):
        return faults
    work, rests_on = [], {}
    for assignment, task in tasks:
        steps, why = _due(assignment, task) if changed else (STEPS, "to be proved")
        say(f"{task.id}: {why}")
        if steps:
            work.append(Work(assignment, task, steps))
        if steps == STEPS:
            rests_on[task.id] = evidence.task_rests_on(assignment, task)
    pages = [page for page in _pages(tasks) if not changed or evidence.page_changes(page)]
    return [*_run(work, say, jobs, partial(_note, rests_on)), *_look(pages, say, jobs)]


def _due(assignment: Assignment, task: Task) -> tuple[Sequence[Step], str]:
    """What has to be run of a task, and why."""
    if changes := evidence.changes(assignment, task):
        return STEPS, f"to be proved: {evidence.some(changes)}"
    record = evidence.read(assignment.name)[task.id]
    if evidence.behaves_otherwise(assignment, task):
        return CHEAP, "its cheap part: the engine behaves otherwise than in its proof"
    if not evidence.is_sampled(assignment, task):
        alive = set(record["figures"]["mutants"]["alive"])
        return [partial(sample_holds, alive=alive)], "a sample: the engine's text has changed since its proof"
    return [], f"proved on {record['proved']}"


def _run(
    work: Sequence[Work], say: Say, jobs: int | None, note: Callable[[Done], None] = lambda done: None
) -> list[str]:
    faults = []
    for done in prover.run(work, jobs):
        task = done.work.task.id
        faults += [f"{task}: {fault}" for fault in done.faults]
        if done.seconds:
            found = f" FAULTS: {len(done.faults)}" if done.faults else ""
            say(f"{task}: {done.step} ({done.seconds:.0f} s){found}")
        if done.last and not done.trial.faults:
            note(done)
    return faults


def _note(rests_on: dict[str, evidence.Rests], done: Done) -> None:
    work, figures = done.work, done.trial.figures
    if work.steps == STEPS:
        evidence.write_task(work.assignment, work.task, figures, rests_on[work.task.id])
    else:
        cases = figures.get("cases") or figures["variants"] + figures["misconceptions"] + 2
        evidence.write_sample(work.assignment, work.task, commits(), cases)


def _look(pages: Sequence[Path], say: Say, jobs: int | None) -> list[str]:
    faults = []
    with ThreadPoolExecutor(jobs or os.cpu_count()) as threads:
        for page, complaints in zip(pages, threads.map(appearance.look, pages), strict=True):
            name = page.relative_to(ROOT)
            found = f" FAULTS: {len(complaints)}" if complaints else ""
            say(f"{name}: can be read, wide and narrow, light and dark{found}")
            faults += [f"{name}: {complaint}" for complaint in complaints]
            if not complaints:
                evidence.write_page(page)
    return faults


def _assignments(tasks: Tasks) -> list[Assignment]:
    return list(dict.fromkeys(assignment for assignment, _ in tasks))


def _pages(tasks: Tasks) -> Iterator[Path]:
    """The notebooks of those assignments whose tasks are all there, and the front page if all of the course are."""
    whole = [one for one in _assignments(tasks) if all((one, task) in tasks for task in one.tasks)]
    yield from (page for assignment in whole for page in housekeeping.notebooks(assignment))
    if len(whole) == len(assignments()):
        yield ROOT / "notebooks" / "home.py"
