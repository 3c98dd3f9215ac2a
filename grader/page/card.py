"""The base of everything interactive here: a card that redraws its own cell when it is used.

marimo reruns only *other* cells when a control changes. A card therefore keeps its controls for its
whole life, changes what it shows in their callbacks, and replaces the output of its own cell.
"""

from collections.abc import Callable, Mapping
from functools import cache
from html import escape
from pathlib import Path

import marimo as mo

from grader.page import charts  # noqa: F401 - enables the theme

# marimo holds controls weakly; an unassigned card must not vanish
_alive: dict[tuple[int, str, str], "Card"] = {}


class Card(mo.ui.dictionary):
    """A group of controls with a view of its own. Subclasses implement `_body() -> str` (HTML)."""

    def __init__(self, key: str, controls: Mapping[str, mo.ui.button]):
        self._key = key
        self._stale = False
        self._note: str | None = None  # a sentence, such as: the answer could not be recorded
        self._frame: Callable[[], object] = lambda: self
        super().__init__(dict(controls), on_change=self._redraw)
        _alive[id(self._ctx), type(self).__name__, key] = self

    def _body(self) -> str:
        raise NotImplementedError

    def _redraw(self, _value: object) -> None:
        if self._stale:
            self._stale = False
            mo.output.replace(self._frame())

    def _chosen(self, name: str) -> object:
        """The present value of a control, whichever cell asks."""
        return self.elements[name]._value

    def within(self, frame: Callable[[], object]) -> "Card":
        """Make a redraw show `frame()`, the larger thing that this card is a part of."""
        self._frame = frame
        return self

    @property
    def text(self) -> str:
        note = f'<p class="dojo-note" role="status">{escape(self._note)}</p>' if self._note else ""
        return page(self._body() + note)

    def _mime_(self) -> tuple[str, str]:
        return "text/html", self.text

    def _display_(self) -> mo.Html:
        return mo.Html(self.text)

    def _clone(self) -> "Card":
        return self


def page(body: str, kind: str = "") -> str:
    """Wrap HTML in our frame, with our style."""
    return f'<style>{_style()}</style><div class="dojo {kind}">{body}</div>'


def prose(text: str) -> str:
    """Render Markdown."""
    return mo.md(text).text


def button(label: str, press: Callable[[], None], *, main: bool = False) -> mo.ui.button:
    """A button that calls `press` on every click."""
    return mo.ui.button(
        label=label,
        value=0,
        on_click=lambda count: count + 1,
        on_change=lambda _count: press(),
        kind="success" if main else "neutral",
    )


@cache
def _style() -> str:
    return Path(__file__).with_name("style.css").read_text(encoding="utf-8")
