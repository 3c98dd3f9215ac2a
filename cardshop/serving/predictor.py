"""A loaded model with its name: from a table of cards to probabilities."""

from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np
import polars as pl

from cardshop.serving.schemas import Card, table


class Classifier(Protocol):
    """What `fit` of scikit-learn makes from cards and their types."""

    classes_: np.ndarray

    def predict_proba(self, cards: pl.DataFrame) -> np.ndarray: ...


@dataclass
class Predictor:
    """A model of the registry, in memory. `version` counts up in the registry; `data_version` is a digest."""

    model: Classifier
    name: str
    version: str
    data_version: str

    def probabilities(self, cards: pl.DataFrame) -> np.ndarray:
        """Return an array of floats with a row for each card and a column for each of `classes`."""
        *before, (_, last) = getattr(self.model, "steps", [("model", self.model)])
        for _, step in before:  # by hand: what a Pipeline checks takes longer than what its steps do
            cards = step.transform(cards)
        return np.asarray(last.predict_proba(cards), dtype=float)

    def warm_up(self) -> None:
        """Predict a card of which nothing is known: the first prediction loads tables and fills caches."""
        self.probabilities(table([Card(card_id="warm-up")]))

    @cached_property
    def title(self) -> dict[str, str]:
        """Name, version and data version, as the schema `Model` states them."""
        return {"name": self.name, "version": self.version, "data_version": self.data_version}

    @cached_property
    def classes(self) -> list[str]:
        return [str(one) for one in self.model.classes_]
