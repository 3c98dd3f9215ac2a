"""What a learner's own folder hands in for an assignment: the notebook, those it builds on, and the files beside it."""

from typing import TYPE_CHECKING

from . import manifest

if TYPE_CHECKING:
    from grader import engine


def submitted(
    assignment: manifest.Assignment, given: "engine.Assignment", notebook: str | list[str]
) -> "engine.Submitted":
    """Return the submission of a notebook (its text, or the codes of its cells) in this clone of the course.

    `given` is the assignment as the engine has it.
    """
    from grader.engine import Submitted

    wanted = {one.notebook for one in given.earlier}
    paths = {other.name: other.exercise for other in manifest.assignments() if other.name in wanted}
    others = {
        name: path.read_text(encoding="utf-8", errors="replace")
        for name, path in paths.items()
        if path.exists()
    }
    folder = assignment.exercise.with_suffix("")
    return Submitted(notebook, others, folder if folder.is_dir() else None)
