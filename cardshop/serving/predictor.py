"""A loaded model with its name: from a table of cards to probabilities."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
import polars as pl

from cardshop.serving.schemas import Card, table


class Classifier(Protocol):
    """What `fit` of scikit-learn makes from cards and their types."""

    classes_: np.ndarray

    def predict_proba(self, cards: pl.DataFrame) -> np.ndarray: ...


@dataclass(frozen=True)
class Predictor:
    """A model of the registry, in memory. `version` counts up in the registry; `data_version` is a digest."""

    model: Classifier
    name: str
    version: str
    data_version: str

    def probabilities(self, cards: pl.DataFrame) -> np.ndarray:
        """Return an array of floats with a row for each card and a column for each of `classes`."""
        return np.asarray(self.model.predict_proba(cards), dtype=float)

    def warm_up(self) -> None:
        """Predict a card of which nothing is known: the first prediction loads tables and fills caches."""
        self.probabilities(table([Card(card_id="warm-up")]))

    @property
    def classes(self) -> list[str]:
        return [str(one) for one in self.model.classes_]
