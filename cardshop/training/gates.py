"""What a model has to show before it may serve: each gate says which number it looked at, and by how much it failed."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

import numpy as np

DRAWS = 1_000
SLICE = 30  # rows: smaller slices say nothing
MOST_BEHIND = 0.15  # in the weakest slice
MOST_OFF = 0.08  # the calibration error that is accepted
MOST_MILLISECONDS = 50.0  # for one row by itself
MOST_MEGABYTES = 20.0


@dataclass(frozen=True)
class Gate:
    """One condition: `value` is compared with `bar`; `sentence` says it in words."""

    name: str
    passed: bool
    value: float
    bar: float
    sentence: str


@dataclass(frozen=True)
class Metric:
    """How a task is scored: each row has a score, and the metric is their mean.

    `better` is 1 where a higher score is better, and -1 where a lower one is. Sentences show scores `times` a number.
    """

    better: int
    unit: str
    times: int = 1
    digits: int = 1

    def gain(self, ours: np.ndarray, theirs: np.ndarray) -> np.ndarray:
        """How much better our scores are than theirs, row by row: above 0 is better, whatever the metric."""
        return self.better * (ours - theirs)

    def number(self, value: float, sign: str = "") -> str:
        """The value as a sentence shows it; the sign "+" shows that of positive values too."""
        return f"{self.times * value:{sign}.{self.digits}f}"


ACCURACY = Metric(better=1, unit=" points", times=100)


class Answers(Protocol):
    """What a model said about the held-out rows of a task, and what the baseline says about them: `Held` for types."""

    metric: Metric
    rows: str  # what a row is, in the plural
    groups: np.ndarray | None  # rows of the same group are not independent; None: all rows are
    scores: np.ndarray
    guessed: np.ndarray  # the scores of the baseline
    told: str  # the metric as the start of a sentence
    guess: str  # the baseline in words

    def behind(self, rows: np.ndarray) -> tuple[float, str]:
        """How far a slice, given as a mask, is behind the rest, as a share from 0 to 1; and in words."""
        ...


class Believable(Protocol):
    """What a model of probabilities also has."""

    calibration_error: float
    compared: str  # the two things whose difference it is


@dataclass(frozen=True)
class Held:
    """What a model said about held-out cards: types, probabilities (rows: cards, columns: `classes`)."""

    truth: np.ndarray
    probabilities: np.ndarray
    classes: np.ndarray
    metric = ACCURACY
    rows = "cards"
    groups = None
    compared = "Confidence and accuracy"

    @property
    def hits(self) -> np.ndarray:
        """For each card 1.0 where the likeliest type is the true one, else 0.0."""
        return (self.classes[self.probabilities.argmax(axis=1)] == self.truth).astype(float)

    @property
    def accuracy(self) -> float:
        return float(self.hits.mean())

    @property
    def scores(self) -> np.ndarray:
        return self.hits

    @property
    def guessed(self) -> np.ndarray:
        return (self.truth == self._most_frequent).astype(float)

    @property
    def guess(self) -> str:
        return f"always “{self._most_frequent}”"

    @property
    def told(self) -> str:
        return f"It is right on {self.accuracy:.1%} of the held-out cards"

    @property
    def calibration_error(self) -> float:
        return calibration_error(self.probabilities.max(axis=1), self.hits)

    def behind(self, rows: np.ndarray) -> tuple[float, str]:
        score = float(self.hits[rows].mean())
        behind = self.accuracy - score
        return behind, f"with {score:.1%}, {100 * behind:.1f} points behind all cards"

    @property
    def _most_frequent(self) -> object:
        types, counts = np.unique(self.truth, return_counts=True)
        return types[counts.argmax()]


def calibration_error(said: np.ndarray, happened: np.ndarray) -> float:
    """The mean distance between a probability and how often it came true, over ten bins, weighted by their rows."""
    bins = np.minimum((10 * said).astype(int), 9)
    return float(
        sum(
            abs(happened[bins == one].mean() - said[bins == one].mean()) * (bins == one).mean()
            for one in np.unique(bins)
        )
    )


def mean_gain(
    gained: np.ndarray, groups: np.ndarray | None = None, seed: int = 0
) -> tuple[float, float, float]:
    """Return the mean of what each row gains, with its 95 % interval by the bootstrap.

    The bootstrap draws whole groups, where there are any: ten sales of a card say less than sales of ten cards.
    """
    places = np.arange(len(gained)) if groups is None else np.unique(groups, return_inverse=True)[1]
    sums, counts = np.bincount(places, gained), np.bincount(places)
    draws = np.random.default_rng(seed).integers(0, len(sums), (DRAWS, len(sums)))
    low, high = np.quantile(sums[draws].sum(axis=1) / counts[draws].sum(axis=1), (0.025, 0.975))
    return float(gained.mean()), float(low), float(high)


def beats_guessing(held: Answers) -> Gate:
    """Better than the baseline of its task, such as always naming the most frequent type, by more than chance."""
    metric = held.metric
    mean, low, _ = mean_gain(metric.gain(held.scores, held.guessed), held.groups)
    more = "more" if (mean >= 0) == (metric.better > 0) else "less"
    surely = f"; at least {metric.number(low)}{metric.unit} with 95 % confidence" if mean >= 0 else ""
    return Gate(
        "better than guessing",
        low > 0,
        low,
        0.0,
        f"{held.told}, {metric.number(abs(mean))}{metric.unit} {more} than {held.guess}{surely}.",
    )


def holds_against(held: Answers, champion: Answers | None) -> Gate:
    """Not worse than the model that serves, as far as these rows can tell."""
    if champion is None:
        return Gate("holds against the champion", True, 0.0, 0.0, "There is no champion yet.")
    metric = held.metric
    mean, low, high = mean_gain(metric.gain(held.scores, champion.scores), held.groups)
    return Gate(
        "holds against the champion",
        high >= 0,
        high,
        0.0,
        f"On the same {held.rows} it gains {metric.number(mean, '+')}{metric.unit} on the champion "
        f"(95 % interval {metric.number(low, '+')} to {metric.number(high, '+')}).",
    )


def is_calibrated(held: Believable) -> Gate:
    """Its confidence can be believed: of the cards at 80 %, about 80 % are right."""
    off = held.calibration_error
    return _at_most(
        "calibrated", off, MOST_OFF, f"{held.compared} differ by {100 * off:.1f} points on average"
    )


def is_fair(held: Answers, slices: Iterable[tuple[str, np.ndarray]]) -> Gate:
    """No slice of at least 30 rows is far behind the rest. `slices` are names with masks over the rows."""
    told = {name: held.behind(mask) for name, mask in slices if mask.sum() >= SLICE}
    worst = max(told, key=lambda name: told[name][0])
    behind, words = told[worst]
    return _at_most("no slice left behind", behind, MOST_BEHIND, f"The weakest slice is {worst} {words}")


def is_quick(milliseconds: float, row: str = "card") -> Gate:
    """One row by itself is answered soon enough."""
    return _at_most(
        "quick", milliseconds, MOST_MILLISECONDS, f"One {row} takes {milliseconds:.1f} ms (the median)"
    )


def is_small(megabytes: float) -> Gate:
    """It can be sent to every replica, and rolled back, within seconds."""
    return _at_most("small", megabytes, MOST_MEGABYTES, f"Its files have {megabytes:.1f} MB")


def _at_most(name: str, value: float, bar: float, sentence: str) -> Gate:
    over = value - bar
    unit = 100 if bar < 1 else 1
    told = f"; at most {unit * bar:g} are allowed" + (f", {unit * over:.1f} too many" if over > 0 else "")
    return Gate(name, over <= 0, value, bar, f"{sentence}{told}.")
