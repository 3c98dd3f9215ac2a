"""Practice on the page: a few questions one after the other, and timed drills, each with a clock."""

import time
from html import escape

from grader.course import drills
from grader.page import recording
from grader.page.card import Card, button
from grader.page.quiz import Question, Quiz

ROUNDS = 4  # that one opening of the page has questions for


class Drill(Quiz):
    """Questions one at a time, those that were wrong or long ago first."""

    def __init__(self, asked: list[drills.Question]):
        self._asked = {question.item.id: question for question in asked}
        self._names = [*self._asked]
        self._place, self._begun, self._first = 0, 0.0, 0
        self._more = {
            "begin": button("Start", self._start, main=True),
            "next": button("Next question", self._step, main=True),
            "round": button("Another round", self._start, main=True),
        }
        super().__init__("drill", [question.item for question in asked], self._more)

    def _key_of(self, name: str) -> str:
        return self._asked[name].key

    def _recalled(self, item) -> Question:
        return self._drawn(item, self._asked[item.id].asked)

    def _start(self) -> None:
        self._stale, self._begun = True, time.time()
        self._place = self._first = self._place + bool(self._answered_here)

    def _step(self) -> None:
        self._stale = True
        self._place += 1

    @property
    def _round(self) -> list[str]:
        return self._names[self._first : self._first + drills.SOME]

    @property
    def _answered_here(self) -> list[str]:
        return [name for name in self._round if self._questions[name].right is not None]

    def _body(self) -> str:
        if not self._names:
            return '<p class="dojo-kind">Drill</p><p>Answer the questions of a lesson first; then they return here.</p>'
        if not self._begun:
            count = len(self._round)
            return (
                f'<p class="dojo-kind">Drill</p><p>{count} questions, one after the other. What you got wrong, or '
                f"answered long ago, comes first.</p>{_actions(self.elements['begin'])}"
            )
        answered, names = self._answered_here, self._round
        name, over = self._names[self._place], len(self._answered_here) == len(self._round)
        clock = _clock(self._begun, running=not over)
        head = (
            f'<p class="dojo-kind">Question {names.index(name) + 1} of {len(names)}'
            f'<span class="dojo-count">{clock}</span></p>'
        )
        text = head + self._question(name)
        if over:
            right = sum(bool(self._questions[one].right) for one in names)
            left = self._first + len(names) < len(self._names)
            return (
                f'{text}<p class="dojo-verdict good" role="status">{right} of {len(names)} right in '
                f"{_minutes(self._taken_time)}</p>{_actions(self.elements['round']) if left else ''}"
            )
        return text + (_actions(self.elements["next"]) if name in answered else "")

    def _commit(self, name: str) -> None:
        super()._commit(name)
        self._taken_time = time.time() - self._begun

    def _repeat(self, name: str) -> str:
        return ""  # it returns in another drill


class Stopwatch(Card):
    """The timed drills of the mastery lists: one at a time, against the clock."""

    def __init__(self, waiting: list[drills.Timed]):
        self._waiting, self._begun, self._said = waiting, 0.0, ""
        super().__init__(
            "stopwatch",
            {
                "begin": button("Start the clock", self._start),
                "done": button("Done", lambda: self._end(True), main=True),
                "stop": button("Not today", lambda: self._end(False)),
            },
        )

    def _start(self) -> None:
        self._stale, self._begun, self._said = True, time.time(), ""

    def _end(self, done: bool) -> None:
        self._stale = True
        drill, seconds = self._waiting[0], round(time.time() - self._begun)
        self._waiting = [*self._waiting[1:], drill]
        in_time = "in time" if seconds <= drill.minutes * 60 else f"planned: {drill.minutes} minutes"
        self._said = f"Done in {_minutes(seconds)}, {in_time}." if done else ""
        self._begun = 0.0
        self._note = recording.record("drill", key=drill.key, done=done, seconds=seconds)

    def _body(self) -> str:
        head = '<p class="dojo-kind">Against the clock</p>'
        if not self._waiting:
            return (
                f"{head}<p>A lesson's mastery list names drills; they wait here once you have begun it.</p>"
            )
        drill, shown = self._waiting[0], self.elements
        said = f'<p class="dojo-verdict good" role="status"><i></i>{self._said}</p>' if self._said else ""
        task = f"<p><strong>{escape(drill.text)}</strong>, in {drill.minutes} minutes.</p>"
        if not self._begun:
            return f"{head}{said}{task}{_actions(shown['begin'])}"
        buttons = _actions(shown["done"], shown["stop"])
        return f'{head}{task}<p class="dojo-time">{_clock(self._begun)}</p>{buttons}'


def practice() -> Drill:
    """Questions for now."""
    asked = drills.questions(recording.entries(), some=ROUNDS * drills.SOME)
    return Drill(list({question.item.id: question for question in reversed(asked)}.values())[::-1])


def stopwatch() -> Stopwatch:
    """The timed drills of the units that were begun."""
    return Stopwatch(drills.timed(recording.entries()))


def _actions(*buttons: object) -> str:
    return f'<div class="dojo-actions">{"".join(one.text for one in buttons)}</div>'


def _clock(begun: float, running: bool = True) -> str:
    """A clock that page.js keeps going."""
    return f'<span data-dojo-since="{begun * 1000:.0f}">0:00</span>' if running else ""


def _minutes(seconds: float) -> str:
    minutes, seconds = divmod(round(seconds), 60)
    return f"{minutes}:{seconds:02}"
