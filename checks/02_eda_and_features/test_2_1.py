"""2.1: five features that exist on every row of production, and five hypotheses that hold where nobody looked."""

import re
from functools import lru_cache
from itertools import combinations, pairwise, product

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from scipy.stats import rankdata, spearmanr

from cardshop.quality import CARD_TYPES
from cardshop.training.classifier import GIVEN, LABEL
from checks.shared.worlds import DEFINED, SEEDS, World, features_of, same_features, scanned, worlds
from grader.engine import as_table, checks, expect

HYPOTHESES = "A hypothesis for each feature"
NUMBERS = [name for name in GIVEN if name not in ("rarity", "stage")]
LEAD = 0.01  # of the AUC, over the best given column
ALIKE = 0.95


def five(submission, train: pl.DataFrame, cards: pl.DataFrame) -> pl.DataFrame:
    """Call the function; what comes back is five columns of finite numbers."""
    table = features_of(as_table(submission.five_features(train, cards)), cards.height, 5)
    words = [name for name, dtype in table.schema.items() if dtype == pl.String]
    expect(not words, "numbers in every column", because=f"`{''.join(words[:1])}` holds text")
    return table


@checks("2.1a", weight=0, examples=(1, 4))
@given(seed=SEEDS)
def test_five(submission, seed):
    """Gives five numbers for each card."""
    world = World(seed)
    table = five(submission, world.train, world.test.drop(LABEL))
    for column in table:
        expect(
            column.n_unique() > 1, f"different values in `{column.name}`", because="all cards have the same"
        )


@checks("2.1a", weight=3, examples=(10, 60))
@given(tables=scanned(3))
def test_every_row(submission, tables):
    """Is defined on whatever the scanner sends."""
    five(submission, *tables)


@checks("2.1a", weight=2, examples=(3, 20))
@given(tables=scanned(3))
def test_card_by_card(submission, tables):
    """Gives a card the same features alone as among others."""
    train, cards = tables
    together = five(submission, train, cards)
    for row in range(cards.height):
        single = five(submission, train, cards[row : row + 1])
        expect(single.columns == together.columns, "the same columns for one card as for many")
        name = same_features(together[row : row + 1], single)
        expect(
            not name,
            "the same features for a card, whichever others it is asked with",
            reread=DEFINED,
            because=f"`{name}` of row {row} is another one when the card is asked about alone: what is learned has "
            "to be learned from `train`",
        )


@checks("2.1a", weight=2, examples=(1, 4))
@given(seed=SEEDS)
def test_learns(submission, seed):
    """Learns at least one of the five from the training cards."""
    world = World(seed)
    cards = world.test.drop(LABEL)
    half = world.train.height // 2  # of equal height, so that the height alone tells nothing
    answers = [five(submission, train, cards) for train in (world.train[:half], world.train[half : 2 * half])]
    expect(
        bool(same_features(*answers)),
        "other values in some feature when `train` is another table",
        because="all five stay the same, so none of them learns from it (what only fills gaps does not count: these "
        "cards have none)",
        reread=DEFINED,
    )


@checks("2.1a", examples=(1, 4))
@given(seed=SEEDS)
def test_unlike(submission, seed):
    """Gives five features that say different things, and something else than the given columns."""
    world = World(seed)
    cards = world.test.drop(LABEL)
    table = five(submission, world.train, cards)
    given_too = cards.select(pl.col(NUMBERS).name.prefix("given "))
    for one, other in [*combinations(table.columns, 2), *product(table.columns, given_too.columns)]:
        theirs = table[other] if other in table.columns else given_too[other]
        alike = spearmanr(table[one].cast(pl.Float64), theirs.cast(pl.Float64)).statistic
        expect(
            abs(alike) <= ALIKE,
            f"a rank correlation within {ALIKE} on either side of 0",
            because=f"that of `{one}` and `{other.removeprefix('given ')}` is {alike:.2f}: it says nothing new",
        )


@checks("2.1a", examples=(2, 8))
@given(tables=scanned(3))
def test_repeats(submission, tables):
    """Gives the same numbers again, and leaves its arguments as they were."""
    first = five(submission, *tables)
    mutated = submission.last.mutated
    expect(not mutated, "`train` and `cards` as they were", because="an argument was changed")
    name = same_features(first, five(submission, *tables))
    expect(
        not name,
        "the same numbers for the same tables",
        because=f"`{name}` is another one at the second call",
    )


def stated(submission) -> dict[str, tuple[str, str]]:
    """The hypotheses: feature to card type and direction; their form is that of the contract."""
    answer = submission.hypotheses()
    expect(
        isinstance(answer, dict) and len(answer) == 5,
        "a dict with five hypotheses",
        because=f"it has {len(answer)}"
        if isinstance(answer, dict)
        else f"a {type(answer).__name__} came back",
    )
    for name, said in answer.items():
        expect(
            isinstance(said, tuple | list) and len(said) == 3 and all(isinstance(part, str) for part in said),
            f"(card type, direction, because) for {name!r}",
            because=f"it is {said!r}",
        )
        expect(
            said[0] in CARD_TYPES,
            f"a card type for {name!r}: one of {', '.join(CARD_TYPES)}",
            because=f"{said[0]!r} is none",
        )
        expect(
            said[1] in ("higher", "lower"), f"'higher' or 'lower' for {name!r}", because=f"it is {said[1]!r}"
        )
        words = set(re.findall(r"[^\W\d_]{2,}", said[2].lower()))
        expect(
            len(words) >= 4,
            f"a reason for {name!r}, as a sentence of four different words or more",
            because=f"it is {said[2]!r}",
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
    expect(
        set(hypotheses) == set(names),
        f"the features {', '.join(sorted(names))}",
        because=f"the hypotheses are about {', '.join(sorted(hypotheses))}",
    )


@checks("2.1b")
def test_types(submission, seed):
    """Speaks of at least three card types."""
    spoken = {card_type for card_type, _ in stated(submission).values()}
    expect(
        len(spoken) >= 3, "three different card types or more", because=f"only of {', '.join(sorted(spoken))}"
    )


@lru_cache(maxsize=1)  # all five hypotheses are about the same catalogues
def in_catalogues(submission, seed: int) -> list[tuple[pl.DataFrame, pl.DataFrame]]:
    """Six catalogues that nobody has seen, each with its features; learned from the training cards of another."""
    return [
        (world.everything, five(submission, other.train, world.everything.drop(LABEL)))
        for world, other in pairwise(worlds(seed, 7))
    ]


@checks("2.1b", weight=2)
@pytest.mark.parametrize("number", range(1, 6))
def test_holds(submission, seed, number):
    """Holds on held-out worlds, beyond what the given columns say"""
    tables = in_catalogues(submission, seed)
    name, (card_type, direction) = list(stated(submission).items())[
        number - 1
    ]  # called last: a message shows it
    mine, given_best = [], {column: [] for column in NUMBERS}
    for cards, features in tables:
        inside = (cards[LABEL] == card_type).to_numpy()
        own = area(features[name].cast(pl.Float64).to_numpy(), inside)
        mine.append(own if direction == "higher" else 1 - own)
        for column, areas in given_best.items():
            areas.append(area(cards[column].cast(pl.Float64).to_numpy(), inside))
    found = float(np.mean(mine))
    best, areas = max(given_best.items(), key=lambda pair: abs(np.mean(pair[1]) - 0.5))
    bar = 0.5 + abs(float(np.mean(areas)) - 0.5)
    expect(
        found > 0.5,
        f"`{name}` {direction} for {card_type}",
        reread=HYPOTHESES,
        because=f"its AUC is {found:.3f}, below one half: it is the other way round",
    )
    expect(
        found >= bar + LEAD,
        f"an AUC of {bar + LEAD:.4f} or more for `{name}`, {direction} for {card_type}",
        because=f"it is {found:.4f}, and the given column `{best}` alone has {bar:.4f}",
        reread=HYPOTHESES,
    )
