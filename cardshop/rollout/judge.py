"""What the numbers of a rollout say: go on, take the challenger back, or promote it. A pure function of the tallies."""

from dataclasses import dataclass, field
from typing import Literal

from cardshop.rollout.policies import Plan
from cardshop.rollout.sequential import Tally, difference

Action = Literal["wait", "rollback", "promote"]
FEWEST_REQUESTS = 50  # of the challenger: before, its errors and times say nothing
MOST_ERRORS = 0.01  # share of the challenger's predictions that may fail
SLOWER = 2.0  # times the champion's median
MARGIN = 0.02  # by so much the challenger may be worse and still be promoted


@dataclass
class Counts:
    """What was measured of one arm."""

    requests: int = 0
    errors: int = 0
    seconds: list[float] = field(default_factory=list)  # of the last requests
    tally: Tally = Tally()


@dataclass(frozen=True)
class Decision:
    """What to do, and the sentence for the audit log."""

    action: Action
    reason: str


def judge(plan: Plan, champion: Counts, challenger: Counts) -> Decision:
    """Decide about a rollout. Service levels come first, then quality; shadow and blue–green wait for a person."""
    if challenger.requests >= FEWEST_REQUESTS:
        share = challenger.errors / challenger.requests
        if share > MOST_ERRORS:
            return Decision(
                "rollback",
                f"{share:.1%} of the challenger's predictions failed ({challenger.errors} of {challenger.requests}); "
                f"{MOST_ERRORS:.0%} may.",
            )
        if champion.seconds and _median(challenger.seconds) > SLOWER * _median(champion.seconds):
            return Decision(
                "rollback",
                f"The challenger's median time is {1000 * _median(challenger.seconds):.1f} ms, more than {SLOWER:g} "
                f"times the champion's {1000 * _median(champion.seconds):.1f} ms.",
            )
    found = difference(champion.tally, challenger.tally)
    counted = (
        f"{found.value:+.1%} right ({found.low:+.1%} to {found.high:+.1%}) after {challenger.tally.labels} labels of "
        f"the challenger and {champion.tally.labels} of the champion"
    )
    if found.high < 0:
        return Decision("rollback", f"The challenger is worse: {counted}.")
    if plan.kind in ("canary", "ab", "bandit") and found.low > -MARGIN:
        return Decision("promote", f"The challenger is not worse by more than {MARGIN:.0%}: {counted}.")
    return Decision("wait", f"Not decided: {counted}.")


def _median(values: list[float]) -> float:
    return sorted(values)[len(values) // 2] if values else 0.0
