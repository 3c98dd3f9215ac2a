"""When to train again: four triggers as pure functions, and one decision about them.

They belong to training and not to monitoring: the monitor only looks, and whoever reads it may act or not.

A trigger that has led to a training is spent. It can fire again once its condition has been away for a while, so a
number that hovers around its threshold causes one training and not one at every look. Where the training brought no new
champion (a gate refused its model, the canary was rolled back, the process was killed), nothing has been done about the
condition: then the trigger can fire again after some days, when more labels are there. A budget limits all triggers
together: whatever the numbers say, no more than so many trainings fall in a period.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from cardshop.monitoring.drift import LARGE
from cardshop.monitoring.quality import quality
from cardshop.training.policy import Policy

Action = Literal["wait", "notice", "hold", "retrain"]


@dataclass(frozen=True)
class Facts:
    """What is known at a look. Times are seconds since 1970.

    `answered` says when each card that has a label by now was answered, the earliest first. `hits` says for each of
    them that the champion answered whether it was right, in the same order. `psi` is the drift of each feature.
    """

    now: float
    trained: float  # when the newest model was registered
    champion: float  # when the model that serves was registered
    answered: Sequence[float] = ()
    hits: Sequence[bool] = ()
    psi: Mapping[str, float] = field(default_factory=dict)

    def labels_since(self, moment: float) -> int:
        """The labelled cards that were answered at `moment` or later."""
        return sum(one >= moment for one in self.answered)


@dataclass(frozen=True)
class Finding:
    """What a trigger sees: whether its condition is met, whether a training would help by now, and the numbers."""

    met: bool
    ready: bool
    sentence: str


@dataclass(frozen=True)
class Mark:
    """What is remembered of a trigger whose condition was met: since when, since when it is away, and when it fired.

    `fired` is the training that the trigger is spent for, whether that trigger or another one was the reason.
    """

    since: float | None = None
    away_since: float | None = None
    fired: float | None = None


@dataclass(frozen=True)
class Memory:
    """What is remembered between two looks: a mark for each trigger, and when the trainings of the period began."""

    marks: Mapping[str, Mark] = field(default_factory=dict)
    trainings: tuple[float, ...] = ()


@dataclass(frozen=True)
class Decision:
    """What to do, because of which trigger, and the sentence for the audit log."""

    action: Action
    trigger: str
    reason: str


def schedule(facts: Facts, policy: Policy) -> Finding:
    """The newest model is old, whatever the other numbers say: what none of them measures may have changed."""
    age = (facts.now - facts.trained) / policy.day
    old = age > policy.age
    return Finding(old, old, f"The newest model is {age:.1f} days old; up to {policy.age:g} are fine.")


def volume(facts: Facts, policy: Policy) -> Finding:
    """So many new labels have come that a model which knows them should be better."""
    new = facts.labels_since(facts.trained)
    many = new >= policy.volume
    return Finding(
        many,
        many,
        f"{new:,} cards that were answered since the last training have a label; "
        f"{policy.volume:,} are a reason to train.",
    )


def performance(facts: Facts, policy: Policy, drifting_since: float | None = None) -> Finding:
    """The champion is surely right less often than when it was new: the two 95 % intervals do not touch.

    Where a drift is known, a training waits for labels of the cards that show it, as for `drift`.
    """
    if len(facts.hits) < 2 * policy.window:
        return Finding(
            False,
            False,
            f"The champion's answers have {len(facts.hits):,} labels; {2 * policy.window:,} are needed to compare its "
            "first with its latest.",
        )
    first, latest = quality(facts.hits[: policy.window]), quality(facts.hits[-policy.window :])
    worse = latest.high < first.low
    return Finding(
        worse,
        worse and (drifting_since is None or facts.labels_since(drifting_since) >= policy.learnable),
        f"Of the champion's latest {policy.window} labelled answers {latest.accuracy:.1%} were right "
        f"({latest.low:.1%} to {latest.high:.1%}), of its first {policy.window} {first.accuracy:.1%} "
        f"({first.low:.1%} to {first.high:.1%}).",
    )


def drift(facts: Facts, policy: Policy, since: float | None) -> Finding:
    """A feature has moved, `since` when if it had before, and enough of the cards that show it have a label.

    Without those labels a training would learn the old world again.
    """
    moved = sorted((psi, name) for name, psi in facts.psi.items() if psi > LARGE)
    if not facts.psi:
        return Finding(False, False, "The monitor has too few cards to compare.")
    psi, name = moved[-1] if moved else max((psi, name) for name, psi in facts.psi.items())
    others = f" ({len(moved)} features are above {LARGE:g})" if len(moved) > 1 else ""
    told = f"The PSI of {name} is {psi:.2f}{others}; above {LARGE:g} counts as drift."
    if not moved:
        return Finding(False, False, told)
    labels = facts.labels_since(facts.now if since is None else since)
    return Finding(
        True,
        labels >= policy.learnable,
        f"{told} {labels} cards that were answered since then have a label; a training needs {policy.learnable}.",
    )


def findings(facts: Facts, policy: Policy, memory: Memory) -> dict[str, Finding]:
    """What each trigger sees; the first that is ready gives the reason for a training."""
    since = memory.marks.get("drift", Mark()).since
    return {
        "drift": drift(facts, policy, since),
        "performance": performance(facts, policy, since),
        "volume": volume(facts, policy),
        "schedule": schedule(facts, policy),
    }


def decide(facts: Facts, policy: Policy, memory: Memory) -> tuple[Decision, Memory]:
    """Decide at a look, and return what to remember until the next one.

    `notice`: a condition is met since this look, and no training helps yet. `hold`: a trigger fires, and the budget is
    spent. `retrain`: the training is counted from now on, whether or not it succeeds.
    """
    seen = findings(facts, policy, memory)
    marks = {
        name: _mark(memory.marks.get(name, Mark()), one.met, facts.now, policy) for name, one in seen.items()
    }
    recent = tuple(one for one in memory.trainings if one > facts.now - policy.period * policy.day)
    firing = [name for name, one in seen.items() if one.ready and _can_fire(marks[name], facts, policy)]
    if not firing:
        fresh = [name for name, one in marks.items() if one.since == facts.now]
        action, name = ("notice", fresh[0]) if fresh else ("wait", next(iter(seen)))
        return Decision(action, name, seen[name].sentence), Memory(marks, recent)
    name = firing[0]
    reason = seen[name].sentence
    if (fired := marks[name].fired) is not None:
        reason += (
            f" The training {(facts.now - fired) / policy.day:.1f} days ago has brought no new champion."
        )
    if len(recent) >= policy.budget:
        spent = (
            f"{reason} But {len(recent)} trainings began in the last {policy.period:g} days, and "
            f"{policy.budget} are the budget."
        )
        return Decision("hold", name, spent), Memory(marks, recent)
    marks = {
        other: replace(one, fired=None if one.since is None else facts.now) for other, one in marks.items()
    }
    return Decision("retrain", name, reason), Memory(marks, (*recent, facts.now))


def _can_fire(mark: Mark, facts: Facts, policy: Policy) -> bool:
    if mark.fired is None:
        return True
    return facts.champion < mark.fired and facts.now - mark.fired >= policy.retry * policy.day


def _mark(before: Mark, met: bool, now: float, policy: Policy) -> Mark:
    """The mark after a look. Until the condition was away long enough, it counts as the same one."""
    if met:
        return Mark(now if before.since is None else before.since, None, before.fired)
    if before.since is None:
        return before
    away = now if before.away_since is None else before.away_since
    return Mark() if now - away >= policy.away * policy.day else replace(before, away_since=away)
