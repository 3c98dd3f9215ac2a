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
    MODEL_OR_FEATURES,
    SEEDS,
    World,
    both,
    expect_card_by_card,
    expect_every_row,
    expect_no_second_model,
    features_of,
    fitted,
    given_accuracy,
    honest,
    same_features,
    scanned,
    trained,
    transformer,
    worlds,
)
from grader.course.manifest import assignments
from grader.engine import Mismatch, checks, expect, kind_of

RULES = next(one.competition for one in assignments() if one.name == "CP-2")
MOST = 100  # columns
NEAR = 0.005  # an accuracy that is stated, from the one that is computed


@checks("CP-2a", weight=0, examples=(1, 2))
@given(seed=SEEDS)
def test_features(submission, seed):
    """Makes features of cards."""
    learned, _ = both(transformer(submission.feature_pipeline()), World(seed))
    expect(1 <= learned.width <= MOST, f"between 1 and {MOST} columns", got=f"{learned.width}")
    varied = any(column.n_unique() > 1 for column in learned)
    expect(varied, "different values in some column", because="all cards have the same features")


@checks("CP-2a", weight=0)
def test_no_second_model(submission, seed):
    """Makes features, not the predictions of a second model."""
    expect_no_second_model(submission.feature_pipeline, worlds(seed, 1)[0])


@checks("CP-2a", weight=2, examples=(4, 20))
@given(tables=scanned(4))
def test_every_row(submission, tables):
    """Has a value for everything that the scanner can send."""
    expect_every_row(submission.feature_pipeline, tables)


@checks("CP-2a", weight=2, examples=(1, 8))
@given(tables=scanned(4))
def test_card_by_card(submission, tables):
    """Gives a card the same features alone as among others."""
    expect_card_by_card(submission.feature_pipeline, tables)


@checks("CP-2a", weight=2, examples=(1, 2))
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
        because=f"`{name}` differs the second time: whatever uses random numbers needs a fixed random_state "
        "(for TargetEncoder, pass it in its `cv`)",
    )


@checks("CP-2a", weight=2)
def test_two_worlds(submission, seed):
    """Beats the given columns in two worlds, without a leak, and works for every scan."""
    chosen = worlds(seed, 2)
    found = np.mean(accuracies(submission, chosen, seed))
    usual = np.mean([given_accuracy(world.seed) for world in chosen])
    expect(
        found > usual,
        f"more than {usual:.1%}, what the given columns reach in these two worlds",
        got=f"{found:.1%}",
        reread=MODEL_OR_FEATURES,
    )


def accuracies(submission, chosen: list[World], random: int) -> tuple[float, ...]:
    """The accuracy in each world, of features without a leak that exist for every scan."""
    return tuple(trained(*honest(submission.feature_pipeline, world, random), world) for world in chosen)


@lru_cache(maxsize=1)  # all bars are about the same worlds
def held_out(submission, seed: int) -> tuple[float, ...]:
    """The accuracy in each held-out world."""
    return accuracies(submission, worlds(seed, RULES.worlds), seed)


@pytest.mark.parametrize(
    "bar",
    [
        pytest.param(bar, id=f"{bar:.0%}", marks=checks("CP-2a", weight=weight, live=False))
        for bar, weight in ((0.68, 2), (0.72, 2), (RULES.bar, 14), (0.78, 4))
    ],
)
def test_reaches(submission, seed, record_property, bar):
    """Reaches the mean accuracy in all held-out worlds, without a leak, and works for every scan"""
    found = held_out(submission, seed)
    chosen = worlds(seed, RULES.worlds)
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
        f"a mean accuracy of {bar:.0%} or more in {RULES.worlds} held-out worlds",
        reread=MODEL_OR_FEATURES,
        got=f"{np.mean(found):.2%}, where the given columns reach {np.mean(usual):.2%}",
    )


def stated(submission, world: World, size: int) -> tuple[list[dict], pl.DataFrame, pl.DataFrame]:
    """The experiments on so many cards of a world, and the tables that they are about; their form is right."""
    train, test = world.train.head(size), world.test.head(size)
    given = submission.experiments(train, test)
    if not isinstance(given, list) or not all(isinstance(one, dict) for one in given):
        raise Mismatch("a list of dicts", got=kind_of(given))
    for at, one in enumerate(given, start=1):
        missing = [key for key in ("columns", "accuracy", "because") if key not in one]
        if missing:
            raise Mismatch(
                f"columns, accuracy and because in experiment {at}", got=f"one without {', '.join(missing)}"
            )
        _well_formed(at, one["columns"], one["accuracy"], one["because"])
    return given, train, test


def _well_formed(at: int, columns: object, value: object, because: object) -> None:
    if not (isinstance(columns, list | tuple) and columns and all(isinstance(name, str) for name in columns)):
        raise Mismatch(f"names of columns in experiment {at}", got=f"{columns!r}")
    if len(set(columns)) < len(columns):
        raise Mismatch(f"each column once in experiment {at}", got=f"{columns!r}")
    if not isinstance(value, float | int | np.floating) or not 0 <= value <= 1:
        raise Mismatch(f"an accuracy between 0 and 1 in experiment {at}", got=f"{value!r}")
    words = set(re.findall(r"[^\W\d_]{2,}", because.lower())) if isinstance(because, str) else ()
    if len(words) < 4:
        raise Mismatch(
            f"a reason for experiment {at}: a sentence of at least four different words", got=f"{because!r}"
        )


@checks("CP-2b", weight=0)
def test_experiments(submission, seed):
    """States four experiments or more, one of them with all columns."""
    given, train, _ = stated(submission, worlds(seed, 1)[0], 300)
    names = set(fitted(transformer(submission.feature_pipeline()), train).columns)
    tried = [frozenset(one["columns"]) for one in given]
    for at, columns in enumerate(tried, start=1):
        if strange := sorted(columns - names):
            raise Mismatch(
                f"columns of feature_pipeline in experiment {at}",
                because=f"feature_pipeline does not make {', '.join(strange[:3])}",
            )
    expect(
        len(set(tried)) == len(tried),
        "no set of columns twice",
        because="two experiments have the same columns",
    )
    expect(len(tried) >= 4, "at least four experiments", got=f"{len(tried)}")
    expect(
        names in tried, "an experiment with all columns", because="every experiment leaves some of them out"
    )


@checks("CP-2b", weight=1)
def test_numbers(submission, seed):
    """States the accuracies that the grader finds when it computes everything again."""
    world = worlds(seed, 1)[0]
    train, test = world.train.head(300), world.test.head(300)
    handle = transformer(submission.feature_pipeline())  # before `experiments` sees the labels of `test`
    learned = fitted(handle, train)
    held = features_of(handle.transform(test.drop(LABEL)), test.height)
    labels, truth = (np.array(part[LABEL].to_list()) for part in (train, test))
    for at, one in enumerate(stated(submission, world, 300)[0], start=1):
        columns = list(one["columns"])
        true = accuracy(learned.select(columns), labels, held.select(columns), truth)
        if abs(true - one["accuracy"]) > NEAR:
            raise Mismatch(
                f"{true:.4f} in experiment {at} ({', '.join(columns[:4])})",
                got=f"{one['accuracy']:.4f}",
                reread=MODEL_OR_FEATURES,
            )
