"""A loaded model with its name: from a table of cards to probabilities."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np
import polars as pl

from cardshop.serving.schemas import Card, table
from cardshop.training.boosting import Boosting

FEW = 16
"""So many cards go to the compiled trees; XGBoost starts slowly, and is the faster one from 32 cards on."""


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
    _trees: Callable[[np.ndarray], np.ndarray] | None = None

    def probabilities(self, cards: pl.DataFrame) -> np.ndarray:
        """Return an array of floats with a row for each card and a column for each of `classes`."""
        *before, last = self._steps
        for step in before:  # by hand: what a Pipeline checks takes longer than what its steps do
            cards = step.transform(cards)
        quick = self._trees if len(cards) <= FEW else None
        return np.asarray((quick or last.predict_proba)(cards), dtype=float)

    def warm_up(self) -> None:
        """Compile boosted trees, and predict a card of which nothing is known: that loads tables and fills caches."""
        from cardshop.serving.compiled import compiled  # a training reads models without ONNX

        last = self._steps[-1]
        if isinstance(last, Boosting):
            self._trees = compiled(last.model_)
        self.probabilities(table([Card(card_id="warm-up")]))

    @cached_property
    def _steps(self) -> list:
        """The steps of a pipeline, the classifier last; a model that is no pipeline is its own only step."""
        return [step for _, step in getattr(self.model, "steps", [("model", self.model)])]

    @cached_property
    def title(self) -> dict[str, str]:
        """Name, version and data version, as the schema `Model` states them."""
        return {"name": self.name, "version": self.version, "data_version": self.data_version}

    @cached_property
    def classes(self) -> list[str]:
        return [str(one) for one in self.model.classes_]
