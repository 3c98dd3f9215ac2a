"""Proof that notebooks can be read: in a real browser, wide and narrow, light and dark, nobody has to complain."""

from pathlib import Path

from . import browser

RENDER_LIMIT = 180  # seconds that a notebook may take until all its cells have run, on a busy machine


def look(notebook: Path) -> list[str]:
    """Look at a notebook; return what is wrong with it."""
    if reason := browser.why_not():
        return [f"nobody has looked at it: {reason}"]
    lesson = notebook.parent.name == "notebooks"  # where somebody would have to answer before it goes on
    seen = browser.render(
        notebook, environment={"DOJO_GATES": "open"} if lesson else {}, patience=RENDER_LIMIT
    )
    return seen.complaints()
