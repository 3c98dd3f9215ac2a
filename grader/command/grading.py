"""What checking and grading share: what an id means, the isolation level, and a refusal in a sentence."""

import signal
from typing import TYPE_CHECKING, NoReturn

from grader.course import manifest
from grader.course.manifest import Assignment
from grader.engine.assignment import Submitted

from .output import nearest, stop

if TYPE_CHECKING:
    from grader.engine import Engine


def wanted(id: str) -> tuple[Assignment, list[str] | None]:
    """Return the assignment that an id names, with the tasks that are meant (None: all); end the command if none."""
    every = manifest.assignments()
    for assignment in every:
        if id == assignment.name:
            return assignment, None
        if tasks := [task.id for task in assignment.tasks if id in (task.id, task.id.rstrip("abcdefgh"))]:
            return assignment, tasks
    known = [name for one in every for name in (one.name, *(task.id for task in one.tasks))]
    stop(f"There is no task or unit {id}. {nearest(id, known)}")


def level(given: str | None) -> str | None:
    """Return the level if there is such a one; end the command if not."""
    from grader.engine.pool import LEVELS

    if given not in (None, *LEVELS):
        stop(f"There is no isolation level {given}. {nearest(given, list(LEVELS))}")
    return given


def graded(engine: "Engine", submitted: Submitted, name: str, tasks: list[str] | None) -> dict:
    """Return the result of a notebook; end the command if it cannot be graded here."""
    from grader.engine import BrokenChecks, IsolationUnavailable

    try:
        return engine.grade(submitted, name=name, tasks=tasks)
    except (IsolationUnavailable, BrokenChecks) as error:
        stop(str(error))


def end_in_order() -> None:
    """Have the command tidy up and end when it is told to stop or its terminal is closed, as on Ctrl-C."""
    numbers = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]
    ours = [number for number in numbers if signal.getsignal(number) != signal.SIG_IGN]  # nohup

    def end(*_: object) -> NoReturn:
        for number in ours:  # a second Ctrl-C does not interrupt the tidying up
            signal.signal(number, signal.SIG_IGN)
        raise KeyboardInterrupt

    for number in ours:
        signal.signal(number, end)
