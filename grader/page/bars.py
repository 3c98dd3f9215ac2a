"""Header and footer of a page: where am I, how far am I, what comes next. Made from the manifest and the history."""

from html import escape
from typing import TYPE_CHECKING

from grader.course import manifest, progress
from grader.page import front, shelf

if TYPE_CHECKING:
    from grader.course.manifest import Unit

HOME = "/?view-as=present"


def around(file: str) -> dict[str, str]:
    """Return `header` and `footer` of the notebook `file` (a path from the course's root) as HTML."""
    course = manifest.course()
    steps = [(unit, part) for unit in course.units for part in front.parts(unit)]
    place = next((n for n, (_, part) in enumerate(steps) if file and part.link.endswith(file)), None)
    if place is None:
        return {"header": _home(course, HOME) + _shelf(shelf.link("glossary", "Glossary")), "footer": ""}
    unit, here = steps[place]
    following = steps[place + 1] if place + 1 < len(steps) else None
    return {"header": _header(course, unit, here), "footer": _footer(following)}


def _header(course: "manifest.Course", unit: "Unit", here: front.Part) -> str:
    tabs = "".join(
        f'<a href="{escape(part.link)}"{" aria-current=page" if part.file == here.file else ""}>{part.name}</a>'
        for part in front.parts(unit)
    )
    links = shelf.link(unit.name, "Cheat sheet") + shelf.link("glossary", "Glossary")
    return (
        f'{_home(course, HOME)}<span class="unit">{escape(unit.title)}</span>'
        f'<nav aria-label="Parts of this unit">{tabs}</nav>{_shelf(links)}'
    )


def _shelf(links: str) -> str:
    return f'<span class="shelf">{links}</span>'


def _home(course: "manifest.Course", link: str) -> str:
    name = course.title.partition(": ")[0]
    stand = front.standing(_history())
    parts = [part for unit in course.units for part in front.parts(unit)]
    passed, every = sum(map(stand.passed, parts)), sum(len(part.tasks) for part in parts)
    text = f"{passed} of {every} tasks passed"
    return (
        f'<a class="home" href="{link}">{escape(name)}</a>'
        f'<span class="meter" role="img" aria-label="{text}" title="{text}">'
        f'<span style="width:{100 * passed / (every or 1):.0f}%"></span></span>'
    )


def _footer(following: "tuple[Unit, front.Part] | None") -> str:
    if following is None:
        return f'<a class="next" href="{HOME}"><small>The end of the path so far</small><b>Front page</b></a>'
    unit, part = following
    about = f"{unit.title}, about {part.minutes} minutes"
    return (
        f'<a class="next" href="{escape(part.link)}"><small>Next</small><b>{escape(part.name)}</b>'
        f"<span>{escape(about)}</span></a>"
    )


def _history() -> list[dict]:
    try:
        return progress.history()
    except (OSError, ValueError):
        return []
