"""What three changes to the shop's classifier are worth: a larger forest, or one of two kinds of features."""

import numpy as np
import polars as pl
from scipy.stats import rankdata
from sklearn.ensemble import RandomForestClassifier

from cardshop.training import classifier
from cardshop.training.encoding import Encoder

CHANGES = ["200 trees", "shares of strength", "the text"]
STATS = ["hp", "attack", "defense", "special_attack", "special_defense", "speed"]


def gains(cards: pl.DataFrame) -> dict[str, float]:
    """The accuracy on held-out cards as it is (`now`), and the points that each of CHANGES adds to it."""
    strength = pl.mean_horizontal(pl.col(STATS).log())
    shares = [(pl.col(stat).log() - strength).alias(f"{stat}_share") for stat in STATS]
    now, larger = _accuracies(cards, [], (60, 200))
    shared, told = (_accuracies(cards, extra)[0] for extra in (shares, [pl.col("text").fill_null("no text")]))
    points = (100 * (one - now) for one in (larger, shared, told))
    return {"now": now, **dict(zip(CHANGES, points, strict=True))}


def _accuracies(cards: pl.DataFrame, extra: list[pl.Expr], sizes: tuple[int, ...] = (60,)) -> list[float]:
    """The accuracies of forests of growing `sizes`, on the given columns and some `extra` ones."""
    parts = classifier.split(cards)
    labels, truth = (part[classifier.LABEL].to_numpy() for part in parts)
    train, test = (part.select(*classifier.GIVEN, *extra) for part in parts)
    encoder = Encoder()
    train, test = encoder.fit_transform(train), encoder.transform(test)
    forest = RandomForestClassifier(min_samples_leaf=2, random_state=0, warm_start=True, n_jobs=2)
    return [forest.set_params(n_estimators=size).fit(train, labels).score(test, truth) for size in sizes]


def areas(values: np.ndarray, types: np.ndarray) -> np.ndarray:
    """The AUC of each column of `values` for each type, one line a type: how high the type's ranks are, from 0 to 1."""
    ranks, result = rankdata(values, axis=0), []
    for kind in np.unique(types):
        inside = types == kind
        hits, others = inside.sum(), (~inside).sum()
        result.append((ranks[inside].sum(axis=0) - hits * (hits + 1) / 2) / (hits * others))
    return np.array(result)
