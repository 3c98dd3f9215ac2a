"""The verdict card: what a learner sees below a task."""

from html import escape
from typing import TYPE_CHECKING, Any

import marimo as mo

from grader.engine.scoring import DONE
from grader.page import onward, recording
from grader.page.actions import Actions, InFull
from grader.page.card import page

if TYPE_CHECKING:
    from grader.course.manifest import Assignment, Task

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
OF_FILES = {
    "error": ("The file was refused", ""),
    "not_attempted": (
        "Not attempted",
        "The verdict appears here when you have changed the file and saved it.",
    ),
}


class Report:
    """The verdict of one task. Displays itself; `ok` and `gate()` protect cells that call the function.

    `in_full` runs every check and returns the result, and a sentence if it could not be recorded; with it and the
    `assignment` the card has buttons.
    """

    def __init__(
        self,
        task_id: str,
        result: dict[str, Any] | None = None,
        task: "Task | None" = None,
        problem: str = "",
        note: str | None = None,
        assignment: "Assignment | None" = None,
        in_full: InFull | None = None,
    ):
        self.task, self._problem, self._note = task_id, problem, note
        self._show(result or {})
        self.max_score: float = self._result.get("max_score", getattr(task, "points", 0.0))
        self._title = getattr(task, "title", "")
        self._of_file = getattr(task, "answer", "") == "file"
        self._actions = Actions(assignment, task, self, in_full) if assignment and task and in_full else None

    def _show(self, result: dict[str, Any]) -> None:
        self._result = result
        self.verdict: str = result.get("verdict", "not run")
        self.score: float = result.get("score", 0.0)
        self.ok: bool = self.verdict in DONE or recording.gates_open()

    def gate(self, text: str = "") -> None:
        """Stop the calling cell, with an instruction, unless the task has passed."""
        mo.stop(not self.ok, mo.md(f"*{text or f'This part appears when {self.task} passes.'}*"))

    def __repr__(self) -> str:
        return f"<{self.task}: {self.verdict}, {self.score:g} of {self.max_score:g} points>"

    def _display_(self) -> mo.Html:
        word, tone = VERDICTS.get(self.verdict, (self.verdict, "plain"))
        sentence = self._problem or SENTENCES.get(self.verdict, "")
        if self._of_file:
            word, sentence = OF_FILES.get(self.verdict, (word, sentence))
        passed, actions = self.verdict in DONE, self._actions
        if not passed and self.verdict != "unreadable" and self._passed_before():
            sentence = f"{sentence} You have passed this task before, and that counts.".strip()
        buttons = actions is not None  # a control of marimo has no truth value
        parts = [
            f'<p class="dojo-kind">{escape(f"{self.task} {self._title}".strip())}'
            f'<span class="dojo-points">{self._points()}</span></p>',
            f'<p class="dojo-verdict {tone}" role="status"><i aria-hidden="true"></i>{word}</p>',
            f'<p class="dojo-ask">{escape(sentence)}</p>' if sentence else "",
            onward.gained(self.task) if passed else "",
            actions.above() if buttons else "",
            *(() if passed else _checks(self._result.get("checks", []))),
            actions.rest() if buttons else "",
            onward.after(self.task) if passed else "",
            *(_checks(self._result.get("checks", [])) if passed else ()),
            f'<p class="dojo-note" role="status">{escape(self._note)}</p>' if self._note else "",
            actions.below() if buttons else "",
        ]
        return mo.Html(page("".join(parts), f"dojo-report {'passed' if passed else ''}"))

    def _passed_before(self) -> bool:
        return any(entry.get("verdict") in DONE for entry in recording.remembered("attempt", self.task))

    def while_checking(self) -> mo.Html:
        """The card while the next verdict is being made: what it says is marked old."""
        busy = '<p class="dojo-busy" role="status">Checking …</p>'
        head, mark, rest = self._display_().text.partition('<p class="dojo-verdict')
        return mo.Html(head.replace("dojo-report", "dojo-report old") + busy + mark + rest)

    def _points(self) -> str:
        if not self._result.get("checks"):
            return ""
        earned = f"{round(self.score, 1):g} of {self.max_score:g} points"
        return f"{earned} so far" if self._result.get("remaining") else earned


def _checks(checks: list[dict[str, Any]]) -> list[str]:
    """What failed comes first and open, what else failed folded, what passed last."""
    passed = [check for check in checks if check["verdict"] == "passed"]
    # A check that was not run and says nothing is counted among those that remain.
    waiting = [check for check in checks if check["verdict"] == "not_run" and check["message"]]
    others = [check for check in checks if check not in passed and check["verdict"] != "not_run"]
    return [
        *(_check(check, folded=place > 0) for place, check in enumerate(others)),
        _folded(waiting, "not run, because an earlier one has not passed", "plain"),
        _folded(passed, "passed", "good"),
    ]


def _folded(checks: list[dict[str, Any]], words: str, tone: str) -> str:
    if not checks:
        return ""
    count = f"{len(checks)} check{'' if len(checks) == 1 else 's'}"
    lines = "".join(_check({**check, "message": ""}) for check in checks)
    return f'<details><summary class="{tone}">{count} {words}</summary>{lines}</details>'


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
