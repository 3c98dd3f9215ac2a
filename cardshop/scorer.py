"""A model as a file of numbers: what a small service needs to tell the type of a card. Nothing in it can be executed.

It is the linear model of unit 3 without its libraries: one weight for each type and feature.
"""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

from cardshop.world.species import STATS

STAGES = ("Basic", "Stage 1", "Stage 2")
FILE = "scorer.json"


@dataclass(frozen=True)
class Scorer:
    """Weights (types, features) and one bias for each type. The features are STATS, then one for each of STAGES."""

    version: str
    types: list[str]
    weights: np.ndarray
    bias: np.ndarray

    @classmethod
    def read(cls, folder: Path) -> "Scorer":
        """Read the model of a folder. Raises FileNotFoundError where there is none, ValueError where it is damaged."""
        try:
            stored = json.loads((folder / FILE).read_bytes())
            weights, bias = np.array(stored["weights"], float), np.array(stored["bias"], float)
            types = [str(one) for one in stored["types"]]
            if weights.shape != (len(types), len(STATS) + len(STAGES)) or bias.shape != (len(types),):
                raise ValueError("the numbers of weights and types differ")
            return cls(str(stored["version"]), types, weights, bias)
        except (ValueError, KeyError, TypeError) as error:
            raise ValueError(f"{FILE} is damaged: {error}") from None

    def write(self, folder: Path) -> None:
        """Write the file whole, so that nobody reads half of it."""
        unfinished = folder / f"{FILE}.unfinished"
        unfinished.write_bytes(self.content)
        unfinished.replace(folder / FILE)

    @property
    def content(self) -> bytes:
        stored = {
            "version": self.version,
            "types": self.types,
            "weights": self.weights.round(6).tolist(),
            "bias": self.bias.round(6).tolist(),
        }
        return json.dumps(stored).encode()

    def predict(self, cards: list[dict]) -> list[dict]:
        """Return the likeliest type of each card and its probability; a card has `card_id`, `stage` and all STATS."""
        if not cards:
            return []
        stats = [[card[stat] for stat in STATS] for card in cards]
        stages = [[card["stage"] == stage for stage in STAGES] for card in cards]
        shares = self.probabilities(np.array(stats, float), np.array(stages, float))
        best = shares.argmax(axis=1)
        return [
            {
                "card_id": card["card_id"],
                "card_type": self.types[one],
                "probability": round(float(share[one]), 6),
            }
            for card, one, share in zip(cards, best, shares, strict=True)
        ]

    def probabilities(self, stats: np.ndarray, stages: np.ndarray) -> np.ndarray:
        """Return (rows, types) of probabilities from stats (rows, 6) and stages (rows, 3), one of which is 1."""
        scores = np.hstack([stats / 100, stages]) @ self.weights.T + self.bias
        scores = np.exp(scores - scores.max(axis=1, keepdims=True))
        return scores / scores.sum(axis=1, keepdims=True)


def seen(cards: pl.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """The features (rows, 9) and the types of the cards that have no gap in STATS, `stage` and `card_type`."""
    whole = cards.drop_nulls([*STATS, "stage", "card_type"])
    stages = np.column_stack([(whole["stage"] == stage).to_numpy() for stage in STAGES])
    return np.hstack([whole.select(STATS).to_numpy() / 100, stages]), whole["card_type"].to_numpy()


def fit(cards: pl.DataFrame, version: str = "1") -> Scorer:
    """Fit the model on a table of cards with `card_type`; rows with a gap are left out."""
    from sklearn.linear_model import LogisticRegression

    model = LogisticRegression(max_iter=2_000, C=10).fit(*seen(cards))
    return Scorer(version, [str(one) for one in model.classes_], model.coef_, model.intercept_)
