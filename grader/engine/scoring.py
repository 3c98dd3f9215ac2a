"""From what became of the checks to verdict and points. Pure; notebook, command line and gradebook share it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

CheckVerdict = Literal["passed", "failed", "error", "timed_out", "not_run"]
Verdict = Literal[
    "not_attempted", "blocked", "error", "timed_out", "failed", "not_run_here", "review", "passed"
]

DONE = ("passed", "review")  # the verdicts of a task whose checks have all passed


@dataclass(frozen=True)
class Outcome:
    """What became of one check.

    `weight` 0 is a gate; `parts` are what a learner reads, in this order, by their kind (cause, expected, got,
    called, returned, reread …); `remaining` says that it was left for a full run; `figures` are what the check
    has measured and put on record (with pytest's `record_property`).
    """

    name: str
    public: bool
    weight: float
    verdict: CheckVerdict
    parts: dict[str, str] = field(default_factory=dict)
    remaining: bool = False
    figures: dict[str, object] = field(default_factory=dict)

    @property
    def message(self) -> str:
        """All that a learner reads."""
        return "\n".join(self.parts.values())


def points_of(outcomes: Sequence[Outcome], points: float) -> list[tuple[float, float]]:
    """Return (score, max_score) of each check: points by weight, none at all unless every gate passed."""
    total = sum(outcome.weight for outcome in outcomes)
    if not total:
        raise ValueError("a task needs a check with a weight above 0")
    open_gates = all(outcome.verdict == "passed" for outcome in outcomes if outcome.weight == 0)
    shares = [
        (
            points * outcome.weight / total if open_gates and outcome.verdict == "passed" else 0.0,
            points * outcome.weight / total,
        )
        for outcome in outcomes
    ]
    assert all(0 <= score <= most for score, most in shares)
    return shares


def score_of(outcomes: Sequence[Outcome], points: float) -> float:
    """Return the points of a task, rounded to 2 places."""
    score = round(sum(score for score, _ in points_of(outcomes, points)), 2)
    assert 0 <= score <= points
    return score


def verdict_of(outcomes: Sequence[Outcome], review: float = 0) -> Verdict:
    """Return the verdict of a task that was attempted and not blocked: the first that applies.

    `not_run_here`: nothing is known, since every check was left for a full run.
    """
    verdicts = {outcome.verdict for outcome in outcomes if not outcome.remaining}
    for verdict in ("error", "timed_out", "failed"):
        if verdict in verdicts:
            return verdict
    if not verdicts:
        return "not_run_here"
    if verdicts != {"passed"}:
        return "failed"
    return "review" if review else "passed"
