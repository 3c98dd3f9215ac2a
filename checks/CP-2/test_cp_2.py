"""CP-2: features that are worth ten points in worlds that nobody has seen, and experiments whose numbers stand up."""

import hashlib
import re
from functools import lru_cache

import numpy as np
import polars as pl
import pytest
from hypothesis import given

from cardshop.training.classifier import LABEL, accuracy
from cardshop.world import best_possible
from checks.shared.worlds import (
    PIPELINES,
    SEEDS,
    World,
    alone,
    both,
    features_of,
    fitted,
    given_accuracy,
    same_features,
    scanned,
    trained,
    transformer,
    worlds,
)
from grader.engine import checks, expect

WORLDS = 12
MOST = 100  # columns
MODEL_OR_FEATURES = "Better features or a better model?"
NEAR = 0.005  # an accuracy that is stated, from the one that is computed


@checks("CP-2a", weight=0, examples=(1, 3))
@given(seed=SEEDS)
def test_features(submission, seed):
    """Makes features of cards."""
    learned, _ = both(transformer(submission.feature_pipeline()), World(seed))
    expect(1 <= learned.width <= MOST, f"between 1 and {MOST} columns", because=f"there are {learned.width}")
    varied = any(column.n_unique() > 1 for column in learned)
    expect(varied, "different values in some column", because="all cards have the same features")


@checks("CP-2a", weight=2, examples=(4, 30))
@given(tables=scanned(4))
def test_every_row(submission, tables):
    """Is defined on whatever the scanner sends."""
    train, cards = tables
    handle = transformer(submission.feature_pipeline())
    learned = fitted(handle, train)
    features = features_of(handle.transform(cards), cards.height)
    expect(
        features.columns == learned.columns,
        "the same columns for every table",
        reread=PIPELINES,
        because=f"they are {', '.join(features.columns[:6])}",
    )


@checks("CP-2a", weight=2, examples=(1, 10))
@given(tables=scanned(4))
def test_card_by_card(submission, tables):
    """Gives a card the same features alone as among others."""
    train, cards = tables
    handle = transformer(submission.feature_pipeline())
    fitted(handle, train)
    alone(handle, cards)


@checks("CP-2a", weight=2, examples=(1, 3))
@given(seed=SEEDS)
def test_repeats(submission, seed):
    """Gives the same features when it is fitted again."""
    tables = [
        pl.concat(both(transformer(submission.feature_pipeline()), World(seed)), how="vertical_relaxed")
        for _ in range(2)
    ]
    name = same_features(*tables)
    expect(
        not name,
        "the same features from the same cards",
        because=f"`{name}` is another one the second time: "
        "whatever draws lots needs a fixed random_state (TargetEncoder takes it in its `cv`)",
    )


@checks("CP-2a", weight=2)
def test_two_worlds(submission, seed):
    """Is better than the given columns in two worlds."""
    chosen = worlds(seed, 2)
    found = np.mean(
        [trained(*both(transformer(submission.feature_pipeline()), world), world) for world in chosen]
    )
    usual = np.mean([given_accuracy(world.seed) for world in chosen])
    expect(
        found > usual,
        f"more than {usual:.1%}, what the given columns reach in these two worlds",
        because=f"it is {found:.1%}",
        reread=MODEL_OR_FEATURES,
    )


@lru_cache(maxsize=1)  # all bars are about the same worlds
def held_out(submission, seed: int) -> tuple[float, ...]:
    """The accuracy in each held-out world."""
    return tuple(
        trained(*both(transformer(submission.feature_pipeline()), world), world)
        for world in worlds(seed, WORLDS)
    )


@pytest.mark.parametrize(
    "bar",
    [
        pytest.param(bar, id=f"{bar:.0%}", marks=checks("CP-2a", weight=weight, live=False))
        for bar, weight in ((0.68, 2), (0.72, 2), (0.75, 14), (0.78, 4))
    ],
)
def test_reaches(submission, seed, record_property, bar):
    """Reaches the accuracy, the mean of twelve held-out worlds"""
    found = held_out(submission, seed)
    chosen = worlds(seed, WORLDS)
    usual = [given_accuracy(world.seed) for world in chosen]
    record_property(
        "competition",
        {
            "worlds": hashlib.sha256(str(chosen).encode()).hexdigest()[:12],
            "accuracy": found,
            "given": usual,
            "limit": [best_possible(world.test) for world in chosen],
        },
    )
    expect(
        np.mean(found) >= bar,
        f"a mean accuracy of {bar:.0%} or more in {WORLDS} held-out worlds",
        reread=MODEL_OR_FEATURES,
        because=f"it is {np.mean(found):.2%}; the given columns reach {np.mean(usual):.2%}",
    )


def stated(submission, world: World, size: int) -> tuple[list[dict], pl.DataFrame, pl.DataFrame]:
    """The experiments on so many cards of a world, and the tables that they are about; their form is right."""
    train, test = world.train.head(size), world.test.head(size)
    given = submission.experiments(train, test)
    expect(
        isinstance(given, list) and all(isinstance(one, dict) for one in given),
        "a list of dicts",
        because=f"a {type(given).__name__} came back",
    )
    for at, one in enumerate(given, start=1):
        missing = [key for key in ("columns", "accuracy", "because") if key not in one]
        expect(
            not missing,
            f"columns, accuracy and because in experiment {at}",
            because=f"without {', '.join(missing)}",
        )
        columns, value, because = one["columns"], one["accuracy"], one["because"]
        named = (
            isinstance(columns, list | tuple) and columns and all(isinstance(name, str) for name in columns)
        )
        expect(bool(named), f"names of columns in experiment {at}", because=f"they are {columns!r}")
        expect(
            len(set(columns)) == len(columns),
            f"each column once in experiment {at}",
            because=f"they are {columns!r}",
        )
        expect(
            isinstance(value, float | int | np.floating) and 0 <= value <= 1,
            f"an accuracy between 0 and 1 in experiment {at}",
            because=f"it is {value!r}",
        )
        words = set(re.findall(r"[^\W\d_]{2,}", because.lower())) if isinstance(because, str) else ()
        expect(
            len(words) >= 4,
            f"a sentence of four different words or more as the reason of experiment {at}",
            because=f"it is {because!r}",
        )
    return given, train, test


@checks("CP-2b", weight=0, examples=(1, 2))
@given(seed=SEEDS)
def test_experiments(submission, seed):
    """States four experiments or more, one of them with all columns."""
    given, train, _ = stated(submission, World(seed), 300)
    names = set(fitted(transformer(submission.feature_pipeline()), train).columns)
    for at, one in enumerate(given, start=1):
        strange = sorted(set(one["columns"]) - names)
        expect(
            not strange,
            f"columns of feature_pipeline in experiment {at}",
            because=f"it has no {', '.join(strange[:3])}",
        )
    tried = [frozenset(one["columns"]) for one in given]
    expect(len(set(tried)) == len(tried), "no set of columns twice")
    expect(len(tried) >= 4, "at least four experiments", because=f"there are {len(tried)}")
    expect(names in tried, "an experiment with all columns", because="each of them leaves some out")


@checks("CP-2b", weight=1, examples=(1, 3))
@given(seed=SEEDS)
def test_numbers(submission, seed):
    """States the accuracies that come out when everything is computed again."""
    world = World(seed)
    given, train, test = stated(submission, world, 300)
    handle = transformer(submission.feature_pipeline())
    learned = fitted(handle, train)
    held = features_of(handle.transform(test.drop(LABEL)), test.height)
    labels, truth = (np.array(part[LABEL].to_list()) for part in (train, test))
    for at, one in enumerate(given, start=1):
        columns = list(one["columns"])
        true = accuracy(learned.select(columns), labels, held.select(columns), truth)
        expect(
            abs(true - one["accuracy"]) <= NEAR,
            f"{true:.4f} in experiment {at} ({', '.join(columns[:4])})",
            because=f"it says {one['accuracy']:.4f}",
            reread=MODEL_OR_FEATURES,
        )
