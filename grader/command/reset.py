"""`dojo reset`: the start again, for a task or a whole notebook."""

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
        text = _start(assignment, tasks)
        notebook = original.write(file, text)
        for copy in [*([notebook] if notebook else []), *original.write_files(assignment, tasks)]:
            console.print(f"Your version is saved as {short(copy)}.", markup=False)
        server = running()
        if server and file.resolve() in (server.open_notebooks() or []):
            original.outlast_the_page(file, text)
    except (ValueError, OSError) as error:
        stop(str(error))
    what = " and ".join(tasks) if tasks else short(file)
    console.print(f"{what} {'are' if tasks and len(tasks) > 1 else 'is'} back at the start.", markup=False)


def _start(assignment: Assignment, tasks: list[str] | None) -> str:
    """Return the notebook with these tasks, or all of it, as handed out."""
    if tasks is None:
        return assignment.shipped()
    text = own(assignment)
    for task in assignment.tasks:
        if task.id in tasks and task.answer != "file":
            text = original.with_task(text, assignment, task)
    return text
