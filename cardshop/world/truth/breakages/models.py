"""Faults of a new version of the model, which goes past the gates."""

from functools import partial

import numpy as np
import polars as pl
from sklearn.pipeline import Pipeline, make_pipeline

from cardshop.features import CardFeatures
from cardshop.quality import CARD_TYPES
from cardshop.training.boosting import Boosting
from cardshop.training.classifier import LABEL, split
from cardshop.training.encoding import Encoder
from cardshop.world.truth.breakages.fault import Fault
from cardshop.world.truth.catalogue import catalogue

WORLD = 0
"""The world whose cards are scanned during an incident, and from which its models learn."""


def trained(fault: Fault | None = None) -> Pipeline:
    """The shop's model; or the version that a fault, where it spoils a model, brings to the customers."""
    train, _ = split(catalogue(WORLD)[1], WORLD)
    labels = train[LABEL].to_numpy()
    if fault and fault.teach:
        labels = fault.teach(labels)
    boosting = Boosting(trees=fault.trees) if fault and fault.trees else Boosting()
    return make_pipeline(CardFeatures(), Encoder(), boosting).fit(train.drop(LABEL), labels)


def accuracy(model: Pipeline) -> float:
    """The share of right answers for cards that no version has learned from."""
    test = _held_out()
    return float((model.predict(test.drop(LABEL)) == test[LABEL].to_numpy()).mean())


def example(rows: int = 20) -> pl.DataFrame:
    """Cards that no version has learned from, without their types."""
    return _held_out().drop(LABEL).head(rows)


def _held_out() -> pl.DataFrame:
    return split(catalogue(WORLD)[1], WORLD)[1]


def _rounds(rng: np.random.Generator, **names: str) -> Fault:
    after = {"confidence": (0.15, 0.6), "confidence_psi": (0.2, 20)}
    return Fault(change="model", shows=("model",), after=after, trees=int(rng.integers(3, 8)), **names)


def _bias(rng: np.random.Generator, **names: str) -> Fault:
    kind, seed = str(rng.choice(CARD_TYPES)), int(rng.integers(2**31))
    after = {"share_top_type": (0.5, 1), "type_psi": (0.2, 50)}
    return Fault(change="model", shows=("model",), after=after, teach=partial(_one, kind, seed), **names)


def _labels(rng: np.random.Generator, **names: str) -> Fault:
    teach = partial(_shuffled, int(rng.integers(2**31)))
    return Fault(change="model", shows=("model",), after={"accuracy": (0, 0.6)}, teach=teach, **names)


def _one(kind: str, seed: int, labels: np.ndarray) -> np.ndarray:
    """Seven of ten labels are this type."""
    return np.where(np.random.default_rng(seed).random(len(labels)) < 0.7, kind, labels)


def _shuffled(seed: int, labels: np.ndarray) -> np.ndarray:
    """Nine of ten labels are those of other cards."""
    rng = np.random.default_rng(seed)
    hit = np.flatnonzero(rng.random(len(labels)) < 0.9)
    spoiled = labels.copy()
    spoiled[hit] = rng.permutation(labels[hit])
    return spoiled


FAULTS = {"rounds": ("confidence", _rounds), "bias": ("fire", _bias), "labels": ("worse", _labels)}
