"""Cards on which learners judge themselves: reveal, rate, aha, mastery, journal."""

from collections.abc import Mapping, Sequence
from html import escape

import marimo as mo

from grader.page import recording
from grader.page.card import Card, button, prose

LEVELS = {"0 cannot yet": 0, "1 recognise it": 1, "2 explain it": 2, "3 apply it": 3, "4 teach it": 4}


def _scale() -> mo.ui.radio:
    return mo.ui.radio(LEVELS, inline=True)


def _name(level: int) -> str:
    return next(name for name, number in LEVELS.items() if number == level)


class Rating(Card):
    """How well the learner can do something, 0 to 4. `value` is None until rated."""

    def __init__(self, question: str, key: str):
        self._question = question
        before = recording.remembered("rate", key)
        self.level: int | None = before[-1]["value"] if before else None
        super().__init__(key, {"level": _scale(), "commit": button("Record", self._commit)})

    @property
    def value(self) -> int | None:
        return self.level

    def _commit(self) -> None:
        if self._chosen("level") is None:
            self._note = "Choose a level first."
        else:
            self.level = self._chosen("level")
            self._note = recording.record("rate", key=self._key, value=self.level)
        self._stale = True

    def _body(self) -> str:
        head = f'<p class="dojo-kind">Rate yourself</p>{prose(self._question)}'
        if self.level is not None:
            return f'{head}<p class="dojo-mine">You: <strong>{_name(self.level)}</strong>.</p>'
        return (
            f'{head}<div class="dojo-row">{self.elements["level"].text}</div>{self.elements["commit"].text}'
        )


class Reveal(Card):
    """Think, see a model answer, rate your own."""

    def __init__(self, question: str, answer: str, key: str):
        self._question, self._answer = question, answer
        before = recording.remembered("reveal", key)
        self._shown = bool(before)
        self._thoughts = before[-1].get("thoughts") or "" if before else ""
        self._level = next((entry["value"] for entry in reversed(recording.remembered("rate", key))), None)
        super().__init__(
            key,
            {
                "thoughts": mo.ui.text_area(
                    value=self._thoughts,
                    placeholder="Your answer, in a sentence or two (optional)",
                    rows=3,
                    label="Think first",
                    full_width=True,
                ),
                "show": button("Show a model answer", self._show),
                "level": _scale(),
                "commit": button("Record", self._rate),
            },
        )

    def _show(self) -> None:
        self._shown, self._stale = True, True
        self._thoughts = str(self._chosen("thoughts") or "")
        self._note = recording.record("reveal", key=self._key, thoughts=self._thoughts)

    def _rate(self) -> None:
        self._stale = True
        if self._chosen("level") is None:
            self._note = "Choose a level first."
        else:
            self._level = self._chosen("level")
            self._note = recording.record("rate", key=self._key, value=self._level)

    def _body(self) -> str:
        parts = ['<p class="dojo-kind">Think</p>', prose(self._question)]
        if not self._shown:
            return "".join([*parts, self.elements["thoughts"].text, self.elements["show"].text])
        if self._thoughts.strip():
            parts.append(f'<p class="dojo-kind">You</p><p class="dojo-words">{escape(self._thoughts)}</p>')
        parts.append(
            f'<p class="dojo-kind">A model answer</p><div class="dojo-answer">{prose(self._answer)}</div>'
        )
        if self._level is None:
            parts += [
                '<p class="dojo-ask">How does your answer compare? Rate what you can do.</p>',
                f'<div class="dojo-row">{self.elements["level"].text}</div>',
                self.elements["commit"].text,
            ]
        else:
            parts.append(
                f'<p class="dojo-mine">You rated yourself: <strong>{_name(self._level)}</strong>.</p>'
            )
        return "".join(parts)


class Ticks(Card):
    """A list to tick off; every change is recorded."""

    def __init__(self, title: str, kind: str, ask: str, lines: Mapping[str, str], key: str):
        self._title, self._kind, self._ask, self._lines = title, kind, ask, lines
        before = recording.remembered(kind, key)
        self._ticked = set(before[-1]["ticked"]) if before else set()
        boxes = {
            text: mo.ui.checkbox(value=text in self._ticked, label=shown) for text, shown in lines.items()
        }
        super().__init__(key, boxes)

    def _redraw(self, value: Mapping[str, bool]) -> None:
        self._ticked = {text for text, on in value.items() if on}
        self._note = recording.record(
            self._kind, key=self._key, ticked=[text for text in self._lines if text in self._ticked]
        )
        mo.output.replace(self)

    def _body(self) -> str:
        items = "".join(f"<li>{self.elements[text].text}</li>" for text in self._lines)
        count = f"{len(self._ticked)} of {len(self._lines)}"
        return (
            f'<p class="dojo-kind">{self._title} <span class="dojo-count">{count}</span></p>'
            f'<p class="dojo-ask">{self._ask}</p><ul>{items}</ul>'
        )


class Journal(Card):
    """A prompt whose answers go, dated, to the journal in progress.md."""

    def __init__(self, prompt: str, key: str):
        self._prompt, self._kept = prompt, ""
        super().__init__(
            key,
            {
                "words": mo.ui.text_area(
                    placeholder="In your own words", rows=4, label="Journal entry", full_width=True
                ),
                "keep": button("Add to my journal", self._keep),
            },
        )

    def _keep(self) -> None:
        self._stale = True
        words = str(self._chosen("words") or "").strip()
        if not words:
            self._note = "Write a sentence first."
            return
        self._note = recording.journal(self._prompt, words)
        self._kept = "" if self._note else words

    def _body(self) -> str:
        head = f'<p class="dojo-kind">Journal</p>{prose(self._prompt)}'
        if not self._kept:
            return f"{head}{self.elements['words'].text}{self.elements['keep'].text}"
        where = (
            "Added to progress.md."
            if recording.recording()
            else "Nothing is kept here: this is not your editor."
        )
        return f'{head}<p class="dojo-words">{escape(self._kept)}</p><p class="dojo-note">{where}</p>'


def reveal(question: str, answer: str, *, key: str) -> Reveal:
    """Ask a question to think about, then show `answer` and let the learner rate their own."""
    return Reveal(question, answer, key)


def rate(question: str, *, key: str) -> Rating:
    """Ask for a level from 0 (cannot yet) to 4 (could teach it)."""
    return Rating(question, key)


def aha(insights: Sequence[str], *, key: str) -> Ticks:
    """List the insights of a unit, to be ticked as they come."""
    return Ticks(
        "Aha",
        "aha",
        "Tick what is clear to you now and was not before.",
        {text: text for text in insights},
        key,
    )


def mastery(skills: Mapping[str, int | None] | Sequence[str], *, key: str) -> Ticks:
    """List what the learner should now be able to do; a number is the minutes of a timed drill."""
    minutes = skills if isinstance(skills, Mapping) else dict.fromkeys(skills)
    shown = {text: f"{text} ({limit} min)" if limit else text for text, limit in minutes.items()}
    ask = "Tick what you can do without looking anything up. <em>Drill</em> on the front page times those with minutes."
    return Ticks("Mastery", "mastery", ask, shown, key)


def journal(prompt: str, *, key: str) -> Journal:
    """Ask for words of the learner's own; they are appended to progress.md."""
    return Journal(prompt, key)
