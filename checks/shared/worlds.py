"""Held-out worlds for features, and what a learner's features are worth in them. Shared by unit 2 and CP-2."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
import polars as pl
from hypothesis import strategies as st

from cardshop.training.classifier import LABEL, Given, accuracy, held_out_accuracy, split
from cardshop.world.truth.catalogue import catalogue
from cardshop.world.truth.scanner import STRANGERS, scan
from grader.engine import Handle, Mismatch, as_table, expect, remembered

SEEDS = st.integers(10**6, 10**9)
PIPELINES = "Pipelines"
DEFINED = "A feature is an assumption"
ENCODING = "Target encoding"
MODEL_OR_FEATURES = "Better features or a better model?"
MOST_LOOKED_AT = 3  # columns of a card, by a feature that learns from labels
LEAK = 0.1  # honest columns stay below 0.06 in a single world, the label itself is at 0.3


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


@remembered
def _split(seed: int) -> tuple[pl.DataFrame, pl.DataFrame]:
    return split(catalogue(seed)[1], seed)


def worlds(seed: int, number: int) -> list[World]:
    """Return as many held-out worlds, always the same for one seed."""
    return [World(int(one)) for one in np.random.default_rng(seed).integers(10**6, 10**9, number)]


@remembered
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
    if not isinstance(answer, Handle):
        raise Mismatch(
            "a transformer: an object with fit_transform and transform",
            got="nothing" if answer is None else f"a {type(answer).__name__}",
            reread=PIPELINES,
        )
    return answer


def features_of(result: object, rows: int, columns: int | None = None) -> pl.DataFrame:
    """Return features as a table of finite numbers and categories; Mismatch says what they are instead."""
    if isinstance(result, pl.Series):
        result = result.to_frame()
    elif type(result).__name__ == "Series":
        result = result.to_frame().reset_index(drop=True)
    elif hasattr(result, "toarray"):
        result = result.toarray()
    if isinstance(result, np.ndarray):
        expect(result.ndim <= 2, "a table", got=f"an array of {result.ndim} dimensions")
        values = result.reshape(len(result), -1)
        result = pl.DataFrame(
            {f"column_{at}": values[:, at].tolist() for at in range(values.shape[1])}, strict=False
        )
    table = as_table(result)
    if columns is not None and table.width != columns:
        raise Mismatch(
            f"{columns} column{'s' * (columns > 1)}", got=f"{table.width}: {', '.join(table.columns[:8])}"
        )
    if table.height != rows:
        lost = (
            "rows went missing, as they do in an inner join or with drop_nulls" if table.height < rows else ""
        )
        raise Mismatch(f"{rows} rows, one for each card", got=f"{table.height} rows", because=lost)
    for column in table:
        _sound(column)
    return table.with_columns(pl.col(pl.Categorical, pl.Enum).cast(pl.String))


def _sound(column: pl.Series) -> None:
    """Expect a feature of finite numbers or categories, without a gap."""
    dtype = column.dtype
    words = dtype in (pl.String, pl.Categorical, pl.Enum)
    if not (words or dtype.is_numeric() or dtype == pl.Boolean):
        raise Mismatch(f"numbers or categories in `{column.name}`", got=f"the dtype {dtype}")
    holes = column.is_null() | (column.is_nan() if dtype.is_float() else False)
    if holes.any():
        raise Mismatch(
            f"a value for every card in `{column.name}`",
            because=f"{holes.sum()} of {column.len()} are null or NaN; the first is in row {holes.arg_max()}",
            reread=DEFINED,
        )
    if dtype.is_float() and not column.is_finite().all():
        row = column.is_infinite().arg_max()
        raise Mismatch(
            f"finite numbers in `{column.name}`",
            because=f"row {row} is {column[row]}; dividing by zero or taking the logarithm of zero gives that",
            reread=DEFINED,
        )


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


def expect_every_row(
    make: Callable[[], object], tables: tuple[pl.DataFrame, pl.DataFrame], columns: int | None = None
) -> None:
    """Expect of a transformer, fitted on the first table, sound features of every row of the second."""
    train, cards = tables
    handle = transformer(make())
    learned = fitted(handle, train, columns)
    same_columns(learned, features_of(handle.transform(cards), cards.height, columns))


def expect_card_by_card(
    make: Callable[[], object], tables: tuple[pl.DataFrame, pl.DataFrame], columns: int | None = None
) -> None:
    """Expect of a transformer, fitted on the first table, that it treats each card of the second by itself."""
    train, cards = tables
    handle = transformer(make())
    fitted(handle, train, columns)
    alone(handle, cards, columns)


def both(handle: Handle, world: World, columns: int | None = None) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Fit a transformer in a world; return the features of its training and of its held-out cards."""
    learned = fitted(handle, world.train, columns)
    test = features_of(handle.transform(world.test.drop(LABEL)), world.test.height, columns)
    same_columns(learned, test)
    return learned, test


def same_columns(learned: pl.DataFrame, test: pl.DataFrame) -> None:
    """Expect the features of the training cards and of others to have the same names in the same order."""
    if learned.columns != test.columns:
        raise Mismatch(
            "the same columns from fit_transform and from transform",
            got=f"{', '.join(learned.columns[:6])} and {', '.join(test.columns[:6])}",
            reread=PIPELINES,
        )


def honest(
    make: Callable[[], object], world: World, random: int, columns: int | None = None
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the features of a world's training and held-out cards, by a new transformer.

    Mismatch when `fit_transform` says more about the labels than `transform` does, or when the transformer fails on
    the held-out cards as the scanner sends them.
    """
    handle = transformer(make())
    learned, test = both(handle, world, columns)
    expect_no_leak(learned, test, world, random)
    alone(handle, scan(world.test, np.random.default_rng(world.seed)), columns, rows=3)
    return learned, test


def trained(learned: pl.DataFrame, test: pl.DataFrame, world: World) -> float:
    """The accuracy of the fixed model with these features."""
    words = [name for name in learned.columns if pl.String in (learned.schema[name], test.schema[name])]
    learned, test = (table.with_columns(pl.col(words).cast(pl.String)) for table in (learned, test))
    return accuracy(learned, world.labels, test, world.truth)


def second_models(make: Callable[[], object], world: World) -> dict[str, list[str]]:
    """Return the features that learn from labels and look at many columns of a card, and those columns.

    `make` returns a transformer. A feature learns from labels when it is another one after the labels of the training
    cards were shuffled, and the same when they were not. It looks at a column when it changes with it.
    """
    cards, rng = world.test.drop(LABEL).head(60), np.random.default_rng(world.seed)

    def features(labels: np.ndarray, asked: pl.DataFrame) -> tuple[Handle, pl.DataFrame]:
        handle = transformer(make())
        handle.fit_transform(world.train.drop(LABEL), labels)
        return handle, features_of(handle.transform(asked), asked.height)

    handle, usual = features(world.labels, cards)
    _, shuffled = features(rng.permutation(world.labels), cards)
    learned = _changed(usual, shuffled)
    if not learned:
        return {}
    learned -= _changed(usual, features(world.labels, cards)[1])  # what draws random numbers is not learned
    order = rng.permutation(cards.height)
    others = [cards.with_columns(cards[name][order]) for name in cards.columns]
    answers = features_of(handle.transform(pl.concat(others)), cards.height * len(others))
    looked_at: dict[str, list[str]] = {feature: [] for feature in sorted(learned)}
    for at, name in enumerate(cards.columns):
        for feature in learned & _changed(usual, answers.slice(at * cards.height, cards.height)):
            looked_at[feature].append(name)
    return {feature: names for feature, names in looked_at.items() if len(names) > MOST_LOOKED_AT}


def _changed(one: pl.DataFrame, other: pl.DataFrame) -> set[str]:
    """The columns in which two tables of features differ; all of them when they do not have the same ones."""
    if one.columns != other.columns:
        return set(one.columns)
    return {name for name in one.columns if same_features(one.select(name), other.select(name))}


def expect_no_second_model(make: Callable[[], object], world: World) -> None:
    """Expect features of which none is the answer of another model."""
    for feature, names in second_models(make, world).items():
        raise Mismatch(
            f"features that look at {MOST_LOOKED_AT} columns of a card at most, if they learn from the labels",
            because=f"`{feature}` changes when the labels are shuffled, and it looks at {', '.join(names)}: "
            "that counts as a second model",
            reread=MODEL_OR_FEATURES,
        )


def expect_no_leak(learned: pl.DataFrame, test: pl.DataFrame, world: World, random: int) -> None:
    """Expect of each feature that it says as much about held-out cards as about the cards it was fitted on."""
    half = np.random.default_rng(random).random(learned.height) < 0.5
    labels = world.labels
    for name in learned.columns:
        seen, asked = _categories(learned[name], test[name])
        usual = _usual(seen[half], labels[half])
        known, new = _right(usual, seen[~half], labels[~half]), _right(usual, asked, world.truth)
        if known - new > LEAK:
            raise Mismatch(
                "a feature that says as much about held-out cards as about the cards it was fitted on",
                because=f"`{name}` alone predicts the type of {known:.0%} of the training cards and of {new:.0%} of "
                "the held-out cards: what fit_transform returns contains the labels of its own cards",
                reread=ENCODING,
            )


def _categories(seen: pl.Series, asked: pl.Series) -> tuple[np.ndarray, np.ndarray]:
    """Both columns as categories; numbers in thirty bins of the first."""
    if pl.String in (seen.dtype, asked.dtype):
        return seen.cast(pl.String).to_numpy(), asked.cast(pl.String).to_numpy()
    seen, asked = seen.cast(pl.Float64).to_numpy(), asked.cast(pl.Float64).to_numpy()
    edges = np.unique(np.quantile(seen, np.linspace(0, 1, 31)[1:-1]))
    return np.searchsorted(edges, seen, side="right"), np.searchsorted(edges, asked, side="right")


def _usual(values: np.ndarray, labels: np.ndarray) -> dict:
    """The most frequent label of each value; that of all of them under None."""
    counts: dict = {None: Counter(labels.tolist())}
    for value, label in zip(values.tolist(), labels.tolist(), strict=True):
        counts.setdefault(value, Counter())[label] += 1
    return {value: count.most_common(1)[0][0] for value, count in counts.items()}


def _right(usual: dict, values: np.ndarray, truth: np.ndarray) -> float:
    """The share of values whose usual label is the true one."""
    hits = [
        usual.get(v, usual[None]) == label for v, label in zip(values.tolist(), truth.tolist(), strict=True)
    ]
    return float(np.mean(hits))


def alone(handle: Handle, cards: pl.DataFrame, columns: int | None = None, rows: int | None = None) -> None:
    """Expect of a fitted transformer that it gives a card the same features alone as among all.

    The first `rows` cards are asked about alone; all of them by default.
    """
    expect_alone(lambda asked: features_of(handle.transform(asked), asked.height, columns), cards, rows)


def expect_alone(
    ask: Callable[[pl.DataFrame], pl.DataFrame],
    cards: pl.DataFrame,
    rows: int | None = None,
    reread: str = PIPELINES,
) -> None:
    """Expect the same features of a card, whether `ask` is called with the card alone or with all `cards`."""
    together = ask(cards)
    for row in range(rows or cards.height):
        card = cards[row : row + 1]
        single = ask(card)
        expect(single.columns == together.columns, "the same columns for one card as for many")
        if name := same_features(together[row : row + 1], single):
            random = same_features(single, ask(card))
            raise Mismatch(
                "the same features for a card, whichever other cards come with it",
                because=f"`{name}` of row {row} is {_short(together[name][row])} in the table and "
                f"{_short(single[name][0])} alone: "
                + ("two equal calls differ, so it is random" if random else "it depends on the other cards"),
                reread=reread,
            )


def _short(value: object) -> str:
    return f"{value:.6g}" if isinstance(value, float) else repr(value)


def points(pairs: Iterable[tuple[float, float]]) -> tuple[float, float, float]:
    """Return mean accuracy before and after, and the gain in points."""
    before, after = (float(np.mean(side)) for side in zip(*pairs, strict=True))
    return before, after, 100 * (after - before)
