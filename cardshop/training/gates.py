"""What a model has to show before it may serve: each gate says which number it looked at, and by how much it failed."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

DRAWS = 1_000
SLICE = 30  # cards: smaller slices say nothing
MOST_BEHIND = 0.15  # of the accuracy, in the weakest slice
MOST_OFF = 0.08  # the calibration error that is accepted
MOST_MILLISECONDS = 50.0  # for one card by itself
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
class Held:
    """What a model said about held-out cards: types, probabilities (rows: cards, columns: `classes`)."""

    truth: np.ndarray
    probabilities: np.ndarray
    classes: np.ndarray

    @property
    def hits(self) -> np.ndarray:
        """For each card 1.0 where the likeliest type is the true one, else 0.0."""
        return (self.classes[self.probabilities.argmax(axis=1)] == self.truth).astype(float)

    @property
    def accuracy(self) -> float:
        return float(self.hits.mean())

    @property
    def calibration_error(self) -> float:
        """The mean distance between confidence and accuracy over ten bins of confidence, weighted by their cards."""
        confidence, hits = self.probabilities.max(axis=1), self.hits
        bins = np.minimum((10 * confidence).astype(int), 9)
        return float(
            sum(
                abs(hits[bins == one].mean() - confidence[bins == one].mean()) * (bins == one).mean()
                for one in np.unique(bins)
            )
        )


def difference(ours: np.ndarray, theirs: np.ndarray, seed: int = 0) -> tuple[float, float, float]:
    """Return the mean difference of two models' hits on the same cards, with its 95 % interval by the bootstrap."""
    gained = ours - theirs
    draws = np.random.default_rng(seed).integers(0, len(gained), (DRAWS, len(gained)))
    low, high = np.quantile(gained[draws].mean(axis=1), (0.025, 0.975))
    return float(gained.mean()), float(low), float(high)


def beats_guessing(held: Held) -> Gate:
    """Better than always naming the most frequent type, by more than chance."""
    types, counts = np.unique(held.truth, return_counts=True)
    mean, low, _ = difference(held.hits, (held.truth == types[counts.argmax()]).astype(float))
    return Gate(
        "better than guessing",
        low > 0,
        low,
        0.0,
        f"It is right on {held.accuracy:.1%} of the held-out cards, {100 * mean:.1f} points more than always "
        f"“{types[counts.argmax()]}”; at least {100 * low:.1f} points with 95 % confidence.",
    )


def holds_against(held: Held, champion: Held | None) -> Gate:
    """Not worse than the model that serves, as far as these cards can tell."""
    if champion is None:
        return Gate("holds against the champion", True, 0.0, 0.0, "There is no champion yet.")
    mean, low, high = difference(held.hits, champion.hits)
    return Gate(
        "holds against the champion",
        high >= 0,
        high,
        0.0,
        f"On the same cards it gains {100 * mean:+.1f} points on the champion "
        f"(95 % interval {100 * low:+.1f} to {100 * high:+.1f}).",
    )


def is_calibrated(held: Held) -> Gate:
    """Its confidence can be believed: of the cards at 80 %, about 80 % are right."""
    off = held.calibration_error
    return _at_most(
        "calibrated", off, MOST_OFF, f"Confidence and accuracy differ by {100 * off:.1f} points on average"
    )


def is_fair(held: Held, slices: Iterable[tuple[str, np.ndarray]]) -> Gate:
    """No slice of at least 30 cards is far behind the rest. `slices` are names with masks over the cards."""
    hits = held.hits
    scores = {name: float(hits[mask].mean()) for name, mask in slices if mask.sum() >= SLICE}
    worst = min(scores, key=scores.__getitem__)
    behind = held.accuracy - scores[worst]
    return _at_most(
        "no slice left behind",
        behind,
        MOST_BEHIND,
        f"The weakest slice is {worst} with {scores[worst]:.1%}, {100 * behind:.1f} points behind all cards",
    )


def is_quick(milliseconds: float) -> Gate:
    """One card by itself is answered soon enough."""
    return _at_most(
        "quick", milliseconds, MOST_MILLISECONDS, f"One card takes {milliseconds:.1f} ms (the median)"
    )


def is_small(megabytes: float) -> Gate:
    """It can be sent to every replica, and rolled back, within seconds."""
    return _at_most("small", megabytes, MOST_MEGABYTES, f"Its files have {megabytes:.1f} MB")


def _at_most(name: str, value: float, bar: float, sentence: str) -> Gate:
    over = value - bar
    unit = 100 if bar < 1 else 1
    told = f"; at most {unit * bar:g} are allowed" + (f", {unit * over:.1f} too many" if over > 0 else "")
    return Gate(name, over <= 0, value, bar, f"{sentence}{told}.")
