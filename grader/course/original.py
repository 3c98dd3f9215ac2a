"""The start again: a task or a whole notebook as it was handed out. What the learner had is kept as a copy.

Everything here raises ValueError or OSError with a sentence.
"""

import shutil
import time
from datetime import datetime
from pathlib import Path

from grader.course import progress
from grader.course.manifest import Assignment, Task
from grader.engine.inside.notebook import Notebook

PAGE_SAVES = 2.5  # seconds until an open page has saved what was typed, and has seen that the file changed


def with_task(text: str, assignment: Assignment, task: Task) -> str:
    """Return the notebook `text` with the function of one task as it was handed out."""
    text = text.replace("\r\n", "\n")
    shipped = _cells(assignment.shipped(), task)
    mine = _cells(text, task)
    if len(mine) != 1 or len(shipped) != 1:
        raise ValueError(
            f"`{task.entry}` is defined in {len(mine)} cells of {assignment.exercise.name}, so it is not clear which "
            f"to put back. `dojo reset {assignment.name}` puts back the whole notebook."
        )
    return text.replace(mine[0], shipped[0])


def write_files(assignment: Assignment, tasks: list[str] | None = None) -> list[Path]:
    """Write the files that answer these tasks, or all files of an assignment, as handed out; return the copies."""
    wanted = {
        name for task in assignment.tasks if task.id in (tasks or ()) for name in assignment.files_of(task)
    }
    copies = [
        write(assignment.folder / name, text)
        for name, text in assignment.shipped_files().items()
        if tasks is None or name in wanted
    ]
    return [copy for copy in copies if copy]


def write(file: Path, text: str) -> Path | None:
    """Write a notebook or file; return the copy of what was there, None if that was the same."""
    copy = keep(file) if file.exists() and file.read_bytes() != text.encode() else None
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    except OSError as error:
        raise OSError(f"{file} cannot be written ({error.strerror}).") from None
    return copy


def outlast_the_page(file: Path, text: str) -> None:
    """Write the notebook again if an open page saves what was typed a moment ago; then the page follows the file."""
    until = time.monotonic() + PAGE_SAVES
    while time.monotonic() < until:
        time.sleep(0.1)
        if file.read_bytes() != text.encode():
            write(file, text)


def keep(file: Path) -> Path:
    """Copy a file to where the learner finds it again."""
    copy = progress.home() / ".dojo" / "copies" / f"{datetime.now():%Y%m%d-%H%M%S-%f}-{file.name}"
    try:
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(file, copy)
    except OSError as error:
        where = copy.parent
        raise OSError(
            f"Nothing was changed, because no copy could be kept in {where} ({error.strerror})."
        ) from None
    return copy


def _cells(text: str, task: Task) -> list[str]:
    return [cell.text for cell in Notebook.parse(text).cells if cell.mentions(task.entry)]
