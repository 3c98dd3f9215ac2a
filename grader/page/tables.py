"""A small table to read, as text: no toolbar, and nothing cut off on a phone."""

import marimo as mo
import polars as pl


def small_table(rows: pl.DataFrame | list[dict], label: str = "") -> mo.Html:
    """Return a table to read, with a line above it. Decimal numbers have three digits at most."""
    table = pl.DataFrame(rows)
    lines = [table.columns, ["---"] * table.width, *table.iter_rows()]
    return mo.md("\n".join([label, "", *(f"| {' | '.join(map(_text, line))} |" for line in lines)]))


def _text(cell: object) -> str:
    if isinstance(cell, float):
        return f"{cell:,.3f}".rstrip("0").rstrip(".")
    return "null" if cell is None else str(cell).replace("|", "\\|")
