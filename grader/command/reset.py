"""`dojo reset`: the start again, for a task or a whole notebook."""

from pathlib import Path
from typing import Annotated

import typer

from grader.course import original
from grader.course.manifest import Assignment

from .grading import wanted
from .intake import own
from .output import console, short, stop
from .start import running

app = typer.Typer()


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
    try:
        start = _start(assignment, tasks)
        for path, text in start.items():
            if copy := original.write(path, text):
                console.print(f"Your version is saved as {short(copy)}.", markup=False)
        server = running()
        if file in start and server and file.resolve() in (server.open_notebooks() or []):
            original.outlast_the_page(file, start[file])
    except (ValueError, OSError) as error:
        stop(str(error))
    what = " and ".join(tasks) if tasks else short(file)
    console.print(f"{what} {'are' if tasks and len(tasks) > 1 else 'is'} back at the start.", markup=False)


def _start(assignment: Assignment, tasks: list[str] | None) -> dict[Path, str]:
    """Return the notebook and files with these tasks, or all of them, as handed out."""
    files = assignment.shipped_files()
    if tasks is None:
        return {assignment.exercise: assignment.shipped()} | {
            assignment.folder / name: text for name, text in files.items()
        }
    start: dict[Path, str] = {}
    for task in assignment.tasks:
        if task.id not in tasks:
            continue
        if task.answer == "file":
            start |= {assignment.folder / name: files[name] for name in assignment.files_of(task)}
        else:
            text = start.get(assignment.exercise) or own(assignment)
            start[assignment.exercise] = original.with_task(text, assignment, task)
    return start
