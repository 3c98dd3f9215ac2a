"""Comparing two arms while the numbers come in, without being fooled by looking too often.

An ordinary 95 % interval is right for one look at the end. Whoever looks after every label, and stops when the interval
leaves zero, is wrong far more often than 5 %. The interval below holds at all looks together: with probability 95 % it
never excludes the true difference, however often and whenever one looks. It is the asymptotic confidence sequence of
Waudby-Smith, Arbour, Sinha, Kennedy and Ramdas, “Time-uniform central limit theory and asymptotic confidence
sequences” (2021), theorem 2.2.
"""

import math
from dataclasses import dataclass

TIGHTEST = 1_000  # labels at which the interval is tightest, compared with what is possible
FEWEST = 20  # labels for each arm: before, nothing is said


@dataclass(frozen=True)
class Tally:
    """What came back for an arm: how many labels, and how many predictions were right."""

    labels: int = 0
    right: int = 0

    @property
    def rate(self) -> float:
        """The share that was right; the half label of each kind keeps it from 0 and 1."""
        return (self.right + 0.5) / (self.labels + 1)


@dataclass(frozen=True)
class Difference:
    """The challenger's rate minus the champion's, with an interval that holds at all looks."""

    value: float
    low: float
    high: float


def difference(champion: Tally, challenger: Tally, error: float = 0.05) -> Difference:
    """Compare two arms. `error` is the probability that any of all looks excludes the truth.

    The theorem is about one arm. The arms are independent, so their widths are combined as standard errors are; that
    step is not in the paper, and the tests simulate it.
    """
    value = challenger.rate - champion.rate
    width = math.hypot(_width(champion, error / 2), _width(challenger, error / 2))
    if min(champion.labels, challenger.labels) < FEWEST:
        return Difference(value, -1.0, 1.0)
    return Difference(value, max(value - width, -1.0), min(value + width, 1.0))


def _width(tally: Tally, error: float) -> float:
    """Half the width of the sequence for the rate of one arm after as many labels as it has."""
    if not tally.labels:
        return 1.0
    n, rho2 = tally.labels, _rho2(error)
    spread = math.sqrt(tally.rate * (1 - tally.rate))
    return spread * math.sqrt(2 * (n * rho2 + 1) / (n**2 * rho2) * math.log(math.sqrt(n * rho2 + 1) / error))


def _rho2(error: float) -> float:
    """The parameter that makes the interval tightest after `TIGHTEST` labels (their appendix B.2)."""
    return (-2 * math.log(error) + math.log(-2 * math.log(error) + 1)) / TIGHTEST
