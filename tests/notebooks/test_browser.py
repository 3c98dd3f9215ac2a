"""Lessons that have changed in a real browser, and proof that the browser's eye sees what is wrong.

`dojo author check` looks at every notebook, in each width and theme; here one of each must do.
"""

import ast
import json
from pathlib import Path

import pytest

from grader.authoring import browser
from grader.authoring.answers import notebook_with
from grader.authoring.appearance import RENDER_LIMIT
from grader.course.manifest import assignments
from grader.engine.inside.notebook import Notebook

from .conftest import Subject

pytestmark = pytest.mark.skipif(browser.why_not() is not None, reason=str(browser.why_not()))

PATIENCE = 60_000  # milliseconds, on a busy machine
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


def test_nobody_has_to_leave_the_page(tmp_path: Path) -> None:
    """A hint, the start again, every check, the solution, a typo: real clicks on the real page."""
    from playwright.sync_api import sync_playwright

    assignment = assignments()[0]
    task = next(task for task in assignment.tasks if task.entry == "fingerprint")
    file = tmp_path / assignment.exercise.name
    wrong = 'def fingerprint(table: pl.DataFrame) -> str:\n    return "x"\n'
    file.write_text(notebook_with(assignment.shipped(), wrong, task.entry), encoding="utf-8")
    home = {"DOJO_HOME": str(tmp_path)}
    with browser.served(file, "edit", home) as address, sync_playwright() as play:
        chromium = play.chromium.launch(executable_path=browser.browser(), args=browser.FLAGS)
        page = chromium.new_page()
        page.set_default_timeout(PATIENCE)
        page.goto(address)
        card = page.locator(f".dojo-report:has(.dojo-kind:has-text('{task.id}'))")
        card.get_by_text("Not yet").wait_for()
        card.get_by_text("Show a hint").click()
        card.locator(".dojo-hint").wait_for()
        card.get_by_text("Reset this task").click()
        card.get_by_text("Reset it").click()
        card.get_by_text("Not attempted").wait_for()
        card.get_by_text("is back at the start").wait_for()
        assert file.read_text(encoding="utf-8") == assignment.shipped()
        page.wait_for_timeout(3000)  # longer than the page takes to save
        right = Notebook.parse(assignment.solution.read_text(encoding="utf-8")).definition(task.entry)
        answered = notebook_with(assignment.shipped(), ast.unparse(right), task.entry)
        file.write_text(answered, encoding="utf-8")
        card.get_by_text(f"You can now {task.design.goal}").wait_for()
        card.get_by_text("Run every check").click()
        card.get_by_text(f"{task.points:g} of {task.points:g} points").wait_for()
        card.get_by_text("See a solution").click()
        card.locator("details[open] code", has_text=f"def {task.entry}").wait_for()
        editor = page.locator(".cm-content", has_text=f"def {task.entry}(").first
        editor.click(position={"x": 4, "y": 4})
        page.keyboard.press("Control+End")
        page.keyboard.type("\nfor for")
        page.keyboard.press("Control+Enter")
        card.get_by_text("Python cannot read this yet").wait_for()
        page.wait_for_timeout(browser.DRAW)
        alerts = [one.inner_text() for one in page.locator('[role="alert"]').all() if one.is_visible()]
        assert len(alerts) == 1 and "SyntaxError" in alerts[0]
        chromium.close()
    kinds = {
        json.loads(line)["kind"] for line in (tmp_path / ".dojo" / "history.jsonl").read_text().splitlines()
    }
    assert kinds == {"attempt", "hint", "solution"}
