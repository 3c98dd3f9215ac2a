"""2.1: five features that exist on every row of production, and five hypotheses that hold on unseen data."""

import re
from functools import cache, lru_cache

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from scipy.stats import rankdata, spearmanr

from cardshop.quality import CARD_TYPES
from cardshop.training.classifier import GIVEN, LABEL
from cardshop.world.truth.scanner import scan
from checks.shared.worlds import (
    DEFINED,
    SEEDS,
    World,
    expect_alone,
    features_of,
    same_features,
    scanned,
    worlds,
)
from grader.engine import Mismatch, as_table, checks, expect, kind_of

NUMBERS = [name for name in GIVEN if name not in ("rarity", "stage")]
LEAD = 0.01  # of the AUC, over the best given column
ALIKE = 0.95
SAME_ORDER = 1 - 1e-6  # a rank correlation: adding a number and rounding can make a tie
GAP = -1e9


def five(submission, train: pl.DataFrame, cards: pl.DataFrame) -> pl.DataFrame:
    """Call the function; what comes back is five columns of finite numbers."""
    table = features_of(as_table(submission.five_features(train, cards)), cards.height, 5)
    texts = [name for name, dtype in table.schema.items() if dtype == pl.String]
    if texts:
        raise Mismatch("numbers in every column", because=f"`{texts[0]}` holds text")
    return table


@checks("2.1a", weight=0, examples=(1, 3))
@given(seed=SEEDS)
def test_five(submission, seed):
    """Gives five numbers for each card."""
    world = World(seed)
    for column in five(submission, world.train, world.test.drop(LABEL)):
        if column.n_unique() == 1:
            raise Mismatch(f"different values in `{column.name}`", because="all cards have the same value")


@checks("2.1a", weight=2, examples=(10, 40))
@given(tables=scanned(3))
def test_every_row(submission, tables):
    """Has a value for everything that the scanner can send."""
    five(submission, *tables)


def answered(submission, train: pl.DataFrame, cards: pl.DataFrame) -> pl.DataFrame:
    """Call the function; gaps become a number: where they matter, `five` is called too, and one complaint is enough."""
    table = as_table(submission.five_features(train, cards))
    if table.shape != (cards.height, 5):
        raise Mismatch(
            f"{cards.height} rows and 5 columns", got=f"{table.height} rows and {table.width} columns"
        )
    return table.with_columns(pl.all().cast(pl.Float64, strict=False).fill_nan(GAP).fill_null(GAP))


def card_by_card(submission, train: pl.DataFrame, cards: pl.DataFrame, rows: int) -> None:
    """Expect of the first rows the same features alone as among all cards."""
    expect_alone(lambda asked: answered(submission, train, asked), cards, rows, DEFINED)


@checks("2.1a", weight=2, examples=(3, 15))
@given(tables=scanned(3))
def test_card_by_card(submission, tables):
    """Gives a card the same features alone as among others."""
    card_by_card(submission, *tables, rows=3)


def learns(submission, world: World) -> None:
    """Expect a feature that puts sound cards into another order when `train` is another table."""
    cards = world.test.drop(LABEL)
    half = world.train.height // 2  # of equal height, so that the height alone says nothing
    answers = [five(submission, train, cards) for train in (world.train[:half], world.train[half : 2 * half])]
    changed = bool(same_features(*answers))
    alike = changed and all(
        spearmanr(first, second).statistic > SAME_ORDER
        for first, second in zip(*(answer.cast(pl.Float64).to_numpy().T for answer in answers), strict=True)
    )
    expect(
        changed and not alike,
        "at least one feature that ranks the cards otherwise when `train` is another table",
        because="only a constant changes, which is added to all cards or multiplies them: the model sees no difference"
        if changed
        else "all five stay the same, so none of them learns from `train`; a value that only fills gaps does not "
        "count, since these cards have no gaps",
        reread=DEFINED,
    )


@checks("2.1a", weight=2, examples=(1, 3))
@given(seed=SEEDS)
def test_learns(submission, seed):
    """Learns at least one of the five from the training cards."""
    learns(submission, World(seed))


def unlike(submission, world: World) -> None:
    """Expect five features that rank the cards unlike each other and unlike each given column."""
    cards = world.test.drop(LABEL)
    table = five(submission, world.train, cards)
    names = [*table.columns, *NUMBERS]
    values = np.column_stack([*table.cast(pl.Float64).to_numpy().T, *cards.select(NUMBERS).to_numpy().T])
    alike = spearmanr(values).statistic[:5]
    for one, other in np.argwhere(np.abs(alike) > ALIKE):
        if one != other:
            raise Mismatch(
                f"a rank correlation within {ALIKE} on either side of 0",
                because=f"`{names[one]}` and {'the given column ' if other >= 5 else ''}`{names[other]}` have "
                f"{alike[one, other]:.2f}, so they rank the cards almost alike",
                reread=DEFINED,
            )


@checks("2.1a", examples=(1, 3))
@given(seed=SEEDS)
def test_unlike(submission, seed):
    """Gives five features that differ from each other and from the given columns."""
    unlike(submission, World(seed))


def repeats(submission, train: pl.DataFrame, cards: pl.DataFrame) -> None:
    """Expect the same numbers of the same call."""
    name = same_features(*(answered(submission, train, cards) for _ in range(2)))
    expect(
        not name,
        "the same numbers for the same tables",
        because=f"`{name}` changed at the second call, so it is random or remembers the first",
    )


@checks("2.1a", examples=(2, 6))
@given(tables=scanned(3))
def test_repeats(submission, tables):
    """Gives the same numbers when it is called again."""
    repeats(submission, *tables)


@checks("2.1a", weight=9, public=False, live=False)
def test_production(submission, seed):
    """Keeps every rule on hundreds of scans in held-out worlds."""
    for world in worlds(seed, 2):
        cards = scan(world.test, np.random.default_rng(world.seed))
        five(submission, world.train, cards)
        repeats(submission, world.train, cards)
        card_by_card(submission, world.train, cards, rows=12)
        learns(submission, world)
        unlike(submission, world)


@checks("2.1a", weight=0.4, examples=(1, 2))
@given(tables=scanned(3))
def test_arguments(submission, tables):
    """Leaves its arguments unchanged."""
    submission.five_features(*tables)
    mutated = submission.last.mutated
    expect(not mutated, "`train` and `cards` unchanged", because="the call changed one of them")


def stated(submission) -> dict[str, tuple[str, str]]:
    """The hypotheses: feature to card type and direction; their form is that of the contract."""
    answer = submission.hypotheses()
    if not isinstance(answer, dict) or len(answer) != 5:
        got = f"a dict with {len(answer)}" if isinstance(answer, dict) else kind_of(answer)
        raise Mismatch("a dict with five hypotheses", got=got)
    for name, said in answer.items():
        if not isinstance(said, tuple | list) or [type(part) for part in said] != [str, str, str]:
            raise Mismatch(f"(card type, direction, because) for {name!r}", got=f"{said!r}")
        card_type, direction, because = said
        if card_type not in CARD_TYPES:
            raise Mismatch(f"a card type for {name!r}: one of {', '.join(CARD_TYPES)}", got=f"{card_type!r}")
        if direction not in ("higher", "lower"):
            raise Mismatch(f"'higher' or 'lower' for {name!r}", got=f"{direction!r}")
        if len(set(re.findall(r"[^\W\d_]{2,}", because.lower()))) < 4:
            raise Mismatch(
                f"a reason for {name!r}: a sentence of at least four different words", got=f"{because!r}"
            )
    return {str(name): (said[0], said[1]) for name, said in answer.items()}


def area(values: np.ndarray, inside: np.ndarray) -> float:
    """The AUC: how often a value inside is the higher one of a pair, ties counting half (Mann and Whitney, 1947)."""
    ranks = rankdata(values)
    n = inside.sum()
    return float((ranks[inside].sum() - n * (n + 1) / 2) / (n * (len(values) - n)))


@checks("2.1b", weight=0)
def test_form(submission, seed):
    """States a hypothesis about each of the five features."""
    world = worlds(seed, 1)[0]
    names = five(submission, world.train, world.test.drop(LABEL)).columns
    hypotheses = stated(submission)  # called last: it is what a message shows
    if set(hypotheses) != set(names):
        raise Mismatch(
            f"hypotheses about the features {', '.join(sorted(names))}", got=", ".join(sorted(hypotheses))
        )


@checks("2.1b")
def test_types(submission, seed):
    """Covers at least three card types."""
    of_three_types(stated(submission))


def of_three_types(hypotheses: dict[str, tuple[str, str]]) -> None:
    spoken = {card_type for card_type, _ in hypotheses.values()}
    expect(
        len(spoken) >= 3,
        "at least three different card types",
        got=lambda: f"only {', '.join(sorted(spoken))}",
    )


@lru_cache(maxsize=1)  # all five hypotheses are about the same catalogues
def in_catalogues(submission, seed: int) -> list[tuple[World, pl.DataFrame]]:
    """Six catalogues that nobody has seen, each with its features, learned from the training cards of a seventh.

    No card that is asked about was sent with its type before.
    """
    other, *chosen = worlds(seed, 7)
    return [(world, five(submission, other.train, world.everything.drop(LABEL))) for world in chosen]


@cache
def given_areas(world: World, card_type: str) -> dict[str, float]:
    """The AUC of each given column of numbers for a card type."""
    inside = (world.everything[LABEL] == card_type).to_numpy()
    return {name: area(world.everything[name].cast(pl.Float64).to_numpy(), inside) for name in NUMBERS}


def holds(submission, name: str, card_type: str, direction: str, seed: int) -> None:
    """Expect a hypothesis to hold in held-out worlds, by more than the best given column."""
    mine, given = [], []
    for world, features in in_catalogues(submission, seed):
        inside = (world.everything[LABEL] == card_type).to_numpy()
        own = area(features[name].cast(pl.Float64).to_numpy(), inside)
        mine.append(own if direction == "higher" else 1 - own)
        given.append(list(given_areas(world, card_type).values()))
    found, areas = float(np.mean(mine)), np.mean(given, axis=0)
    best = int(np.abs(areas - 0.5).argmax())
    bar = 0.5 + abs(areas[best] - 0.5)
    expect(
        found >= bar + LEAD,
        f"an AUC of {bar + LEAD:.4f} or more for `{name}`, {direction} for {card_type}",
        got=f"{found:.4f}, where the given column `{NUMBERS[best]}` alone has {bar:.4f}",
        because="it is the other way round for this type" if 1 - found >= bar + LEAD else "",
        reread=DEFINED,
    )


@pytest.mark.parametrize(
    "numbers",
    [
        *(pytest.param([number], id=f"hypothesis {number}", marks=checks("2.1b")) for number in range(1, 6)),
        pytest.param([1, 2, 3, 4, 5], id="all five together", marks=checks("2.1b", weight=7)),
    ],
)
def test_holds(submission, seed, numbers):
    """Holds in held-out worlds, and says more than the given columns"""
    in_catalogues(submission, seed)
    hypotheses = stated(submission)  # called last: it is what a message shows
    if len(numbers) > 1:
        of_three_types(hypotheses)
    for number in numbers:
        name, said = list(hypotheses.items())[number - 1]
        holds(submission, name, *said, seed)
