"""What to practise today: quiz questions and timed drills, spaced. The page and `dojo drill` ask the same.

Questions of the group `drill` take part, and every other question once it was answered. What was wrong comes first,
then what is new, then what was right so long ago that it may be forgotten.
"""

import ast
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from grader.course import manifest, quizzes
from grader.engine.inside.notebook import Notebook

SPACING = (1, 3, 7, 21, 60)  # days until a question returns, by how often in a row it was right
SOME = 5  # questions of one drill


@dataclass(frozen=True)
class Question:
    """A question of a unit's bank. `key` is its name in the history, `asked` how often it was answered."""

    unit: str
    item: quizzes.Item
    asked: int = 0

    @property
    def key(self) -> str:
        return f"{self.unit}/{self.item.id}"

    def drawn(self) -> quizzes.Item:
        """The question with its numbers, other ones each time."""
        return self.item.drawn(self.asked)


@dataclass(frozen=True)
class Timed:
    """A drill of a lesson's mastery list: something to do on your own within some minutes."""

    unit: str
    text: str
    minutes: int

    @property
    def key(self) -> str:
        return f"{self.unit}/{self.text}"


def questions(entries: Iterable[dict], now: datetime | None = None, some: int = SOME) -> list[Question]:
    """Return the questions to ask now, at most `some`; those that are not due yet only if nothing else is left."""
    now = now or datetime.now(UTC)
    answered = _by_key(entries, "quiz")
    found = []
    for unit in _units(answered):
        for item in _items(unit):
            before = answered.get(f"{unit}/{item.id}", [])
            if before or item.group == "drill":
                found.append((_rank(before, now), Question(unit, item, len(before))))
    return [question for _, question in sorted(found, key=lambda pair: pair[0])[:some]]


def timed(entries: Iterable[dict]) -> list[Timed]:
    """Return the timed drills of the units that were begun: those never done first, then those done long ago."""
    entries = list(entries)
    done = _by_key(entries, "drill")
    found = [drill for unit in _units(_by_key(entries, None)) for drill in _timed(unit)]
    return sorted(found, key=lambda drill: str(done[drill.key][-1].get("at")) if drill.key in done else "")


def _rank(before: list[dict], now: datetime) -> tuple[int, float]:
    """When a question's turn comes: wrong, new, due, not due; within each what waits longest."""
    if not before:
        return 1, 0
    waited = (now - _time(before[-1])) / timedelta(days=1)
    if not before[-1].get("right"):
        return 0, -waited
    streak = next((n for n, entry in enumerate(reversed(before)) if not entry.get("right")), len(before))
    due = waited - SPACING[min(streak, len(SPACING)) - 1]
    return (2 if due >= 0 else 3), -due


def _time(entry: dict) -> datetime:
    try:
        at = datetime.fromisoformat(str(entry.get("at")))
    except ValueError:
        return datetime.fromtimestamp(0, UTC)
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def _by_key(entries: Iterable[dict], kind: str | None) -> dict[str, list[dict]]:
    found: dict[str, list[dict]] = {}
    for entry in entries:
        if kind in (None, entry.get("kind")) and isinstance(entry.get("key"), str):
            found.setdefault(entry["key"], []).append(entry)
    return found


def _units(keys: Iterable[str]) -> list[str]:
    """The units that were begun, by the keys in the history; the first one for a newcomer."""
    keys, course = list(keys), manifest.course()
    begun = [
        unit
        for unit in course.units
        if any(unit.owns(key) or key in {task.id for task in unit.tasks} for key in keys)
    ]
    return [unit.name for unit in begun or course.units[:1]]


def _items(unit: str) -> list[quizzes.Item]:
    try:
        return quizzes.load(unit)
    except (OSError, ValueError):  # a unit without a bank, or with one that its author is editing
        return []


def _timed(name: str) -> list[Timed]:
    unit = next(unit for unit in manifest.course().units if unit.name == name)
    try:
        text = (manifest.ROOT / unit.lesson).read_text(encoding="utf-8")
    except OSError:
        return []
    calls = (
        call
        for cell in Notebook.parse(text).cells
        for call in ast.walk(cell.tree)
        if isinstance(call, ast.Call)
    )
    skills = next((call.args[0] for call in calls if ast.unparse(call.func) == "mastery"), None)
    listed = ast.literal_eval(skills) if isinstance(skills, ast.Dict) else {}
    return [Timed(name, text, minutes) for text, minutes in listed.items() if minutes]
