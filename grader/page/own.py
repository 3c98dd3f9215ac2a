"""The learner's own work, where a later notebook builds on it."""

from pkgutil import resolve_name
from typing import Any

from grader.engine.inside.loader import Loader
from grader.engine.inside.notebook import LoadError, Notebook, same


def mine(task_id: str) -> Any:
    """Return the learner's definition for a task, from the exercise notebook as saved.

    Where the exercise is not solved, the course's public version takes its place, if the manifest names
    one; else LookupError says what to do.
    """
    from grader.page.live import find

    assignment, task = find(task_id)
    path = assignment.exercise
    if path.exists():
        notebook = Notebook.parse(path.read_text(encoding="utf-8", errors="replace"), str(path))
        shipped = Notebook.parse(assignment.shipped())
        if not same(notebook.definition(task.entry), shipped.definition(task.entry)):
            try:
                return Loader(notebook, file=str(path)).load(task.entry)
            except LoadError as error:
                raise LookupError(f"{task_id}: {error} in {path.name}") from None
    if not task.public:
        raise LookupError(
            f"{task_id} is not solved yet: write `{task.entry}` in exercises/{path.name} first."
        )
    return resolve_name(task.public)
