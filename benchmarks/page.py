"""From the key that runs a changed function to its verdict on the page, in a real browser.

    python benchmarks/page.py

The solution of unit 1 is open in `marimo edit`; each round a character is typed into a function and its cell run, task
by task. Measured inside the page, so it has everything in it: the key, marimo's kernel, `check`, the grader, the
websocket, and the browser's drawing of the verdict. Medians, beside the part of it that passes before the verdict's
own cell begins to run.
"""

import os
import shutil
import statistics
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from playwright.sync_api import sync_playwright

from grader.authoring import browser
from grader.course.manifest import assignments

if TYPE_CHECKING:
    from playwright.sync_api import Page

ROUNDS = 9
PAUSE = 500  # milliseconds between two runs: someone types
# Notes when a key went down, what the kernel says of each cell, and when the picture after that was drawn.
EAR = """
window.heard = [];
const Plain = window.WebSocket;
window.WebSocket = class extends Plain {
  constructor(...all) {
    super(...all);
    this.addEventListener("message", event => {
      const at = performance.now(), text = String(event.data);
      if (!text.includes('"cell-op"')) return;
      const note = {at, status: JSON.parse(text).data.status, verdict: text.includes("dojo-verdict")};
      window.heard.push(note);
      requestAnimationFrame(() => setTimeout(() => { note.drawn = performance.now(); }));
    });
  }
};
window.addEventListener("keydown", event => {
  if (event.key === "Enter") window.heard = [{at: performance.now(), status: "key"}];
}, true);
"""


def main() -> None:
    assignment = assignments()[0]
    print(f"{os.cpu_count()} processors, Python {sys.version.split()[0]}, {ROUNDS} rounds")
    with tempfile.TemporaryDirectory() as folder:
        notebook = Path(folder, assignment.exercise.name)
        shutil.copy(assignment.solution, notebook)
        with browser.served(notebook, "edit", {"DOJO_HOME": folder}) as address, sync_playwright() as play:
            page = play.chromium.launch(executable_path=browser.browser(), args=browser.FLAGS).new_page()
            page.add_init_script(EAR)
            page.goto(address)
            page.wait_for_function(
                "heard.filter(note => note.verdict && note.drawn).length >= 5", timeout=60_000
            )
            for task in assignment.tasks:
                times = [verdict(page, task.entry) for _ in range(ROUNDS + 1)][1:]
                begun, drawn = (statistics.median(column) for column in zip(*times, strict=True))
                print(
                    f"{task.id:6} {drawn:6.0f} ms from the key to the verdict, "
                    f"{drawn - begun:6.0f} ms since its cell began to run"
                )


def verdict(page: "Page", entry: str) -> tuple[float, float]:
    """Change the function and run it; milliseconds until the verdict's cell begins, and until it is drawn."""
    editor = page.locator(".cm-content", has_text=f"def {entry}(").first
    editor.scroll_into_view_if_needed()
    editor.click(position={"x": 4, "y": 4})
    page.keyboard.press("Control+End")
    page.keyboard.type("#")
    page.wait_for_timeout(PAUSE)
    page.keyboard.press("Control+Enter")
    page.wait_for_function("heard[0]?.status === 'key' && heard.some(note => note.verdict && note.drawn)")
    heard = page.evaluate("heard")
    at = next(place for place, note in enumerate(heard) if note.get("verdict"))
    begun = [note["at"] for note in heard[:at] if note.get("status") == "running"][-1]
    return begun - heard[0]["at"], heard[at]["drawn"] - heard[0]["at"]


if __name__ == "__main__":
    main()
