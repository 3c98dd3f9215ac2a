"""Quality: what labels that came back later say about the predictions."""

from collections.abc import Sequence
from typing import NamedTuple

from scipy import stats


class Quality(NamedTuple):
    """The share of right predictions among the labelled ones, with its 95 % interval (Wilson); NaN without labels."""

    labels: int
    accuracy: float
    low: float
    high: float


def quality(hits: Sequence[bool]) -> Quality:
    """Return the accuracy of labelled predictions."""
    if not hits:
        return Quality(0, *3 * (float("nan"),))
    right = sum(hits)
    interval = stats.binomtest(right, len(hits)).proportion_ci(method="wilson")
    return Quality(len(hits), right / len(hits), float(interval.low), float(interval.high))
