"""Predict, then see: a guess that must be made before the answer shows itself."""

from collections.abc import Sequence
from html import escape

import marimo as mo

from grader.page import recording
from grader.page.card import Card, button, page, prose


class Prediction(Card):
    """A guess. `value` is None until it is made; `gate()` stops the cell that calls it until then."""

    def __init__(self, question: str, guess: mo.ui.radio, key: str, fallback: str | float, unit: str = ""):
        self._question, self._unit = question, unit
        before = recording.remembered("predict", key)
        self._made = before[-1]["value"] if before else None
        if self._made is None and (recording.gates_open() or not recording.interactive()):
            self._made = fallback
        super().__init__(key, {"guess": guess, "commit": button("This is my guess", self._commit)})

    @property
    def value(self) -> str | float | None:
        return self._made

    def gate(self) -> None:
        """Stop the calling cell until the guess is made; the open card says what is missing."""
        mo.stop(self._made is None)

    def reveal(self, answer: str | float, because: str) -> mo.Html:
        """Say what was guessed, what is true, and why (Markdown). Waits for the guess, as `gate` does."""
        self.gate()
        right = self._made == answer
        verdict = f"It is **{self._shown(answer)}**." if not right else "That is right."
        body = (
            f'<p class="dojo-kind">{"You were right" if right else "Now you know"}</p>'
            f"{prose(f'You said **{self._shown(self._made)}**. {verdict} {because}')}"
        )
        return mo.Html(page(body))

    def _shown(self, value: str | float) -> str:
        return f"{value:g} {self._unit}".strip() if isinstance(value, int | float) else value

    def _commit(self) -> None:
        if self._chosen("guess") is not None:
            self._made = self._chosen("guess")
            self._note = recording.record("predict", key=self._key, value=self._made)
        else:
            self._note = "Choose one first."
        self._stale = True

    def _body(self) -> str:
        head = f'<p class="dojo-kind">Predict</p>{prose(self._question)}'
        if self._made is None:
            controls = self.elements
            return (
                f'{head}<div class="dojo-row">{controls["guess"].text}</div>{controls["commit"].text}'
                '<p class="dojo-note dojo-gate">The rest of this section opens when you have guessed.</p>'
            )
        return f'{head}<p class="dojo-mine">You said <strong>{escape(self._shown(self._made))}</strong>.</p>'


def predict(
    question: str,
    *,
    key: str,
    options: Sequence[str] | None = None,
    low: float | None = None,
    high: float | None = None,
    step: float | None = None,
    unit: str = "",
) -> Prediction:
    """Ask for a guess: one of `options`, or a number from `low` to `high` in `unit`."""
    if options is not None:
        return Prediction(question, mo.ui.radio(list(options), label="Your guess"), key, options[0])
    if low is None or high is None:
        raise ValueError("predict needs options=[…] or low=… and high=…")
    middle = low + (high - low) // 2 if step is None else low + step * round((high - low) / step / 2)
    label = f"Your guess, in {unit}" if unit else "Your guess"
    slider = mo.ui.slider(low, high, step, value=middle, label=label, show_value=True, full_width=True)
    return Prediction(question, slider, key, middle, unit)
