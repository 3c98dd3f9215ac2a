"""2.3: one column that is worth five points in worlds that nobody has seen."""

import polars as pl
from hypothesis import given

from cardshop.training.classifier import GIVEN, LABEL, MOST_WORDS
from checks.shared.worlds import (
    SEEDS,
    World,
    alone,
    both,
    features_of,
    fitted,
    given_accuracy,
    points,
    scanned,
    trained,
    transformer,
    worlds,
)
from grader.engine import checks, expect

WORTH = 5  # points
MODEL_OR_FEATURES = "Better features or a better model?"


def measured(submission, chosen: list[World]) -> tuple[float, float, float]:
    """Accuracy with the given columns alone and with one more, and the gain in points."""
    pairs = []
    for world in chosen:
        learned, test = both(transformer(submission.one_feature()), world, 1)
        mine = [table.rename({table.columns[0]: "mine"}) for table in (learned, test)]
        beside = [
            cards.select(GIVEN).hstack(column)
            for cards, column in zip((world.train, world.test), mine, strict=True)
        ]
        pairs.append((given_accuracy(world.seed), trained(*beside, world)))
    return points(pairs)


def worth(before: float, after: float, gain: float) -> str:
    """What a column is worth, in words."""
    told = f"it is worth {gain:+.1f} points: {before:.1%} before, {after:.1%} now"
    if gain > -5:
        return told
    return (
        told
        + ". So it says more about the cards it was fitted on than about others: has it learned their labels?"
    )


@checks("2.3", weight=0, examples=(1, 4))
@given(seed=SEEDS)
def test_one_column(submission, seed):
    """Gives one value for each card."""
    learned, test = both(transformer(submission.one_feature()), World(seed), 1)
    values = pl.concat([learned.to_series().cast(pl.String), test.to_series().cast(pl.String)])
    expect(values.n_unique() > 1, "different values", because="all cards have the same")
    cards = World(seed).test.drop(LABEL)
    for column in cards:
        pairs = pl.DataFrame({"column": column, "mine": test.to_series()}).unique().height
        expect(
            not pairs == column.n_unique() == test.to_series().n_unique() < cards.height,
            "something that no column says as it stands",
            because=f"each value stands for a value of `{column.name}`: what in it tells the type?",
        )
    if learned.to_series().dtype == pl.String:
        expect(
            values.n_unique() <= MOST_WORDS,
            f"at most {MOST_WORDS} different words",
            because=f"there are {values.n_unique()}",
        )


@checks("2.3", weight=3, examples=(4, 30))
@given(tables=scanned(3))
def test_every_row(submission, tables):
    """Is defined on whatever the scanner sends."""
    train, cards = tables
    handle = transformer(submission.one_feature())
    fitted(handle, train, 1)
    features_of(handle.transform(cards), cards.height, 1)


@checks("2.3", weight=2, examples=(1, 10))
@given(tables=scanned(4))
def test_card_by_card(submission, tables):
    """Gives a card the same value alone as among others."""
    train, cards = tables
    handle = transformer(submission.one_feature())
    fitted(handle, train, 1)
    alone(handle, cards, 1)


@checks("2.3")
def test_helps(submission, seed):
    """Is worth at least two points in two worlds."""
    before, after, gain = measured(submission, worlds(seed, 2))
    expect(
        gain >= 2,
        "two points more than with the given columns alone, in two worlds",
        because=worth(before, after, gain),
        reread=MODEL_OR_FEATURES,
    )


@checks("2.3", weight=6, live=False)
def test_worth(submission, seed, record_property):
    """Is worth five points in twelve held-out worlds."""
    before, after, gain = measured(submission, worlds(seed, 12))
    record_property("gain", gain)
    expect(
        gain >= WORTH,
        f"at least {WORTH} points more than with the given columns alone",
        because=worth(before, after, gain),
        reread=MODEL_OR_FEATURES,
    )
