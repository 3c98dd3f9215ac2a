"""Held-out worlds for features, and what a learner's features are worth in them. Shared by unit 2 and CP-2."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import numpy as np
import polars as pl
from hypothesis import strategies as st

from cardshop.training.classifier import LABEL, Given, accuracy, held_out_accuracy, split
from cardshop.world.truth.catalogue import catalogue
from cardshop.world.truth.scanner import STRANGERS, scan
from grader.engine import Handle, Mismatch, as_table, expect

SEEDS = st.integers(10**6, 10**9)
PIPELINES = "Pipelines: polars in, polars out"
DEFINED = "A feature is an assumption"


@dataclass(frozen=True)
class World:
    """A catalogue that nobody has seen, split: cards to learn from, cards that are held out."""

    seed: int

    @property
    def train(self) -> pl.DataFrame:
        return _split(self.seed)[0]

    @property
    def test(self) -> pl.DataFrame:
        return _split(self.seed)[1]

    @property
    def everything(self) -> pl.DataFrame:
        return catalogue(self.seed)[1]

    @property
    def labels(self) -> np.ndarray:
        return np.array(self.train[LABEL].to_list())

    @property
    def truth(self) -> np.ndarray:
        return np.array(self.test[LABEL].to_list())


@cache
def _split(seed: int) -> tuple[pl.DataFrame, pl.DataFrame]:
    return split(catalogue(seed)[1], seed)


def worlds(seed: int, number: int) -> list[World]:
    """Return as many held-out worlds, always the same for one seed."""
    return [World(int(one)) for one in np.random.default_rng(seed).integers(10**6, 10**9, number)]


@cache
def given_accuracy(seed: int) -> float:
    """The accuracy of the fixed model with the given columns alone."""
    return held_out_accuracy(Given(), catalogue(seed)[1], seed)


@st.composite
def scanned(draw: st.DrawFn, rows: int) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Training cards, and a few others as the scanner sends them, strangers among them."""
    seed = draw(st.integers(0, 2**32 - 1))
    world = World(10**6 + seed % 20)
    rng = np.random.default_rng(seed)
    train = world.train.filter(~pl.col("species_number").is_in(list(STRANGERS)))
    return train.head(400), scan(world.test[np.sort(rng.choice(world.test.height, rows, replace=False))], rng)


def transformer(answer: object) -> Handle:
    """The transformer that a function returned."""
    expect(
        isinstance(answer, Handle),
        "a transformer: an object with fit_transform and transform",
        reread=PIPELINES,
        because="nothing was returned" if answer is None else f"a {type(answer).__name__} came back",
    )
    return answer


def features_of(result: object, rows: int, columns: int | None = None) -> pl.DataFrame:
    """Return features as a table of finite numbers and words; Mismatch says what they are instead."""
    if isinstance(result, pl.Series):
        result = result.to_frame()
    elif type(result).__name__ == "Series":
        result = result.to_frame().reset_index(drop=True)
    elif hasattr(result, "toarray"):
        result = result.toarray()
    if isinstance(result, np.ndarray):
        expect(result.ndim <= 2, "a table", because=f"an array of {result.ndim} dimensions came back")
        values = result.reshape(len(result), -1)
        result = pl.DataFrame(
            {f"column_{at}": values[:, at].tolist() for at in range(values.shape[1])}, strict=False
        )
    table = as_table(result)
    if columns is not None:
        expect(
            table.width == columns,
            f"{columns} column{'s' * (columns > 1)}",
            because=f"there are {table.width}: {', '.join(table.columns[:8])}",
        )
    expect(
        table.height == rows,
        f"{rows} rows, one for each card",
        because=f"there are {table.height}"
        + (": does a join drop cards whose species is not known?" if table.height < rows else ""),
    )
    for column in table:
        dtype = column.dtype
        words = dtype in (pl.String, pl.Categorical, pl.Enum)
        expect(
            words or dtype.is_numeric() or dtype == pl.Boolean,
            f"numbers or words in `{column.name}`",
            because=f"its dtype is {dtype}",
        )
        holes = column.null_count() or (column.is_nan().sum() if dtype.is_float() else 0)
        expect(
            not holes,
            f"a value for every card in `{column.name}`",
            reread=DEFINED,
            because=f"{holes} of {rows} are null or NaN",
        )
        expect(
            words or all(map(math.isfinite, column.cast(pl.Float64))),
            f"finite numbers in `{column.name}`",
            reread=DEFINED,
            because="there is an infinity: a division by zero, or the logarithm of zero",
        )
    return table.with_columns(pl.col(pl.Categorical, pl.Enum).cast(pl.String))


def same_features(one: pl.DataFrame, other: pl.DataFrame) -> str:
    """Return the name of a column in which two tables of features differ; empty where none does."""
    for left, right in zip(one, other, strict=True):
        if left.dtype == pl.String or right.dtype == pl.String:
            if left.cast(pl.String).to_list() != right.cast(pl.String).to_list():
                return left.name
        elif not np.allclose(left.cast(pl.Float64), right.cast(pl.Float64), rtol=1e-5, atol=1e-6):
            return left.name
    return ""


def fitted(handle: Handle, train: pl.DataFrame, columns: int | None = None) -> pl.DataFrame:
    """Fit a transformer on labelled cards; return the features of these cards."""
    return features_of(
        handle.fit_transform(train.drop(LABEL), np.array(train[LABEL].to_list())), train.height, columns
    )


def both(handle: Handle, world: World, columns: int | None = None) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Fit a transformer in a world; return the features of its training and of its held-out cards."""
    learned = fitted(handle, world.train, columns)
    test = features_of(handle.transform(world.test.drop(LABEL)), world.test.height, columns)
    expect(
        learned.columns == test.columns,
        "the same columns from fit_transform and from transform",
        because=f"they are {', '.join(learned.columns[:6])} and {', '.join(test.columns[:6])}",
        reread=PIPELINES,
    )
    return learned, test


def trained(learned: pl.DataFrame, test: pl.DataFrame, world: World) -> float:
    """The accuracy of the fixed model with these features."""
    words = [name for name in learned.columns if pl.String in (learned.schema[name], test.schema[name])]
    learned, test = (table.with_columns(pl.col(words).cast(pl.String)) for table in (learned, test))
    return accuracy(learned, world.labels, test, world.truth)


def alone(handle: Handle, cards: pl.DataFrame, columns: int | None = None) -> None:
    """Expect of a fitted transformer that it gives each card the same features alone as among others."""
    together = features_of(handle.transform(cards), cards.height, columns)
    for row in range(cards.height):
        single = features_of(handle.transform(cards[row : row + 1]), 1, columns)
        expect(single.columns == together.columns, "the same columns for one card as for many")
        name = same_features(together[row : row + 1], single)
        if name:
            raise Mismatch(
                "the same features for a card, whichever others it is asked with",
                reread=PIPELINES,
                because=f"`{name}` of row {row} is {_short(together[name][row])} in the table and "
                f"{_short(single[name][0])} alone: something is learned from the cards that are "
                "asked about",
            )


def _short(value: object) -> str:
    return f"{value:.6g}" if isinstance(value, float) else repr(value)


def points(pairs: Iterator[tuple[float, float]]) -> tuple[float, float, float]:
    """Return mean accuracy before and after, and the gain in points."""
    before, after = (float(np.mean(side)) for side in zip(*pairs, strict=True))
    return before, after, 100 * (after - before)
