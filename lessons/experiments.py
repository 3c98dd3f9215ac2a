"""Experiments with models of the shop's cards: scores on paired folds, intervals, curves, and what tuning promises."""

import time
import warnings
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from itertools import product

import numpy as np
import polars as pl
from scipy import stats
from sklearn.base import BaseEstimator, clone
from sklearn.ensemble import RandomForestClassifier
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import StratifiedKFold
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor
from xgboost import XGBClassifier

from cardshop import world
from cardshop.features import CardFeatures
from cardshop.training.contenders import contenders
from cardshop.training.encoding import Encoder
from cardshop.world.species import STATS

FITS = 200  # trees that `refitted` averages over
Rows = tuple[np.ndarray, np.ndarray, np.ndarray]
Pairs = Sequence[tuple[np.ndarray, np.ndarray]]
MODELS: dict[str, BaseEstimator] = {
    **{name: model[2:] for name, model in contenders().items()},  # what comes after features and encoder
    "network": make_pipeline(StandardScaler(), MLPClassifier((32,), max_iter=60, random_state=0)),
}


def stratified(labels: np.ndarray, k: int = 5, seed: int = 0) -> list[tuple[np.ndarray, np.ndarray]]:
    """Return `k` pairs (train, test) of row numbers; each label is spread evenly over the test parts."""
    return list(StratifiedKFold(k, shuffle=True, random_state=seed).split(labels, labels))


def interval(scores: Sequence[float], pairs: Pairs) -> tuple[float, float, float]:
    """Return mean, lower and upper end of the 95 % interval of scores (or differences) measured on `pairs`.

    The variance is that of Nadeau and Bengio (2003): s² (1/k + test/train), because folds share training rows.
    """
    scores, (train, test) = np.asarray(scores), pairs[0]
    error = np.sqrt(scores.var(ddof=1) * (1 / len(scores) + len(test) / len(train)))
    reach = stats.t.ppf(0.975, len(scores) - 1) * error
    return scores.mean(), scores.mean() - reach, scores.mean() + reach


@cache
def zoo(seed: int = 0, names: tuple[str, ...] = tuple(MODELS)) -> tuple[pl.DataFrame, Pairs]:
    """Fit the models on the same five folds of a world's cards: accuracy and seconds of each, and the folds."""
    cards = world.load("cards", seed)
    labels = cards["card_type"].to_numpy()
    pairs, rows = stratified(labels), []
    for fold, (train, test) in enumerate(pairs):
        encode = make_pipeline(CardFeatures(), Encoder())  # learned again from the training rows of each fold
        X, held_out = encode.fit_transform(cards[train]), encode.transform(cards[test])
        for name in names:
            start = time.perf_counter()
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", ConvergenceWarning)
                model = clone(MODELS[name]).fit(X, labels[train])
            seconds = time.perf_counter() - start
            accuracy = float((model.predict(held_out) == labels[test]).mean())
            rows.append({"model": name, "fold": fold, "accuracy": accuracy, "seconds": seconds})
    return pl.DataFrame(rows), pairs


def compared(scores: pl.DataFrame, pairs: Pairs, reference: str) -> pl.DataFrame:
    """One row a model: mean accuracy, and the interval of its difference to `reference` in points, fold by fold."""
    known = scores.filter(model=reference)["accuracy"].to_numpy()
    rows = []
    for name in scores["model"].unique(maintain_order=True):
        one = scores.filter(model=name)
        mean, low, high = interval(100 * (one["accuracy"].to_numpy() - known), pairs)
        rows.append(
            {
                "model": name,
                "accuracy": one["accuracy"].mean(),
                "difference": mean,
                "low": low,
                "high": high,
                "seconds": one["seconds"].mean(),
            }
        )
    return pl.DataFrame(rows)


@cache
def same_forest(world_seed: int = 0, seeds: int = 20, held_out: int = 200) -> np.ndarray:
    """A row for each of forests that differ in their seed alone: accuracy on `held_out` cards, and on the rest."""
    cards = world.load("cards", world_seed)
    rows = np.random.default_rng(world_seed).permutation(cards.height)
    train, small, rest = rows[:800], rows[800 : 800 + held_out], rows[800 + held_out :]
    X, labels = cards.select(STATS).to_numpy(), cards["card_type"].to_numpy()
    result = []
    for seed in range(seeds):
        forest = RandomForestClassifier(15, min_samples_leaf=2, random_state=seed).fit(
            X[train], labels[train]
        )
        result.append([forest.score(X[part], labels[part]) for part in (small, rest)])
    return np.array(result)


def _wave(x: np.ndarray) -> np.ndarray:
    return np.sin(2 * np.pi * x) + 0.5 * x


def refitted(depth: int, rows: int, shown: int = 12, seed: int = 0) -> tuple[pl.DataFrame, float, float]:
    """Trees of one depth on fresh samples of a known curve: some lines, their mean, the truth; bias² and variance.

    The mean of few trees is off by chance, which would look like bias, so mean and numbers come from FITS trees.
    """
    rng, grid = np.random.default_rng(seed), np.linspace(0, 1, 81)
    lines = []
    for _ in range(FITS):
        x = rng.random(rows)
        y = _wave(x) + rng.normal(0, 0.35, rows)
        lines.append(
            DecisionTreeRegressor(max_depth=depth, random_state=0).fit(x[:, None], y).predict(grid[:, None])
        )
    fits = np.array(lines)
    mean, variance = fits.mean(axis=0), float(fits.var(axis=0, ddof=1).mean())
    table = pl.concat(
        [
            *(
                pl.DataFrame({"x": grid, "y": line, "line": f"sample {at}"})
                for at, line in enumerate(fits[:shown])
            ),
            pl.DataFrame({"x": grid, "y": mean, "line": "mean"}),
            pl.DataFrame({"x": grid, "y": _wave(grid), "line": "truth"}),
        ]
    )
    bias = float(((mean - _wave(grid)) ** 2).mean()) - variance / FITS
    return table, max(bias, 0.0), variance


@cache
def depths(seed: int = 0, tried: tuple[int, ...] = (1, 2, 3, 4, 6, 8, 10, 12, 15, 20)) -> pl.DataFrame:
    """A validation curve: the accuracy of one tree on training and validation rows, by its greatest depth."""
    X, y, held_out, truth = _halves(seed)
    rows = []
    for depth in tried:
        tree = DecisionTreeClassifier(max_depth=depth, random_state=0).fit(X, y)
        rows += [
            {"depth": depth, "rows": "training", "accuracy": tree.score(X, y)},
            {"depth": depth, "rows": "validation", "accuracy": tree.score(held_out, truth)},
        ]
    return pl.DataFrame(rows)


@cache
def sizes(seed: int = 0, tried: tuple[int, ...] = (100, 200, 400, 800, 1400), draws: int = 5) -> pl.DataFrame:
    """Learning curves of a tree that asks two questions and of a forest: mean accuracy over some draws of the rows."""
    X, y, held_out, truth = _halves(seed)
    X, y, rng = np.concatenate([X, held_out]), np.concatenate([y, truth]), np.random.default_rng(seed)
    models = {
        "tree of depth 2": DecisionTreeClassifier(max_depth=2, random_state=0),
        "forest": RandomForestClassifier(30, min_samples_leaf=2, random_state=0),
    }
    rows = []
    for _ in range(draws):
        order = rng.permutation(len(y))
        held = order[max(tried) :]
        for (name, model), size in product(models.items(), tried):
            used = order[:size]
            model.fit(X[used], y[used])
            for part, chosen in (("training", used), ("validation", held)):
                accuracy = model.score(X[chosen], y[chosen])
                rows.append({"model": name, "size": size, "rows": part, "accuracy": accuracy})
    kinds = ["model", "size", "rows"]
    return pl.DataFrame(rows).group_by(kinds, maintain_order=True).agg(pl.col("accuracy").mean())


@cache
def rounds(seed: int = 0, rate: float = 0.3, most: int = 120) -> tuple[pl.DataFrame, int]:
    """The log loss of boosting after each round, on training and validation rows, and the best round (from 1)."""
    X, y, held_out, truth = _halves(seed)
    kinds, codes = np.unique(y, return_inverse=True)
    model = XGBClassifier(n_estimators=most, max_depth=3, learning_rate=rate, n_jobs=1, random_state=0)
    true = np.searchsorted(kinds, truth)
    model.fit(X, codes, eval_set=[(X, codes), (held_out, true)], verbose=False)
    curves = [model.evals_result()[part]["mlogloss"] for part in ("validation_0", "validation_1")]
    table = pl.concat(
        pl.DataFrame({"round": range(1, most + 1), "loss": curve}).with_columns(rows=pl.lit(name))
        for name, curve in zip(("training", "validation"), curves, strict=True)
    )
    return table, int(np.argmin(curves[1])) + 1


def _halves(seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Features and labels of 1,400 training cards, and of the other cards of a world."""
    cards = world.load("cards", seed)
    cards = cards[np.random.default_rng(seed).permutation(cards.height)]
    labels = cards["card_type"].to_numpy()
    encode = make_pipeline(CardFeatures(), Encoder())
    X = encode.fit_transform(cards[:1400])
    return X, labels[:1400], encode.transform(cards[1400:]), labels[1400:]


class CoinFlips:
    """Labels that are coin flips, noise beside them, and settings of a nearest-neighbour model to search."""

    def __init__(self, seed: int = 0, trials: int = 60, rows: int = 120):
        rng = np.random.default_rng(seed)
        X, self.y, self.seed = rng.normal(size=(rows, 12)), rng.integers(0, 2, rows), seed
        settings = [
            (rng.choice(12, 4, replace=False), 2 * int(rng.integers(0, 15)) + 1) for _ in range(trials)
        ]
        self._near = [k for _, k in settings]
        self._distances = [((X[:, None, few] - X[None, :, few]) ** 2).sum(axis=2) for few, _ in settings]

    def pairs(self, rows: np.ndarray | None = None) -> list[tuple[np.ndarray, np.ndarray]]:
        """Three folds of some rows, or of all: pairs of row numbers."""
        rows = np.arange(len(self.y)) if rows is None else rows
        return [(rows[train], rows[test]) for train, test in stratified(self.y[rows], 3, self.seed)]

    def score(self, at: int, train: np.ndarray, test: np.ndarray) -> float:
        """Accuracy on test rows with the settings number `at`, fitted on training rows."""
        nearest = train[np.argsort(self._distances[at][np.ix_(test, train)], axis=1)[:, : self._near[at]]]
        return float(((self.y[nearest].mean(axis=1) > 0.5) == self.y[test]).mean())

    def search(self, rows: np.ndarray) -> tuple[float, int]:
        """The best cross-validated accuracy on some rows, and the number of its settings."""
        pairs = self.pairs(rows)
        return max(
            (float(np.mean([self.score(at, *pair) for pair in pairs])), at) for at in range(len(self._near))
        )


@cache
def coin_flips(seed: int = 0) -> tuple[float, float]:
    """Tune on labels that are coin flips: the best cross-validated accuracy, and the nested one (near 0.5)."""
    flips = CoinFlips(seed)
    nested = [flips.score(flips.search(train)[1], train, test) for train, test in flips.pairs()]
    return flips.search(np.arange(len(flips.y)))[0], float(np.mean(nested))


def nested_coin_flips(nested: Callable[..., list[float]]) -> tuple[list[Rows], float]:
    """Run `nested` of the lesson on five sets of coin flips.

    Returns what each search saw beside the parts of its pair (rows, train, test), and the mean of all scores.
    """
    seen, scores = [], []
    for seed in range(5):
        flips, asked = CoinFlips(seed), []

        def search(rows: np.ndarray, flips: CoinFlips = flips, asked: list = asked) -> int:
            asked.append(np.asarray(rows))
            return flips.search(asked[-1])[1]

        pairs = flips.pairs()
        scores.append(np.mean(nested(pairs, search, flips.score)))
        seen += [(rows, *pair) for rows, pair in zip(asked, pairs, strict=True)]
    return seen, float(np.mean(scores))


def cost(runs: Mapping[str, float], seconds: float, euros_an_hour: float) -> tuple[float, float]:
    """Hours and euros of a plan: the product of the numbers of `runs` (trials, folds, …), `seconds` each."""
    hours = float(np.prod(list(runs.values()))) * seconds / 3600
    return hours, hours * euros_an_hour
