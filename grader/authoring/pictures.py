"""The verdict card in the README, as a browser shows it.

python -m grader.authoring.pictures        # rewrites docs/pictures/verdict.png
"""

import sys
import tempfile
from pathlib import Path

from grader.course.manifest import ROOT, assignments

from . import browser
from .answers import load_answers

TASK, WRONG = "1.1b", "counts_from_one"
PATIENCE = 180_000  # milliseconds, on a busy machine


def main() -> None:
    """Show the exercises with one wrong answer, and take the card of its task."""
    from playwright.sync_api import sync_playwright

    if reason := browser.why_not():
        sys.exit(reason)
    assignment = assignments()[0]
    stored = load_answers(assignment, "misconceptions")
    wrong = next(one.notebook for one in stored if one.task.id == TASK and one.name.endswith(WRONG))
    with tempfile.TemporaryDirectory() as home:
        notebook = Path(home, assignment.exercise.name)
        notebook.write_text(wrong, encoding="utf-8")
        with browser.served(notebook, "edit", {"DOJO_HOME": home}) as address, sync_playwright() as play:
            chromium = play.chromium.launch(executable_path=browser.browser(), args=browser.FLAGS)
            page = chromium.new_page(device_scale_factor=1.5, viewport={"width": 1100, "height": 1400})
            page.set_default_timeout(PATIENCE)
            page.goto(address)
            card = page.locator(f".dojo-report:not(.old):has(.dojo-kind:has-text('{TASK}'))")
            card.get_by_text("Not yet", exact=True).wait_for()
            page.wait_for_timeout(browser.DRAW)
            card.scroll_into_view_if_needed()
            card.screenshot(path=ROOT / "docs" / "pictures" / "verdict.png")
            chromium.close()


if __name__ == "__main__":
    main()
