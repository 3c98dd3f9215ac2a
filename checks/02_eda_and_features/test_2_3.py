"""2.3: one column that is worth seven points in worlds that nobody has seen.

Seven, because columns without an idea gain less on average: `text` as it is, the first letter of the name, the lesson's
habit of a species, and each of them with noise. They are stored misconceptions. The stored variants gain eight or more.
"""

import numpy as np
import polars as pl
from hypothesis import given

from cardshop.training.classifier import GIVEN, LABEL
from cardshop.training.encoding import MOST_WORDS
from cardshop.world.truth.scanner import scan
from checks.shared.worlds import (
    MODEL_OR_FEATURES,
    SEEDS,
    World,
    alone,
    both,
    expect_card_by_card,
    expect_every_row,
    expect_no_leak,
    expect_no_second_model,
    fitted,
    given_accuracy,
    points,
    scanned,
    trained,
    transformer,
    worlds,
)
from grader.engine import checks, expect

WORTH = 7  # points


def gain_in(submission, chosen: list[World], least: float, random: int) -> float:
    """Expect a gain of so many points by an honest column; return it."""
    pairs = []
    for world in chosen:
        learned, test = both(transformer(submission.one_feature()), world, 1)
        expect_no_leak(learned, test, world, random)
        train, held_out = (
            cards.select(GIVEN).with_columns(mine=column.to_series())
            for cards, column in ((world.train, learned), (world.test, test))
        )
        pairs.append((given_accuracy(world.seed), trained(train, held_out, world)))
    before, after, gain = points(pairs)
    submission.one_feature()  # called last: a message shows it, and no table of a thousand cards
    expect(
        gain >= least,
        f"at least {least} points more than with the given columns alone, in {len(chosen)} worlds",
        got=lambda: f"{gain:+.1f} points: {before:.1%} before, {after:.1%} now",
        reread=MODEL_OR_FEATURES,
    )
    return gain


@checks("2.3", weight=0, examples=(1, 3))
@given(seed=SEEDS)
def test_one_column(submission, seed):
    """Gives one value for each card."""
    world = World(seed)
    learned, test = both(transformer(submission.one_feature()), world, 1)
    mine = test.to_series()
    values = pl.concat([learned.to_series().cast(pl.String), mine.cast(pl.String)])
    expect(values.n_unique() > 1, "different values", because="all cards have the same")
    cards, different = world.test.drop(LABEL), mine.n_unique()
    for column in cards:
        if column.n_unique() == different < cards.height:
            pairs = pl.DataFrame({"column": column, "mine": mine}).n_unique()
            expect(
                pairs != different,
                "something that no given column already says",
                because=f"each value of it goes with exactly one value of `{column.name}`, and the other way round",
            )
    if learned.to_series().dtype == pl.String:
        expect(
            values.n_unique() <= MOST_WORDS,
            f"at most {MOST_WORDS} different categories",
            got=f"{values.n_unique()}",
        )


@checks("2.3", weight=0)
def test_no_second_model(submission, seed):
    """Is a column, not the prediction of a second model."""
    expect_no_second_model(submission.one_feature, worlds(seed, 1)[0])


@checks("2.3", weight=0)
def test_helps(submission, seed):
    """Gains at least two points in two worlds, without a leak."""
    gain_in(submission, worlds(seed, 2), 2, seed)


@checks("2.3", weight=2, examples=(4, 20))
@given(tables=scanned(3))
def test_every_row(submission, tables):
    """Has a value for everything that the scanner can send."""
    expect_every_row(submission.one_feature, tables, 1)


@checks("2.3", examples=(1, 8))
@given(tables=scanned(4))
def test_card_by_card(submission, tables):
    """Gives a card the same value alone as among others."""
    expect_card_by_card(submission.one_feature, tables, 1)


@checks("2.3", weight=8, live=False)
def test_worth(submission, seed, record_property):
    """Gains seven points in twelve held-out worlds, without a leak, and works for every scan."""
    chosen = worlds(seed, 12)
    for world in chosen:
        handle = transformer(submission.one_feature())
        fitted(handle, world.train, 1)
        alone(handle, scan(world.test, np.random.default_rng(world.seed)), 1, rows=3)
    record_property("gain", gain_in(submission, chosen, WORTH, seed))
