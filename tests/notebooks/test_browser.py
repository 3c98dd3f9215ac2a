"""Lessons that have changed in a real browser, and proof that the browser's eye sees what is wrong.

`dojo author check` looks at every notebook, in each width and theme; here one of each must do.
"""

from pathlib import Path

import pytest

from grader.authoring import browser
from grader.authoring.appearance import RENDER_LIMIT

from .conftest import Subject

pytestmark = pytest.mark.skipif(browser.why_not() is not None, reason=str(browser.why_not()))

BAD = """import marimo

app = marimo.App()

with app.setup:
    import marimo as mo


@app.cell
def _():
    1 / 0
    return


@app.cell
def _():
    mo.Html('<img src="http://192.0.2.1/picture.png" alt=""><div style="min-width: 900px">wide</div>')
    return
"""


def test_a_lesson(lesson: Subject) -> None:
    gates = {"DOJO_GATES": "open"}
    seen = browser.render(
        lesson.path, widths=("phone",), themes=("dark",), environment=gates, patience=RENDER_LIMIT
    )
    assert seen.complaints() == []


def test_what_is_wrong_is_seen(tmp_path: Path) -> None:
    path = tmp_path / "bad.py"
    path.write_text(BAD, encoding="utf-8")
    seen = browser.render(path, widths=("phone",), themes=("light",))
    assert any("192.0.2.1" in url for url in seen.foreign)
    assert seen.console and seen.failures and seen.sideways == ["phone"]
