"""A diff to read: the whole new file, with its line numbers, what was added and what is gone."""

from collections.abc import Mapping, Sequence
from html import escape

import marimo as mo

from cardshop.review import File, Line, diff

_TINT = {"+": "rgba(63,148,112,.2)", "-": "rgba(201,88,76,.16)", " ": "transparent"}
_ROW = "display:grid;grid-template-columns:2.4em 1.2em 1fr;padding:0 .4em"
_CODE = "white-space:pre-wrap;overflow-wrap:anywhere"


def shown(file: File, notes: Mapping[int, str] | None = None) -> mo.Html:
    """Show a file of a pull request; `notes` are sentences below lines of the new file."""
    rows = "".join(_row(line, (notes or {}).get(line.number, "")) for line in diff(file))
    head = f'<div style="font-weight:700;padding:.5em .6em">{escape(file.name)}</div>'
    style = (
        "font-family:var(--monospace-font,monospace);font-size:.8125rem;line-height:1.55;padding-bottom:.5em"
    )
    frame = "border:1px solid rgba(143,149,156,.4);border-radius:8px;margin:.6rem 0"
    return mo.Html(f'<div class="d-diff" style="{frame};{style}">{head}{rows}</div>')


def all_shown(files: Sequence[File]) -> mo.Html:
    return mo.vstack([shown(file) for file in files], gap=0)


def _row(line: Line, note: str) -> str:
    number = f'<span style="opacity:.6">{line.number or ""}</span>'
    mark = {"+": "+", "-": "−"}.get(line.mark, "")
    says = {"+": "added", "-": "gone"}.get(line.mark, "")
    told = f'<span title="{says}" aria-label="{says}">{mark}</span>'
    code = f'<span style="{_CODE}">{escape(line.text) or " "}</span>'
    row = f'<div style="{_ROW};background:{_TINT[line.mark]}">{number}{told}{code}</div>'
    style = "padding:.3em .6em .5em 4em;font-family:var(--text-font,sans-serif)"
    return row + (f'<div style="{style}">{escape(note)}</div>' if note else "")
