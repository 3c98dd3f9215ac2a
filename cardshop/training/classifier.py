"""The shop's classifier of card types: one model for everybody, so that features alone make a difference.

A scanned card is put into the right box by it, so a wrong type costs a walk to the shelves and back. The model is
a random forest with fixed settings. It takes numbers as they are and words one-hot encoded; it has to be told
everything else. Accuracy, the share of cards in the right box, is fair here: no type has more than a fifth of them.
"""

from typing import Protocol

import numpy as np
import polars as pl
from sklearn.ensemble import RandomForestClassifier

from cardshop.training.encoding import Encoder

LABEL = "card_type"
GIVEN = (
    "hp",
    "attack",
    "defense",
    "special_attack",
    "special_defense",
    "speed",
    "height_m",
    "weight_kg",
    "print_run",
    "legendary",
    "rarity",
    "stage",
)
"""The columns that the model has always been given, as they stand in the catalogue."""

TRAINED_SHARE = 0.75


class Features(Protocol):
    """What makes features: a transformer of scikit-learn, or anything with these two methods."""

    def fit_transform(self, cards: pl.DataFrame, labels: np.ndarray) -> pl.DataFrame: ...

    def transform(self, cards: pl.DataFrame) -> pl.DataFrame: ...


def split(cards: pl.DataFrame, seed: int = 0) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return three quarters of the cards to train on and a quarter that is held out, drawn by `seed`."""
    trained = np.random.default_rng(seed).random(cards.height) < TRAINED_SHARE
    return cards.filter(pl.Series(trained)), cards.filter(pl.Series(~trained))


def accuracy(train: pl.DataFrame, labels: np.ndarray, test: pl.DataFrame, truth: np.ndarray) -> float:
    """Train the model on the features `train` and return the share of the rows of `test` that it gets right.

    Both tables have the same columns: numbers or booleans, all finite, and words. Raises ValueError otherwise.
    """
    encoder = Encoder()
    forest = RandomForestClassifier(60, min_samples_leaf=2, random_state=0)
    forest.fit(encoder.fit_transform(train), labels)
    return float(forest.score(encoder.transform(test), truth))


def held_out_accuracy(features: Features, cards: pl.DataFrame, seed: int = 0) -> float:
    """Return the accuracy on held-out cards of the model that is trained on these features and nothing else.

    The features are fitted on the training part alone, and see labels of that part alone.
    """
    train, test = split(cards, seed)
    labels, truth = (part[LABEL].to_numpy() for part in (train, test))
    return accuracy(
        features.fit_transform(train.drop(LABEL), labels), labels, features.transform(test.drop(LABEL)), truth
    )


class Given:
    """The columns of `GIVEN`, unchanged: the baseline."""

    def fit_transform(self, cards: pl.DataFrame, labels: np.ndarray) -> pl.DataFrame:
        return self.transform(cards)

    def transform(self, cards: pl.DataFrame) -> pl.DataFrame:
        return cards.select(GIVEN)
