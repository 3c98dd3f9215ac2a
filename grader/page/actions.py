"""What a learner can ask of a task, below its verdict: every check, a hint, the solution, the start again.

The commands `dojo check`, `hint`, `solution` and `reset` do the same by the same rules.
"""

import threading
from collections.abc import Callable
from contextlib import suppress
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

import marimo as mo

from grader.course import original, progress, solution
from grader.engine.scoring import DONE
from grader.page import cells, recording
from grader.page.card import Card, button, prose

if TYPE_CHECKING:
    from grader.course.manifest import Assignment, Task
    from grader.page.verdict import Report

InFull = Callable[[], tuple[dict[str, Any], str | None]]
MINUTES = (5, 10, 15, 20, 30, 45, 60, 90, 120)


class Actions(Card):
    """The buttons of one report. `above` and `below` are what they stand between on its card."""

    def __init__(self, assignment: "Assignment", task: "Task", report: "Report", in_full: InFull):
        self._assignment, self._task, self._report, self._in_full = assignment, task, report, in_full
        self._trouble = _parting.pop(task.id, "")  # a sentence
        self._asking = self._opened = False  # "are you sure?"; the solution unfolded
        self._rungs = list(task.hints)
        rungs = [entry.get("rung", 0) for entry in recording.remembered("hint", task.id)]
        self._taken = min(max([_taken.get(task.id, 0), *rungs]), len(self._rungs))
        self._seen = bool(recording.remembered("solution", task.id))
        expected = [entry.get("minutes") for entry in recording.remembered("estimate", task.id)]
        self._expected = expected[-1] if expected else None
        super().__init__(
            task.id,
            {
                "run": button("Run every check", self._run),
                "next": button("Show a hint", self._hint),
                "solution": button("See a solution", self._solution),
                "reset": button("Reset this task", self._ask),
                "sure": button("Reset it", self._reset),
                "keep": button("Keep my version", self._ask),
                "minutes": mo.ui.dropdown(
                    {f"{minutes} min": minutes for minutes in MINUTES},
                    label="How long will this take you?",
                    on_change=lambda minutes: self._estimate(minutes),  # not a method: marimo copies controls
                ),
            },
        )
        self.within(report._display_)

    def _run(self) -> None:
        self._stale = True
        with mo.status.spinner("Running every check …", remove_on_exit=True):
            try:
                result, self._report._note = self._in_full()
            except Exception as error:
                self._trouble = str(error) or type(error).__name__
            else:
                self._trouble = ""
                self._report._show(result)

    def _hint(self) -> None:
        self._stale = True
        self._taken = min(self._taken + 1, len(self._rungs))
        _taken[self._task.id] = self._taken
        self._record("hint", rung=self._taken)

    def _solution(self) -> None:
        self._stale = self._seen = self._opened = True
        self._record("solution")

    def _estimate(self, minutes: int | None) -> None:
        self._stale, self._expected = True, minutes
        if minutes:
            self._record("estimate", minutes=minutes)

    def _ask(self) -> None:
        self._stale, self._asking = True, not self._asking

    def _reset(self) -> None:
        self._stale, self._asking = True, False
        file = cells.filename()
        try:
            if file is None:
                raise ValueError("This notebook has no file yet, so there is nothing to put back.")
            text = file.read_text(encoding="utf-8", errors="replace")
            if self._task.answer == "file":
                copies = original.write_files(self._assignment, [self._task.id])
            else:
                text = original.with_task(text, self._assignment, self._task)
                copies = [copy] if (copy := original.write(file, text)) else []
        except (OSError, ValueError) as error:
            self._trouble = str(error)
            return
        where = f" Your version is saved as {' and '.join(map(_short, copies))}." if copies else ""
        self._trouble = f"{self._task.id} is back at the start.{where}"
        if self._task.answer == "file":
            return
        _parting[self._task.id] = self._trouble  # the page follows the notebook, and makes this card again
        threading.Thread(target=_outlast, args=(file, text), daemon=True).start()

    def _record(self, kind: str, **fields: object) -> None:
        self._note = recording.record(kind, key=self._task.id, task=self._task.id, **fields)

    def above(self) -> str:
        """The question how long it will take, before the first attempt."""
        if self._report.verdict != "not_attempted":
            return ""
        if self._expected:
            return f'<p class="dojo-effort">You expect {self._expected:g} minutes.</p>'
        return f'<div class="dojo-effort">{self.elements["minutes"].text}</div>'

    def below(self) -> str:
        """Hints, solution and buttons, as far as they are open now."""
        hints = "".join(f'<div class="dojo-hint">{prose(rung)}</div>' for rung in self._rungs[: self._taken])
        said = [text for text in (self._trouble, self._note) if text]
        notes = "".join(f'<p class="dojo-note" role="status">{escape(text)}</p>' for text in said)
        return f'{hints}{self._shown_solution()}{notes}<div class="dojo-actions">{self._buttons()}</div>'

    _body = below

    def rest(self) -> str:
        """How many checks have not run yet, and the button that runs them."""
        remaining = self._report._result.get("remaining", 0)
        if not remaining:
            return ""
        waiting = "One slower check has" if remaining == 1 else f"{remaining} slower checks have"
        return f'<div class="dojo-rest"><span>{waiting} not run yet.</span>{self.elements["run"].text}</div>'

    def _buttons(self) -> str:
        verdict, shown = self._report.verdict, self.elements
        if self._asking:
            what = "file" if self._task.answer == "file" else "function"
            ask = f"<span>Put the {what} back to its start? Your version is saved first.</span>"
            return f"{ask}{shown['sure'].text}{shown['keep'].text}"
        parts = []
        left = len(self._rungs) - self._taken
        passed = verdict in DONE
        if left and not passed and verdict != "unreadable":
            parts.append(f'{shown["next"].text}<span class="dojo-points">{left} left</span>')
        if not self._seen and verdict not in ("not_attempted", "unreadable"):
            missing = 0 if passed else solution.attempts_left(recording.remembered("attempt", self._task.id))
            what = "attempt" if missing == 1 else "different attempts"
            locked = f'<span class="dojo-points">The solution opens after {missing} more {what}</span>'
            parts.append(locked if missing else shown["solution"].text)
        if verdict != "not_attempted" and cells.filename() != self._assignment.solution:
            parts.append(f'<span class="dojo-quiet">{shown["reset"].text}</span>')
        return "".join(parts)

    def _shown_solution(self) -> str:
        if not self._seen:
            return ""
        try:
            text = prose(f"```python\n{solution.text(self._assignment, self._task)}\n```")
        except (OSError, LookupError) as error:
            text = f"<p>{escape(str(error.args[0]))}</p>"
        opened = " open" if self._opened else ""
        return f'<details class="dojo-solution"{opened}><summary>A solution</summary>{text}</details>'


_taken: dict[str, int] = {}  # hints taken in this kernel, where the history cannot be written
_parting: dict[str, str] = {}  # what a card that is about to be made again has said


def _outlast(file: Path, text: str) -> None:
    with suppress(OSError):
        original.outlast_the_page(file, text)


def _short(path: Path) -> str:
    home = progress.home()
    return str(path.relative_to(home)) if path.is_relative_to(home) else str(path)
