"""From the notebooks of this clone to a submission: the notebook, those it builds on, and the files beside it."""

from pathlib import Path
from typing import TYPE_CHECKING, Literal

from . import manifest
from .manifest import Assignment

if TYPE_CHECKING:
    from grader import engine


def submitted(
    assignment: Assignment, given: "engine.Assignment", notebook: str | list[str]
) -> "engine.Submitted":
    """Return the learner's submission of a notebook: its text, or the codes of its cells.

    `given` is the assignment as the engine has it.
    """
    return _submitted(notebook, given, assignment.exercise.with_suffix(""), "exercise")


def solved(assignment: Assignment, given: "engine.Assignment") -> "engine.Submitted":
    """Return the solution as a submission."""
    notebook = assignment.solution.read_text(encoding="utf-8")
    return _submitted(notebook, given, assignment.solution.with_suffix(""), "solution")


def _submitted(
    notebook: str | list[str], given: "engine.Assignment", folder: Path, side: Literal["exercise", "solution"]
) -> "engine.Submitted":
    from grader.engine import Submitted

    wanted = {one.notebook for one in given.earlier}
    paths = {other.name: getattr(other, side) for other in manifest.assignments() if other.name in wanted}
    others = {
        name: path.read_text(encoding="utf-8", errors="replace")
        for name, path in paths.items()
        if path.exists()
    }
    return Submitted(notebook, others, folder if folder.is_dir() else None)
