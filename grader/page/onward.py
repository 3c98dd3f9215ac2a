"""The moment when a task passes: what was learned, how far the notebook is, how long it took, and what comes next."""

import re
from html import escape

from grader.course import effort, manifest, progress
from grader.engine.scoring import DONE
from grader.page import recording


def gained(task_id: str) -> str:
    """Return what a learner can do who has passed this task, and their progress, as HTML."""
    found = manifest.tasks().get(task_id)
    if found is None:
        return ""
    assignment, task = found
    entries = recording.entries()
    best = progress.best(entries)
    tasks = assignment.tasks
    passed = sum(one.id == task_id or best.get(one.id, {}).get("verdict") in DONE for one in tasks)
    time = effort.comparison(entries, task_id, task.design.minutes)
    below = " Other good ways follow below." if assignment.label == "Exercises" else ""
    return (
        f'<p class="dojo-gained">You can now {escape(task.design.goal)}.</p>'
        f'<p class="dojo-stand"><span class="dojo-meter" aria-hidden="true">'
        f'<span style="width:{100 * passed / len(tasks):.0f}%"></span></span>'
        f"{passed} of {len(tasks)} tasks passed here.{below}</p>"
        + (f'<p class="dojo-ask">{escape(time)}</p>' if time else "")
    )


def after(task_id: str) -> str:
    """Return the link from a passed task to the next open one, as HTML; nothing for a task that is not the course's."""
    steps = [(assignment, task) for assignment in manifest.assignments() for task in assignment.tasks]
    place = next((n for n, (_, task) in enumerate(steps) if task.id == task_id), None)
    if place is None:
        return ""
    best = progress.best(recording.entries())
    ahead = [step for step in steps[place + 1 :] if best.get(step[1].id, {}).get("verdict") not in DONE]
    if not ahead:
        return _link("/?view-as=present", "Nothing is left ahead", "Back to the front page")
    here, (following, upcoming) = steps[place][0], ahead[0]
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
