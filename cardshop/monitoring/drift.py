"""Drift: how far the values of a window are from those of a reference, as pure functions on columns.

A missing value is a value of its own: a scanner that stops reading a column is drift. Where one of the two columns is
empty there is nothing to compare, and the answer is NaN.
"""

from typing import NamedTuple

import numpy as np
import polars as pl
from scipy import stats

MANY = 10
"""A number with more distinct values than this is cut at its deciles; the most frequent words get a bin each."""
LARGE = 0.2
"""The PSI from which on a feature counts as drifted, the usual rule of thumb."""


class Drift(NamedTuple):
    """How one feature has moved. `bins` are the names of the bins, `before` and `now` their shares."""

    feature: str
    psi: float
    p: float
    bins: list[str]
    before: np.ndarray
    now: np.ndarray

    @property
    def is_large(self) -> bool:
        return self.psi > LARGE


def compare(reference: pl.DataFrame, window: pl.DataFrame) -> list[Drift]:
    """Compare each column of `reference` with the same column of `window`; the largest PSI comes first."""
    found = []
    for before in reference:
        now = window[before.name]
        bins, expected, actual = counts(before, now)
        is_number = before.dtype.is_numeric() and before.drop_nulls().n_unique() > MANY
        p = kolmogorov_smirnov(before, now) if is_number else chi_square(expected, actual)
        total = max(expected.sum(), 1), max(actual.sum(), 1)
        found.append(
            Drift(before.name, psi(expected, actual), p, bins, expected / total[0], actual / total[1])
        )
    return sorted(found, key=lambda one: -np.nan_to_num(one.psi, nan=-1))


def counts(reference: pl.Series, window: pl.Series) -> tuple[list[str], np.ndarray, np.ndarray]:
    """Count both columns in the same bins: names, counts of the reference, counts of the window.

    The reference alone decides the bins. The last two are "other", for words that have no bin, and "missing".
    """
    there = reference.drop_nulls()
    if there.dtype.is_numeric() and there.n_unique() > MANY:
        edges = np.unique(np.quantile(there.to_numpy(), np.arange(1, MANY) / MANY))
        names = [f"≤ {edge:g}" for edge in edges] + [f"> {edges[-1]:g}"]
        pair = [
            np.bincount(
                np.searchsorted(edges, column.drop_nulls().to_numpy(), side="left"), minlength=len(names)
            )
            for column in (reference, window)
        ]
    else:
        ranked = (
            there.cast(pl.String)
            .rename("word")
            .value_counts()
            .sort(["count", "word"], descending=[True, False])
        )
        names = ranked["word"].head(MANY).to_list()
        pair = [
            np.array([(column.cast(pl.String) == name).sum() for name in names], dtype=int)
            for column in (reference, window)
        ]
    rest = [
        [len(column) - column.null_count() - known.sum(), column.null_count()]
        for column, known in zip((reference, window), pair, strict=True)
    ]
    before, now = (np.append(known, more) for known, more in zip(pair, rest, strict=True))
    return [*names, "other", "missing"], before, now


def psi(before: np.ndarray, now: np.ndarray) -> float:
    """The population stability index of two arrays of counts. An empty bin counts as half a row."""
    if not before.sum() or not now.sum():
        return float("nan")
    used = (before + now) > 0
    shares = [np.maximum(column[used], 0.5) / np.maximum(column[used], 0.5).sum() for column in (before, now)]
    return float(((shares[1] - shares[0]) * np.log(shares[1] / shares[0])).sum())


def chi_square(before: np.ndarray, now: np.ndarray) -> float:
    """The p-value of Pearson's chi-square test that both counts come from the same shares."""
    if not before.sum() or not now.sum():
        return float("nan")
    table = np.vstack([before, now])[:, (before + now) > 0]
    return 1.0 if table.shape[1] == 1 else float(stats.chi2_contingency(table).pvalue)


def kolmogorov_smirnov(before: pl.Series, now: pl.Series) -> float:
    """The p-value of the two-sample Kolmogorov–Smirnov test; missing values are left out."""
    ours, theirs = before.drop_nulls().to_numpy(), now.drop_nulls().to_numpy()
    if not len(ours) or not len(theirs):
        return float("nan")
    return float(stats.ks_2samp(ours, theirs, method="asymp").pvalue)
