"""How long a task takes: what the learner expected, and what the clock says."""

from collections.abc import Iterable
from datetime import datetime

from grader.engine.scoring import DONE

BREAK = 30  # minutes: of a longer pause between two entries no more is counted
KINDS = ("estimate", "attempt", "hint", "solution")


def estimate(entries: Iterable[dict], task_id: str) -> float | None:
    """Return the minutes that the learner expected, said before the task was passed."""
    said = [entry.get("minutes") for entry in _until_passed(entries, task_id) if entry["kind"] == "estimate"]
    return next((minutes for minutes in reversed(said) if isinstance(minutes, int | float)), None)


def measured(entries: Iterable[dict], task_id: str) -> float | None:
    """Return the minutes from the estimate, or else the first attempt, to the first pass.

    None where the task has not passed, or where its first entry is the pass: then nobody knows when it began.
    """
    entries = _until_passed(entries, task_id)
    if len(entries) < 2 or entries[-1].get("verdict") not in DONE:
        return None
    try:
        times = [datetime.fromisoformat(str(entry["at"])) for entry in entries]
        gaps = [
            (later - earlier).total_seconds() / 60 for earlier, later in zip(times, times[1:], strict=False)
        ]
    except (KeyError, ValueError, TypeError):  # written by another hand
        return None
    return sum(min(max(gap, 0), BREAK) for gap in gaps)


def comparison(entries: Iterable[dict], task_id: str, planned: int) -> str:
    """Return a sentence with the learner's estimate, the time measured and the course's minutes, as far as known."""
    entries = list(entries)
    expected, took = estimate(entries, task_id), measured(entries, task_id)
    if took is None:
        return ""
    time = "less than a minute" if took < 1 else _minutes(took)
    if expected is None:
        return f"From your first attempt it took you {time}; the course plans {_minutes(planned)}."
    return f"You expected {_minutes(expected)} and took {time}; the course plans {_minutes(planned)}."


def _minutes(number: float) -> str:
    return "1 minute" if round(number) == 1 else f"{number:.0f} minutes"


def _until_passed(entries: Iterable[dict], task_id: str) -> list[dict]:
    found = []
    for entry in entries:
        if entry.get("kind") in KINDS and entry.get("task") == task_id:
            found.append(entry)
            if entry.get("verdict") in DONE:
                break
    return found
