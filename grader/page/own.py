"""The learner's own work, where a later notebook builds on it."""

from dataclasses import asdict
from typing import Any

from grader.course.manifest import ROOT, earlier
from grader.engine.inside.loader import Loader
from grader.engine.inside.notebook import Notebook
from grader.engine.inside.own import own


def mine(task_id: str) -> Any:
    """Return the learner's definition for a task, from the exercise notebook as saved.

    Where the exercise is not solved, the course's public version takes its place, if the manifest names
    one; else LookupError says what to do.
    """
    from grader.page.live import find

    assignment, task = find(task_id)
    path = assignment.exercise
    loader = None
    if path.exists():
        text = path.read_text(encoding="utf-8", errors="replace")
        loader = Loader(Notebook.parse(text, str(path)), file=str(path))
    name = path.relative_to(ROOT).as_posix() if path.is_relative_to(ROOT) else path.name
    return own({**asdict(earlier(assignment, task)), "notebook": name}, loader)
