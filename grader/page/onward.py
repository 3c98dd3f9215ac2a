"""From a passed task to the next one: a link, and what there is to be glad about."""

import re
from html import escape

from grader.course import manifest


def after(task_id: str) -> str:
    """Return the link from a passed task to the next, as HTML; nothing for a task that the course does not have."""
    steps = [(assignment, task) for assignment in manifest.assignments() for task in assignment.tasks]
    place = next((n for n, (_, task) in enumerate(steps) if task.id == task_id), None)
    if place is None:
        return ""
    here, task = steps[place]
    if place + 1 == len(steps):
        return _link("/?view-as=present", "That was the last task", "Back to the front page")
    following, upcoming = steps[place + 1]
    name = f"{upcoming.id} {upcoming.title}"
    if following.name == here.name:
        return _link(f"#{anchor(name)}", "Next", name)
    file = following.exercise.relative_to(manifest.ROOT).as_posix()
    return _link(f"/?file={file}", "This notebook is done. Next", name)


def anchor(heading: str) -> str:
    """The id that marimo gives to a heading."""
    return re.sub(r"\s+", "-", re.sub(r"[^\w\s-]", "", heading.lower()).strip())


def _link(target: str, label: str, name: str) -> str:
    return f'<a class="dojo-onward" href="{escape(target)}"><small>{label}</small>{escape(name)}</a>'
