"""Live checks: the verdict of a task a blink after its cell ran.

The learner's code is never called here. The source of the notebook's cells goes to the engine, which
loads it in a worker of its own; a hang costs a timeout, never the kernel.
"""

import atexit
import threading
from contextlib import suppress
from difflib import get_close_matches
from html import escape
from typing import TYPE_CHECKING, Any

import marimo as mo

from grader.engine.scoring import DONE
from grader.page import cells, recording
from grader.page.card import Card, button, page, prose

if TYPE_CHECKING:
    from grader.course.manifest import Assignment, Task
    from grader.engine import Engine

VERDICTS = {
    "passed": ("Passed", "good"),
    "failed": ("Not yet", "bad"),
    "error": ("Raised an error", "bad"),
    "timed_out": ("Took too long", "bad"),
    "not_attempted": ("Not attempted", "plain"),
    "blocked": ("Waiting", "wait"),
    "review": ("Checks passed; a person reads the rest", "good"),
    "not run": ("Not checked here", "plain"),
}
STATES = {
    "passed": ("passed", "good"),
    "failed": ("failed", "bad"),
    "error": ("error", "bad"),
    "timed_out": ("too long", "bad"),
}


class Report:
    """The verdict of one task. Displays itself; `ok` and `gate()` protect cells that call the function."""

    def __init__(
        self,
        task_id: str,
        result: dict[str, Any] | None = None,
        task: "Task | None" = None,
        problem: str = "",
        note: str | None = None,
    ):
        self.task, self._result, self._problem, self._note = task_id, result or {}, problem, note
        self.verdict: str = self._result.get("verdict", "not run")
        self.score: float = self._result.get("score", 0.0)
        self.max_score: float = self._result.get("max_score", getattr(task, "points", 0.0))
        self.ok: bool = self.verdict in DONE or recording.gates_open()
        self._title = getattr(task, "title", "")
        hints = list(getattr(task, "hints", ()))
        wanted = hints and not self.ok and self.verdict != "not run"
        self._hints = Hints(task_id, hints, self._display_) if wanted else None

    def gate(self, text: str = "") -> None:
        """Stop the calling cell, with an instruction, unless the task has passed."""
        mo.stop(not self.ok, mo.md(f"*{text or f'This part appears when {self.task} passes.'}*"))

    def __repr__(self) -> str:
        return f"<{self.task}: {self.verdict}, {self.score:g} of {self.max_score:g} points>"

    def _display_(self) -> mo.Html:
        word, tone = VERDICTS.get(self.verdict, (self.verdict, "plain"))
        title = f"{self.task} {self._title}".strip()
        remaining = self._result.get("remaining", 0)
        points = f"{self.score:g} of {self.max_score:g} points" if self._result else ""
        if remaining and self.ok:
            points += " so far"
        parts = [
            f'<p class="dojo-kind">{escape(title)}<span class="dojo-points">{points}</span></p>',
            f'<p class="dojo-verdict {tone}" role="status">{word}</p>',
        ]
        if self._problem:
            parts.append(f"<p>{escape(self._problem)}</p>")
        if self.verdict == "not_attempted":
            parts.append(
                '<p class="dojo-ask">The verdict appears here as soon as you change the function.</p>'
            )
        parts += _checks(self._result.get("checks", []))
        if remaining:
            more = "1 more check runs" if remaining == 1 else f"{remaining} more checks run"
            parts.append(
                f'<p class="dojo-note">{more} with <code>dojo check {self.task}</code> in a terminal.</p>'
            )
        if self._note:
            parts.append(f'<p class="dojo-note" role="status">{escape(self._note)}</p>')
        if self._hints is not None:
            parts.append(self._hints.ladder())
        return mo.Html(page("".join(parts)))


class Hints(Card):
    """The hint ladder of a task: one rung at a time, each recorded."""

    def __init__(self, task: str, rungs: list[str], frame: Any):
        self._task, self._rungs = task, rungs
        taken = [entry.get("rung", 0) for entry in recording.remembered("hint", task)]
        self._taken = min(max([_taken.get(task, 0), *taken]), len(rungs))
        super().__init__(task, {"next": button("Show a hint", self._next)})
        self.within(frame)

    def _next(self) -> None:
        self._stale = True
        self._taken = min(self._taken + 1, len(self._rungs))
        _taken[self._task] = self._taken
        self._note = recording.record("hint", key=self._task, task=self._task, rung=self._taken)

    def ladder(self) -> str:
        shown = "".join(f'<div class="dojo-hint">{prose(rung)}</div>' for rung in self._rungs[: self._taken])
        note = f'<p class="dojo-note" role="status">{escape(self._note)}</p>' if self._note else ""
        left = len(self._rungs) - self._taken
        more = f'{self.elements["next"].text} <span class="dojo-points">{left} left</span>' if left else ""
        return f"{shown}{note}{more}"

    _body = ladder


_taken: dict[str, int] = {}  # hints taken in this kernel, where the history cannot be written


def check(task_id: str, function: object = None) -> Report:
    """Check a task live. `function` is there so that marimo runs the cell again when it changes."""
    try:
        assignment, task = find(task_id)
    except LookupError as error:
        return Report(task_id, problem=error.args[0])
    if not recording.interactive():
        return Report(task_id, task=task, problem=f"`dojo check {task_id}` checks it from a terminal.")
    source = cells.codes()
    try:
        result = _grade(assignment, source, task_id)
    except Exception as error:  # whatever the engine meets, the notebook goes on
        return Report(task_id, task=task, problem=str(error) or type(error).__name__)
    return Report(task_id, result, task, note=_record(task, result, source))


def find(task_id: str) -> "tuple[Assignment, Task]":
    """Return a task and its assignment. Raises LookupError with a sentence."""
    from grader.course import manifest

    every = manifest.tasks()
    if task_id in every:
        return every[task_id]
    near = get_close_matches(task_id, every, 1, 0)
    raise LookupError(
        f"There is no task {task_id}; the nearest is {near[0]}." if near else "There are no tasks."
    )


def _grade(assignment: "Assignment", source: list[str] | str, task_id: str) -> dict[str, Any]:
    from grader.course.handin import submitted

    engine, ready = _engine(assignment)
    if not ready.is_set():
        with mo.status.spinner("Starting the grader. This happens once.", remove_on_exit=True):
            ready.wait()
    try:
        given = submitted(assignment, engine.assignment, source)
        return engine.grade(given, name="notebook", tasks=[task_id], live=True)["tasks"][-1]
    except BaseException:  # an interrupt in the middle leaves a reply in the pipe
        _drop(assignment.name)
        raise


_engines: dict[str, "tuple[Engine, threading.Event]"] = {}
_lock = threading.Lock()


def _engine(assignment: "Assignment") -> "tuple[Engine, threading.Event]":
    with _lock:
        if assignment.name not in _engines:
            from grader.engine import Engine

            engine, ready = Engine(assignment.engine()), threading.Event()
            _engines[assignment.name] = engine, ready
            threading.Thread(target=_start, args=(engine, ready), daemon=True).start()
        return _engines[assignment.name]


def _start(engine: "Engine", ready: threading.Event) -> None:
    with suppress(Exception):  # the first check meets the same problem, and reports it
        _ = engine.isolation
    ready.set()


def _drop(name: str) -> None:
    with _lock:
        found = _engines.pop(name, None)
    if found:
        threading.Thread(target=found[0].close, daemon=True).start()


@atexit.register
def _close() -> None:
    for name in list(_engines):
        engine, _ready = _engines.pop(name)
        engine.close()


def title(name: str) -> str:
    """Return the heading of a task ("1.1a") or checkpoint ("CP-1"). Raises LookupError with a sentence."""
    from grader.course import manifest

    named = {assignment.name: assignment for assignment in manifest.assignments()}
    return f"{name} {(named.get(name) or find(name)[1]).title}"


def warm() -> None:
    """Start the engine of the open exercise in the background, so that its first check is quick, too."""
    notebook = cells.filename()
    if notebook is None or not recording.interactive():
        return
    with suppress(Exception):  # warming is a courtesy
        from grader.course import manifest

        for assignment in manifest.assignments():
            if notebook in (assignment.exercise.resolve(), assignment.solution.resolve()):
                _engine(assignment)


def _record(task: "Task", result: dict[str, Any], source: list[str] | str) -> str | None:
    """Record an attempt; unchanged code run again is none, nor is a function that is missing or cannot be read."""
    from grader.course.progress import code_name

    digest = code_name(source, task.entry)
    if digest is None or result["verdict"] in ("not_attempted", "blocked"):
        return None
    before = recording.remembered("attempt", task.id)
    if before and before[-1].get("code") == digest and before[-1].get("verdict") == result["verdict"]:
        return None
    return recording.record(
        "attempt",
        key=task.id,
        task=task.id,
        verdict=result["verdict"],
        score=result["score"],
        max_score=result["max_score"],
        live=True,
        code=digest,
    )


def _checks(checks: list[dict[str, Any]]) -> list[str]:
    """What failed comes first and open, what else failed folded, what passed last."""
    passed = [check for check in checks if check["verdict"] == "passed"]
    # A check that was not run and says nothing is counted among those that remain.
    others = [
        check
        for check in checks
        if check not in passed and (check["verdict"] != "not_run" or check["message"])
    ]
    shown = [_check(check, folded=place > 0) for place, check in enumerate(others)]
    lines = [_check(check) for check in passed]
    if others and passed:
        lines = [f"<details><summary>{len(passed)} passed</summary>{''.join(lines)}</details>"]
    return shown + lines


def _check(check: dict[str, Any], folded: bool = False) -> str:
    word, tone = STATES.get(check["verdict"], (check["verdict"].replace("_", " "), "plain"))
    name, message = escape(check["name"]), check["message"] if check["verdict"] != "passed" else ""
    block = f'<pre class="dojo-message">{escape(message)}</pre>' if message else ""
    if folded and block:
        name, block = f"<details><summary>{name}</summary>{block}</details>", ""
    return (
        f'<div class="dojo-check"><span class="dojo-state {tone}">{word}</span><div>{name}{block}</div></div>'
    )


warm()
