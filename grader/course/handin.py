"""What goes with a notebook when it is graded: the notebooks it builds on, the files of its folder, its modules."""

import re
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from . import manifest
from .manifest import Assignment

if TYPE_CHECKING:
    from grader import engine

SOURCE = 2 * 2**20  # bytes that a notebook or module may have
_IMPORTED = re.compile(r"^[ \t]*(?:from|import)[ \t]+([\w \t,]+)", re.MULTILINE)


Side = Literal["exercise", "solution"]


def submitted(
    assignment: Assignment, given: "engine.Assignment", notebook: str | list[str], side: Side = "exercise"
) -> "engine.Submitted":
    """Return the learner's submission of a notebook: its text, or the codes of its cells.

    `given` is the assignment as the engine has it; on the side of the solution its files go with the notebook.
    """
    from grader.engine import Submitted

    wanted = {one.notebook for one in given.earlier}
    paths = {other.name: getattr(other, side) for other in manifest.assignments() if other.name in wanted}
    others = {
        name: path.read_text(encoding="utf-8", errors="replace")
        for name, path in paths.items()
        if path.exists()
    }
    text = notebook if isinstance(notebook, str) else "\n".join(notebook)
    return Submitted(notebook, others, files_of(getattr(assignment, side), text) or None)


def solved(assignment: Assignment, given: "engine.Assignment") -> "engine.Submitted":
    """Return the solution as a submission."""
    return submitted(assignment, given, assignment.solution.read_text(encoding="utf-8"), "solution")


def files_of(file: Path, text: str) -> dict[str, Path]:
    """Return what goes with the notebook at `file`: the files of its folder, and modules beside it that it imports."""
    from grader.engine.files import listed

    modules: dict[str, Path] = {}
    unread = [text]
    while unread:
        for name in _imports(unread.pop()):
            module = file.with_name(f"{name}.py")
            if module == file or module.name in modules or module.is_symlink() or not module.is_file():
                continue
            if module.stat().st_size <= SOURCE:
                modules[module.name] = module
                unread.append(module.read_text(encoding="utf-8", errors="replace"))
    return {**modules, **listed(file.with_suffix(""))}


def _imports(text: str) -> list[str]:
    return [part.split()[0] for names in _IMPORTED.findall(text) for part in names.split(",") if part.strip()]
