"""Once a week, on the front page: five questions about the week. The answers go to progress.md."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

import marimo as mo

from grader.page import recording
from grader.page.card import Card, button

QUESTIONS = (
    "What surprised me this week?",
    "What was harder than expected, and why?",
    "What clicked?",
    "What do I need to review?",
    "What will I do differently next time?",
)
WEEK = timedelta(days=7)


def due(entries: Iterable[dict], now: datetime | None = None) -> bool:
    """Whether a week has passed since the last reflection, or else the first entry, and something was done in it."""
    entries = [entry for entry in entries if isinstance(entry.get("at"), str)]
    if not entries:
        return False
    reflections = [entry for entry in entries if entry.get("kind") == "weekly"]
    since = reflections[-1] if reflections else entries[0]
    try:
        passed = (now or datetime.now(UTC)) - datetime.fromisoformat(since["at"])
    except (ValueError, TypeError):  # written by another hand
        return False
    return passed >= WEEK and since is not entries[-1]


class Weekly(Card):
    """The five questions; empty until a week has passed."""

    def __init__(self) -> None:
        self._due, self._kept = due(recording.entries()), False
        areas = {question: mo.ui.text_area(label=question, rows=2, full_width=True) for question in QUESTIONS}
        super().__init__("weekly", {**areas, "keep": button("Add to progress.md", self._keep, main=True)})

    def _keep(self) -> None:
        self._stale = True
        answers = {question: str(self._chosen(question) or "").strip() for question in QUESTIONS}
        words = "\n\n".join(f"**{question}** {answer}" for question, answer in answers.items() if answer)
        if not words:
            self._note = "Answer one of them first."
            return
        self._note = recording.journal("My week", words, "Reflections")
        if self._note is None:
            self._note, self._kept = recording.record("weekly", key="weekly"), True

    def _body(self) -> str:
        if self._kept:
            return "<p>Your week is in <code>progress.md</code>. See you next week.</p>"
        rows = "".join(
            f'<div class="dojo-row">{self.elements[question].text}</div>' for question in QUESTIONS
        )
        return (
            f"<details{' open' if self._note else ''}><summary>A week has passed: five questions about it</summary>"
            f"<p>Answer those that you can.</p>{rows}{self.elements['keep'].text}</details>"
        )

    @property
    def text(self) -> str:
        return f'<div class="dojo-week">{super().text}</div>'

    def _display_(self) -> mo.Html:
        return mo.Html(self.text if self._due else "")
