"""Live checks: the verdict of a task a blink after its cell ran.

The learner's code is never called here. The source of the notebook's cells goes to the engine, which
loads it in a worker of its own; a hang costs a timeout, never the kernel.
"""

import atexit
import threading
from collections.abc import Callable
from contextlib import suppress
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

import marimo as mo

from grader.page import cells, recording
from grader.page.verdict import Report

if TYPE_CHECKING:
    from grader.course.manifest import Assignment, Task
    from grader.engine import Engine


def check(task_id: str, answer: Callable[[], object] | None = None) -> Report:
    """Check a task live: `check("1.1a", lambda: clean_cards)`.

    The lambda names what the verdict depends on, so that marimo runs the cell again when it changes, and also
    when it vanishes because its cell cannot be read any more. What it names is looked up and never called.
    """
    try:
        assignment, task = find(task_id)
    except LookupError as error:
        return Report(task_id, problem=error.args[0])
    if not recording.interactive():
        return Report(task_id, task=task, problem=f"`dojo check {task_id}` checks it from a terminal.")
    if answer is not None and not _readable(answer):
        return Report(task_id, {"verdict": "unreadable"}, task, **_doing(assignment, task_id))
    if task_id in _reports:
        mo.output.replace(_reports[task_id].while_checking())
    source = cells.codes()
    try:
        result = _grade(assignment, source, task_id)
    except Exception as error:  # whatever the engine meets, the notebook continues
        return Report(task_id, task=task, problem=str(error) or type(error).__name__)
    note = _record(assignment, task, result, source)
    _reports[task_id] = Report(task_id, result, task, note=note, **_doing(assignment, task_id))
    return _reports[task_id]


_reports: dict[str, Report] = {}  # the last one of each task, to be shown while the next is made


def _doing(assignment: "Assignment", task_id: str) -> dict[str, Any]:
    """What a report needs for its buttons."""
    return {"assignment": assignment, "in_full": lambda: _in_full(task_id)}


def _readable(answer: Callable[[], object]) -> bool:
    """Whether the name in the lambda has a value. Anything but a lambda is the learner's function: not called."""
    if getattr(answer, "__name__", "") != "<lambda>":
        return True
    try:
        answer()
    except NameError:
        return False
    return True


def _in_full(task_id: str) -> tuple[dict[str, Any], str | None]:
    """Run every check of a task; return the result, and a sentence if it was not recorded."""
    assignment, task = find(task_id)
    source = cells.codes()
    result = _grade(assignment, source, task_id, live=False)
    return result, _record(assignment, task, result, source, live=False)


def find(task_id: str) -> "tuple[Assignment, Task]":
    """Return a task and its assignment. Raises LookupError with a sentence."""
    from grader.course import manifest

    every = manifest.tasks()
    if task_id in every:
        return every[task_id]
    near = get_close_matches(task_id, every, 1, 0)
    raise LookupError(
        f"There is no task {task_id}; the nearest is {near[0]}." if near else "There are no tasks."
    )


def _grade(
    assignment: "Assignment", source: list[str] | str, task_id: str, live: bool = True
) -> dict[str, Any]:
    from grader.course.handin import submitted

    engine, ready = _engine(assignment)
    if not ready.is_set():
        with mo.status.spinner("Starting the grader. This happens once.", remove_on_exit=True):
            ready.wait()
    try:
        side = "solution" if cells.filename() == assignment.solution.resolve() else "exercise"
        given = submitted(assignment, engine.assignment, source, side)
        return engine.grade(given, name="notebook", tasks=[task_id], live=live)["tasks"][-1]
    except BaseException:  # an interrupt in the middle leaves a reply in the pipe
        _drop(assignment.name)
        raise


_engines: dict[str, "tuple[Engine, threading.Event]"] = {}
_lock = threading.Lock()


def _engine(assignment: "Assignment") -> "tuple[Engine, threading.Event]":
    with _lock:
        if assignment.name not in _engines:
            from grader.engine import Engine

            engine, ready = Engine(assignment.engine()), threading.Event()
            _engines[assignment.name] = engine, ready
            threading.Thread(target=_start, args=(engine, ready), daemon=True).start()
        return _engines[assignment.name]


def _start(engine: "Engine", ready: threading.Event) -> None:
    with suppress(Exception):  # the first check meets the same problem, and reports it
        _ = engine.isolation
    ready.set()


def _drop(name: str) -> None:
    with _lock:
        found = _engines.pop(name, None)
    if found:
        threading.Thread(target=found[0].close, daemon=True).start()


@atexit.register
def _close() -> None:
    for name in list(_engines):
        engine, _ready = _engines.pop(name)
        engine.close()


def title(name: str) -> str:
    """Return the heading of a task ("1.1a") or checkpoint ("CP-1"). Raises LookupError with a sentence."""
    from grader.course import manifest

    named = {assignment.name: assignment for assignment in manifest.assignments()}
    return f"{name} {(named.get(name) or find(name)[1]).title}"


def warm() -> None:
    """Start the engine of the open exercise in the background, so that its first check is quick, too."""
    notebook = cells.filename()
    if notebook is None or not recording.interactive():
        return
    with suppress(Exception):  # warming is a courtesy
        from grader.course import manifest

        for assignment in manifest.assignments():
            if notebook in (assignment.exercise.resolve(), assignment.solution.resolve()):
                _engine(assignment)


def _record(
    assignment: "Assignment", task: "Task", result: dict[str, Any], source: list[str] | str, live: bool = True
) -> str | None:
    """Record an attempt; unchanged code run again is none, nor is a function that is missing or cannot be read."""
    from grader.course.progress import answer_name

    digest = answer_name(assignment, task, source)
    if digest is None or result["verdict"] in ("not_attempted", "blocked"):
        return None
    before = recording.remembered("attempt", task.id)
    same = before and before[-1].get("code") == digest and before[-1].get("verdict") == result["verdict"]
    if same and before[-1].get("live", live) == live:
        return None
    return recording.record(
        "attempt",
        key=task.id,
        task=task.id,
        verdict=result["verdict"],
        score=result["score"],
        max_score=result["max_score"],
        live=live,
        code=digest,
    )


warm()
