"""`dojo reset`: the start again, for a task or a whole notebook."""

import shutil
import time
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from grader.course import progress
from grader.course.manifest import Assignment, Task

from .grading import wanted
from .intake import own
from .output import console, dojo, short, stop
from .start import running

app = typer.Typer()
PAGE_SAVES = 2.5  # seconds until an open page has saved what was typed, and has seen that the file changed


@app.command()
def reset(
    id: Annotated[
        str, typer.Argument(help="A task (1.1a), a checkpoint (CP-1) or a unit (01_data_engineering).")
    ],
) -> None:
    """Put a task or a whole notebook back to its start.

    Your version is saved first. If the notebook is open in the browser, the page updates by itself.
    """
    assignment, tasks = wanted(id)
    file = assignment.exercise
    text = _start(assignment, tasks)
    if file.exists() and file.read_bytes() != text.encode():
        console.print(f"Your version is saved as {short(_keep(file))}.", markup=False)
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
        _outlast_the_page(file, text)
    except OSError as error:
        stop(f"{short(file)} cannot be written ({error.strerror}).")
    what = " and ".join(tasks) if tasks else short(file)
    console.print(f"{what} {'are' if tasks and len(tasks) > 1 else 'is'} back at the start.", markup=False)


def _start(assignment: Assignment, tasks: list[str] | None) -> str:
    """Return the notebook with these tasks, or all of it, as handed out."""
    if tasks is None:
        return assignment.shipped()
    text = own(assignment)
    for task in assignment.tasks:
        if task.id in tasks:
            text = _put_back(text, assignment, task)
    return text


def _put_back(text: str, assignment: Assignment, task: Task) -> str:
    """Return the notebook with the function of one task as it was handed out."""
    from grader.engine.inside.notebook import Notebook

    shipped = next(cell for cell in Notebook.parse(assignment.shipped()).cells if cell.mentions(task.entry))
    text = text.replace("\r\n", "\n")
    mine = [cell for cell in Notebook.parse(text).cells if cell.mentions(task.entry)]
    if len(mine) != 1:
        stop(
            f"`{task.entry}` is defined in {len(mine)} cells of {short(assignment.exercise)}, so it is not clear which "
            f"to put back. `{dojo(f'reset {assignment.name}')}` puts back the whole notebook."
        )
    return text.replace(mine[0].text, shipped.text)


def _keep(file: Path) -> Path:
    copy = progress.home() / ".dojo" / "copies" / f"{datetime.now():%Y%m%d-%H%M%S-%f}-{file.name}"
    try:
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(file, copy)
    except OSError as error:
        stop(f"Nothing was changed, because no copy could be kept in {copy.parent} ({error.strerror}).")
    return copy


def _outlast_the_page(file: Path, text: str) -> None:
    """Write the notebook again if an open page saves what was typed a moment ago; then the page follows the file."""
    server = running()
    if server is None or file.resolve() not in (server.open_notebooks() or []):
        return
    until = time.monotonic() + PAGE_SAVES
    while time.monotonic() < until:
        time.sleep(0.1)
        if file.read_bytes() != text.encode():
            _keep(file)
            file.write_text(text, encoding="utf-8")
