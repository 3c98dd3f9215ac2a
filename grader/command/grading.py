"""What checking and grading share: the isolation level that was asked for, and a refusal in a sentence."""

from typing import TYPE_CHECKING

from .output import nearest, stop

if TYPE_CHECKING:
    from grader.engine import Engine


def level(given: str | None) -> str | None:
    """Return the level if there is such a one; end the command if not."""
    from grader.engine.pool import LEVELS

    if given not in (None, *LEVELS):
        stop(f"There is no isolation level {given}. {nearest(given, list(LEVELS))}")
    return given


def graded(engine: "Engine", text: str, name: str, tasks: list[str] | None) -> dict:
    """Return the result of a notebook; end the command if it cannot be graded here."""
    from grader.engine import BrokenChecks, IsolationUnavailable

    try:
        return engine.grade(text, name=name, tasks=tasks)
    except (IsolationUnavailable, BrokenChecks) as error:
        stop(str(error))
