"""From the key that runs a changed function to its verdict on the page, in a real browser.

    python benchmarks/page.py

The exercises of unit 1 are open in the course's own server. Each round a character is typed into a function and its
cell run, task by task, first with the right answer, then with one that returns nothing. Measured inside the page, so
it has everything in it: the key, marimo's kernel, `check`, the grader, the websocket, and the drawing of the verdict.
Medians, beside the part of it that passes before the verdict's own cell begins to run.
"""

import os
import statistics
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from playwright.sync_api import sync_playwright

from grader.authoring import browser
from grader.authoring.answers import notebook_with
from grader.course.manifest import assignments

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from grader.course.manifest import Task

ROUNDS = 9
PAUSE = 500  # milliseconds between two runs: someone types
PATIENCE = 60_000  # milliseconds for one verdict
# Notes when a key went down, what the kernel says of each cell, and when the picture after that was drawn.
# A verdict that is marked as old ("Checking …") does not count.
EAR = """
window.heard = [];
const Plain = window.WebSocket;
window.WebSocket = class extends Plain {
  constructor(...all) {
    super(...all);
    this.addEventListener("message", event => {
      const at = performance.now(), text = String(event.data);
      if (!text.includes('"cell-op"')) return;
      const verdict = text.includes("dojo-verdict") && !text.includes("dojo-busy\\\\");
      const note = {at, status: JSON.parse(text).data.status, verdict};
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
    solved = assignment.solution.read_text(encoding="utf-8")
    print(
        f"{os.cpu_count()} processors, load {os.getloadavg()[0]:.1f}, Python {sys.version.split()[0]}, {ROUNDS} rounds"
    )
    for kind in ("right", "wrong"):
        text = solved
        for task in assignment.tasks if kind == "wrong" else ():
            text = notebook_with(text, f"def {task.entry}(*given, **named):\n    return None\n", task.entry)
        measure(kind, assignment.exercise.name, text, assignment.tasks)


def measure(kind: str, name: str, text: str, tasks: "tuple[Task, ...]") -> None:
    """Print the medians of every task of a notebook, and of all of them together."""
    with tempfile.TemporaryDirectory() as folder:
        notebook = Path(folder, name)
        notebook.write_text(text, encoding="utf-8")
        with browser.served(notebook, "edit", {"DOJO_HOME": folder}) as address, sync_playwright() as play:
            page = play.chromium.launch(executable_path=browser.browser(), args=browser.FLAGS).new_page()
            page.set_default_timeout(PATIENCE)
            page.add_init_script(EAR)
            page.goto(address)
            page.locator(".dojo-report:not(.old) .dojo-verdict").nth(len(tasks) - 1).wait_for(
                state="attached", timeout=3 * PATIENCE
            )
            page.wait_for_timeout(4 * PAUSE)  # spare workers are made
            every = []
            for task in tasks:
                times = [verdict(page, task.entry) for _ in range(ROUNDS + 1)][1:]
                every += [drawn for _, drawn in times]
                begun, drawn = (statistics.median(column) for column in zip(*times, strict=True))
                print(
                    f"{kind} {task.id:6} {drawn:6.0f} ms from the key to the verdict, "
                    f"{drawn - begun:6.0f} ms since its cell began to run"
                )
            print(
                f"{kind} all    {statistics.median(every):6.0f} ms in the median, at most {max(every):.0f} ms"
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
