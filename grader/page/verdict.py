"""The verdict card: what a learner sees below a task."""

from collections.abc import Callable
from html import escape
from typing import TYPE_CHECKING, Any

import marimo as mo

from grader.engine.scoring import DONE
from grader.page import onward, recording
from grader.page.card import Card, button, page, prose

if TYPE_CHECKING:
    from grader.course.manifest import Task

VERDICTS = {
    "passed": ("Passed", "good"),
    "failed": ("Not yet", "bad"),
    "error": ("Your code raised an error", "bad"),
    "timed_out": ("It took too long", "bad"),
    "not_attempted": ("Not attempted", "plain"),
    "blocked": ("Waiting for an earlier task", "wait"),
    "review": ("Checks passed; the written part is awaiting review", "good"),
    "unreadable": ("Python cannot read this yet", "wait"),
    "not_run_here": ("Not run here yet", "plain"),
    "not run": ("Not checked here", "plain"),
}
STATES = {
    "passed": ("passed", "good"),
    "failed": ("failed", "bad"),
    "error": ("error", "bad"),
    "timed_out": ("too long", "bad"),
}
SENTENCES = {
    "not_attempted": "The verdict appears here when you have changed the function and run its cell.",
    "unreadable": "There is a typo in the cell above: its message says where. Fix it, and the verdict returns.",
    "not_run_here": "The checks of this task take longer than a blink, so they run when you ask for them.",
}


class Report:
    """The verdict of one task. Displays itself; `ok` and `gate()` protect cells that call the function.

    `in_full` runs every check and returns the result, and a sentence if it could not be recorded.
    """

    def __init__(
        self,
        task_id: str,
        result: dict[str, Any] | None = None,
        task: "Task | None" = None,
        problem: str = "",
        note: str | None = None,
        in_full: "InFull | None" = None,
    ):
        self.task, self._problem, self._note = task_id, problem, note
        self._show(result or {})
        self.max_score: float = self._result.get("max_score", getattr(task, "points", 0.0))
        self.ok: bool = self.verdict in DONE or recording.gates_open()
        self._title = getattr(task, "title", "")
        hints = list(getattr(task, "hints", ()))
        helped = hints and not self.ok and self.verdict not in ("not run", "unreadable")
        self._hints = Hints(task_id, hints, self._display_) if helped else None
        more = in_full is not None and self._result.get("remaining")
        self._rest = Rest(task_id, in_full, self) if more else None

    def _show(self, result: dict[str, Any]) -> None:
        self._result = result
        self.verdict: str = result.get("verdict", "not run")
        self.score: float = result.get("score", 0.0)

    def gate(self, text: str = "") -> None:
        """Stop the calling cell, with an instruction, unless the task has passed."""
        mo.stop(not self.ok, mo.md(f"*{text or f'This part appears when {self.task} passes.'}*"))

    def __repr__(self) -> str:
        return f"<{self.task}: {self.verdict}, {self.score:g} of {self.max_score:g} points>"

    def _display_(self) -> mo.Html:
        word, tone = VERDICTS.get(self.verdict, (self.verdict, "plain"))
        sentence = self._problem or SENTENCES.get(self.verdict, "")
        parts = [
            f'<p class="dojo-kind">{escape(f"{self.task} {self._title}".strip())}'
            f'<span class="dojo-points">{self._points()}</span></p>',
            f'<p class="dojo-verdict {tone}" role="status"><i aria-hidden="true"></i>{word}</p>',
            f'<p class="dojo-ask">{escape(sentence)}</p>' if sentence else "",
            onward.after(self.task) if self.verdict in DONE else "",
            *_checks(self._result.get("checks", [])),
            self._rest.text_within() if self._rest is not None else "",
            f'<p class="dojo-note" role="status">{escape(self._note)}</p>' if self._note else "",
            self._hints.ladder() if self._hints is not None else "",
        ]
        return mo.Html(page("".join(parts), "dojo-report"))

    def while_checking(self) -> mo.Html:
        """The card while the next verdict is being made: what it says is marked old."""
        busy = '<p class="dojo-busy" role="status">Checking …</p>'
        head, mark, rest = self._display_().text.partition('<p class="dojo-verdict')
        return mo.Html(head.replace("dojo-report", "dojo-report old") + busy + mark + rest)

    def _points(self) -> str:
        if not self._result.get("checks"):
            return ""
        earned = f"{self.score:g} of {self.max_score:g} points"
        return f"{earned} so far" if self._result.get("remaining") else earned


InFull = Callable[[], tuple[dict[str, Any], str | None]]


class Rest(Card):
    """The checks that are too slow to run while somebody types: how many there are, and a button that runs them."""

    def __init__(self, task: str, in_full: InFull, report: Report):
        self._in_full, self._report = in_full, report
        self._trouble = ""
        super().__init__(task, {"run": button("Run every check", self._run)})
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

    def text_within(self) -> str:
        remaining = self._report._result.get("remaining", 0)
        if not remaining and not self._trouble:
            return ""
        waiting = "One slower check has" if remaining == 1 else f"{remaining} slower checks have"
        trouble = f'<p class="dojo-note" role="status">{escape(self._trouble)}</p>' if self._trouble else ""
        return (
            f'<div class="dojo-rest"><span>{waiting} not run yet.</span>'
            f"{self.elements['run'].text}</div>{trouble}"
        )

    _body = text_within


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
    if lines:
        word = "check" if len(lines) == 1 else "checks"
        lines = [f"<details><summary>{len(lines)} {word} passed</summary>{''.join(lines)}</details>"]
    return shown + lines


def _check(check: dict[str, Any], folded: bool = False) -> str:
    word, tone = STATES.get(check["verdict"], (check["verdict"].replace("_", " "), "plain"))
    name = escape(check["name"])
    wrong = check["message"] and check["verdict"] != "passed"
    block = _explanation(check.get("parts", {}), check["message"]) if wrong else ""
    if folded and block:
        name, block = f"<details><summary>{name}</summary>{block}</details>", ""
    return (
        f'<div class="dojo-check"><span class="dojo-state {tone}">{word}</span><div>{name}{block}</div></div>'
    )


OPEN = ("repeats", "cause", "raised", "lost", "note", "reread")  # parts of a message that are sentences
SHOWN = ("expected", "got", "returned")  # shown while they are short, folded where they are long
SHORT = 12  # lines


def _explanation(parts: dict[str, str], message: str) -> str:
    """The cause first, then what was expected and what came back if that is short; the input and the rest folded."""
    if not parts:
        parts = {"note": message}
    sentences = [parts[kind] for kind in OPEN if kind in parts]
    seen = [parts[kind] for kind in SHOWN if kind in parts and parts[kind].count("\n") < SHORT]
    rest = [text for text in parts.values() if text not in sentences and text not in seen]
    html = [f'<p class="dojo-cause">{escape(text)}</p>' for text in sentences]
    if seen:
        html.append(_preformatted(seen))
    if rest:
        html.append(
            '<details class="dojo-input"><summary>Show the input and everything that came back</summary>'
            f"{_preformatted(rest)}</details>"
        )
    return "".join(html)


def _preformatted(texts: list[str]) -> str:
    return f'<pre class="dojo-message">{escape(chr(10).join(texts))}</pre>'
