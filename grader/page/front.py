"""The front page: the path through the course, where the learner stands, what comes next."""

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from grader.course import manifest, progress
from grader.engine.scoring import DONE
from grader.page.onward import anchor

if TYPE_CHECKING:
    from grader.course.manifest import Course, Task, Unit

ROOT = manifest.ROOT
WARM_UP = 5  # minutes
HISTORY = progress.home() / ".dojo" / "history.jsonl"


@dataclass(frozen=True)
class Part:
    """A notebook of a unit: the lesson, or what is graded. `missing` says what has to be installed for it."""

    name: str
    title: str
    file: Path
    minutes: int
    tasks: tuple["Task", ...] = ()
    missing: str = ""

    @property
    def noun(self) -> str:
        """What a sentence calls it: the part of an exam or an incident has a title of its own as its name."""
        return self.name.lower() if self.name in ("Lesson", "Exercises", "Checkpoint") else "notebook"

    @property
    def link(self) -> str:
        return f"?file={self.file.relative_to(ROOT).as_posix()}"


@dataclass(frozen=True)
class Standing:
    """What the history says: the best result of each task, and which lessons were opened."""

    best: Mapping[str, tuple[str, float]]  # task id -> verdict, score
    begun: frozenset[str]  # the keys of cards

    def passed(self, part: Part) -> int:
        return sum(self.best.get(task.id, ("", 0))[0] in DONE for task in part.tasks)

    def points(self, part: Part) -> float:
        """The points earned; those of checks that only a full run makes come with `dojo check`."""
        return sum(self.best.get(task.id, ("", 0.0))[1] for task in part.tasks)

    def done(self, part: Part) -> bool:
        return bool(part.tasks) and self.passed(part) == len(part.tasks)


def standing(entries: Iterable[Mapping[str, Any]]) -> Standing:
    """Read the history."""
    entries = list(entries)
    best = {
        task: (str(entry.get("verdict", "")), progress.points(entry))
        for task, entry in progress.best(entries).items()
    }
    begun = {str(entry["key"]) for entry in entries if entry.get("kind") != "attempt" and entry.get("key")}
    return Standing(best, frozenset(begun))


def parts(unit: "Unit") -> list[Part]:
    """The notebooks of a unit in the order in which they are worked through."""
    lesson = [Part("Lesson", unit.title, ROOT / unit.lesson, unit.minutes.lesson)] if unit.lesson else []
    return lesson + [
        Part(
            assignment.label,
            assignment.title,
            assignment.exercise,
            assignment.minutes,
            assignment.tasks,
            assignment.missing() or "",
        )
        for assignment in unit.assignments
    ]


def following(course: "Course", stand: Standing) -> tuple[str, Part] | None:
    """What comes next: a sentence and the notebook to open; None when everything is done."""
    for unit in course.units:
        every = parts(unit)
        if not any(map(unit.owns, stand.begun)) and not any(stand.passed(part) for part in every):
            return f"Unit {_number(unit)}, {unit.title}: {unit.question}", every[0]
        for part in every:
            for task in part.tasks:
                if stand.best.get(task.id, ("", 0))[0] not in DONE:
                    tried = task.id in stand.best
                    return f"{'Continue with ' if tried else ''}{task.id}: {task.title}", part
    return None


def front(course: "Course", entries: Iterable[Mapping[str, Any]], trouble: str = "") -> str:
    """The whole page, as HTML."""
    entries = list(entries)
    return start(course, entries, trouble) + path(course, entries)


def start(course: "Course", entries: Iterable[Mapping[str, Any]], trouble: str = "") -> str:
    """What the course is and what comes next, as HTML; `trouble` is a sentence about what could not be read."""
    stand = standing(entries)
    note = f'<p class="trouble" role="status">{escape(trouble)}</p>' if trouble else ""
    more = _practice() if stand.begun or stand.best else _warm_up(course)
    return _framed(f"{_hero(course, stand)}{note}{_next(course, stand)}{more}", "start")


def path(course: "Course", entries: Iterable[Mapping[str, Any]]) -> str:
    """The units, and how the course works, as HTML."""
    stand = standing(entries)
    titles = {unit.name: unit.title for unit in course.units}
    units = "".join(_unit(unit, stand, titles) for unit in course.units)
    return _framed(
        f'<section aria-labelledby="path"><h2 id="path">The path</h2>'
        f'<ol class="units">{units}</ol></section>{_how()}'
    )


def pages(history: Path) -> tuple[str, str]:
    """Both halves of the page of this course and of the learner whose history file this is."""
    course = manifest.course()
    try:
        entries, trouble = progress.history() if history.exists() else [], ""
    except (OSError, ValueError) as error:
        entries, trouble = [], f"Your progress cannot be read: {error}"
    return start(course, entries, trouble), path(course, entries)


def _framed(body: str, kind: str = "") -> str:
    return f'<style>{_beside("front.css")}</style><div class="dojo-home {kind}">{body}</div>'


def _warm_up(course: "Course") -> str:
    """For a newcomer: the first task, if it takes a few minutes only."""
    unit = course.units[0]
    task = next(iter(unit.tasks), None)
    part = next((one for one in parts(unit) if task and task.id in {other.id for other in one.tasks}), None)
    if part is None or task.design.minutes > WARM_UP:
        return ""
    link = _link(part, f"Solve task {task.id} first", fragment=f"#{anchor(f'{task.id} {task.title}')}")
    time = f"It takes about {task.design.minutes} minutes."
    return f'<p class="practice">Or see how the grader answers: {link}. {time}</p>'


def _practice() -> str:
    return (
        '<p class="practice"><a href="?file=notebooks/drill.py&amp;view-as=present" target="dojo-drill">Drill</a> '
        "a few questions, those you got wrong first: about five minutes.</p>"
    )


def _number(unit: "Unit") -> str:
    return unit.number.lstrip("0")


def _hero(course: "Course", stand: Standing) -> str:
    name, _, rest = course.title.partition(": ")
    everything = [part for unit in course.units for part in parts(unit)]
    tasks = sum(len(part.tasks) for part in everything)
    hours = sum(part.minutes for part in everything) / 60
    if stand.begun or stand.best:
        passed = sum(stand.passed(part) for part in everything)
        facts = f"{passed} of {tasks} tasks passed"
    else:
        facts = (
            f"{_count(len(course.units), 'unit')}, {_count(tasks, 'graded task')}, about {hours:.0f} hours"
        )
    lead = (rest[:1].upper() + rest[1:] + ".") if rest else ""
    return (
        f'<header><div><h1>{escape(name)}</h1><p class="lead">{escape(lead)}</p><p class="welcome">{_WELCOME}</p>'
        f'<p class="facts">{facts}</p></div>{_beside("front.svg")}</header>'
    )


def _next(course: "Course", stand: Standing) -> str:
    step = following(course, stand)
    sentence, part = step or ("You have passed every task.", None)
    label = "What comes next" if stand.begun or stand.best else "Start here"
    link = _link(part, f"Open the {part.noun}", "go") if part else ""
    return (
        f'<section class="next"><div><p class="label">{label}</p>'
        f'<p class="step">{escape(sentence)}</p></div>{link}</section>'
    )


def _unit(unit: "Unit", stand: Standing, titles: Mapping[str, str]) -> str:
    rows = "".join(f"<li>{_row(part, stand)}</li>" for part in parts(unit))
    before = ", ".join(titles[name] for name in unit.prerequisites)
    needs = f'<p class="needs">After {escape(before)}</p>' if before else ""
    goals = "".join(f"<li>{escape(goal)}</li>" for goal in unit.objectives)
    goals = f"<details><summary>What you will be able to do</summary><ul>{goals}</ul></details>"
    return (
        f'<li class="unit"><div class="about"><span class="number" aria-hidden="true">{_number(unit)}</span>'
        f"<div><h3>{escape(unit.title)}</h3><p>{escape(unit.question)}</p>{needs}{goals}</div></div>"
        f'<ul class="parts">{rows}</ul></li>'
    )


def _row(part: Part, stand: Standing) -> str:
    state = f'<span class="state">{part.minutes} min</span>'
    meter = ""
    if part.tasks:
        passed, total = stand.passed(part), len(part.tasks)
        points, most = stand.points(part), sum(task.points for task in part.tasks)
        text = f"{passed} of {total} passed, {points:g} of {most:g} points"
        width = f"{100 * points / (most or 1):.0f}%"
        meter = (
            f'<span class="meter" role="img" aria-label="{text}"><span style="width:{width}"></span></span>'
            f'<span class="state">{passed} of {total}</span>'
        )
    title = part.missing or (part.title if part.name == "Checkpoint" else "")
    return f'{_link(part, part.name)}<span class="title">{escape(title)}</span>{meter}{state}'


def _link(part: Part, text: str, kind: str = "", fragment: str = "") -> str:
    if not part.file.exists():
        return f'<span class="missing {kind}">{escape(text)}</span>'
    target = f"dojo-{part.file.stem}-{part.name.lower()}"
    address = escape(part.link + fragment)
    return f'<a class="{kind}" href="{address}" target="{target}">{escape(text)}</a>'


def _how() -> str:
    terms = "".join(f"<div><dt>{term}</dt><dd>{text}</dd></div>" for term, text in _HOW.items())
    return (
        f'<section aria-labelledby="how"><h2 id="how">How it works</h2><dl class="how">{terms}</dl></section>'
    )


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


@cache
def _beside(name: str) -> str:
    return Path(__file__).with_name(name).read_text(encoding="utf-8")


_WELCOME = (
    "You have just joined a marketplace for trading cards. Its data arrive damaged, its reports disagree, and soon "
    "its models will be yours to run. Each unit takes one such problem and ends with working code that you keep."
)
_ACTIVATE = r".venv\Scripts\activate" if os.name == "nt" else "source .venv/bin/activate"
_HOW = {
    "Read and play": "A notebook is a page of cells. Change a value and everything that depends on it follows. "
    "Run a cell with <kbd>Ctrl</kbd>&nbsp;<kbd>Enter</kbd>; nothing you change can break the course.",
    "Solve": "Write the function in the exercise notebook. The verdict appears below it while you work, with the "
    "smallest input that fails and hints if you ask for them.",
    "Prove it": "The checkpoint asks for the same skill on data you have not seen. In a terminal in "
    f"the course's folder, run <code>{_ACTIVATE}</code> once; then <code>dojo check</code> runs every check and "
    "<code>dojo next</code> says what comes next.",
    "Keep it": "Your answers stay on this machine. <code>progress.md</code> shows them, and keeps your journal.",
}
