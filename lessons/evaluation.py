"""What the lesson on evaluation computes about models: curves, calibration, overlap, intervals."""

from collections.abc import Callable, Mapping, Sequence
from itertools import combinations
from typing import Any

import numpy as np
import polars as pl
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.metrics import confusion_matrix, f1_score, log_loss, roc_curve


def balance_weights(labels: np.ndarray, share: float) -> np.ndarray:
    """A weight for each row that makes the true labels the `share` of all; the weights add up to the number of rows."""
    now = labels.mean()
    return np.where(labels, share / now, (1 - share) / (1 - now))


def curves(labels: np.ndarray, scores: np.ndarray, share: float) -> pl.DataFrame:
    """Both curves where `share` of the rows are positive: `cut`, `false_alarms`, `recall`, `precision`."""
    false, true, cuts = roc_curve(labels, scores, drop_intermediate=False)
    flagged = share * true + (1 - share) * false
    with np.errstate(invalid="ignore"):
        precision = np.where(flagged > 0, share * true / flagged, np.nan)
    return pl.DataFrame({"cut": cuts, "false_alarms": false, "recall": true, "precision": precision})


def average_precision(curve: pl.DataFrame) -> float:
    """The area under a curve of `curves`, in steps, as scikit-learn's `average_precision_score` has it."""
    return float((curve["recall"].diff() * curve["precision"]).sum())


def reliability(confidence: np.ndarray, right: np.ndarray, bins: int = 8) -> pl.DataFrame:
    """What was said and how often it was true, in `bins` with equally many rows: `said`, `true`, `rows`."""
    table = pl.DataFrame({"said": np.asarray(confidence, float), "true": np.asarray(right, float)}).sort(
        "said"
    )
    part = (pl.int_range(pl.len()) * bins // pl.len()).alias("part")
    means = table.group_by(part).agg(pl.col("said", "true").mean(), rows=pl.len())
    return means.sort("said").drop("part")


def losses(
    models: Mapping[str, Any], cards: pl.DataFrame, truth: np.ndarray
) -> list[tuple[str, float, float, float]]:
    """Return of each model its name, log loss, mean confidence and accuracy."""
    rows = []
    for name, model in models.items():
        said = model.predict_proba(cards)
        right = model.classes_[said.argmax(axis=1)] == truth
        rows.append((name, float(log_loss(truth, said)), float(said.max(axis=1).mean()), float(right.mean())))
    return rows


def averages(truth: np.ndarray, answers: np.ndarray, missed: str) -> dict[str, list[float]]:
    """Return three averages of F1: of these answers, and of the same if no row of the class `missed` were right."""
    other = next(name for name in np.unique(truth) if name != missed)
    failing = np.where(truth == missed, other, answers)
    return {
        how: [float(f1_score(truth, said, average=how)) for said in (answers, failing)]
        for how in ("micro", "weighted", "macro")
    }


def worst_sticker(wrong: np.ndarray, colours: int, seed: int = 7) -> tuple[int, int]:
    """Give each row one of some colours by chance; return the rows and the mistakes of the colour that looks worst."""
    colour = np.random.default_rng(seed).integers(colours, size=len(wrong))
    rows, bad = np.bincount(colour, minlength=colours), np.bincount(colour, wrong, minlength=colours)
    worst = int(np.argmax(bad / np.maximum(rows, 1)))
    return int(rows[worst]), int(bad[worst])


def overlaps(features: np.ndarray, labels: np.ndarray) -> dict[tuple[str, str], float]:
    """How far each pair of classes lies on top of each other in the features: 1 is everywhere, 0 is nowhere.

    The classes are taken to be clouds of one shape (linear discriminant analysis), and their centres compared.
    """
    analysis = LinearDiscriminantAnalysis(solver="eigen", shrinkage=0.1).fit(features, labels)
    projected = analysis.transform(features)
    centres = {name: projected[labels == name].mean(axis=0) for name in analysis.classes_}
    return {
        (one, other): float(np.exp(-((centres[one] - centres[other]) ** 2).sum() / 8))
        for one, other in combinations(centres, 2)
    }


def apart(features: np.ndarray, labels: np.ndarray, pair: tuple[str, str]) -> list[np.ndarray]:
    """The values of each of two classes along the one direction that separates them best."""
    inside = np.isin(labels, pair)
    analysis = LinearDiscriminantAnalysis(solver="eigen", shrinkage=0.1)
    values = analysis.fit(features[inside], labels[inside]).transform(features[inside])[:, 0]
    return [values[labels[inside] == name] for name in pair]


def mixed_up(truth: np.ndarray, answers: np.ndarray, classes: Sequence[str]) -> dict[tuple[str, str], int]:
    """How often each pair of classes was mixed up, in either direction."""
    matrix = confusion_matrix(truth, answers, labels=classes)
    return {
        (classes[i], classes[j]): int(matrix[i, j] + matrix[j, i])
        for i, j in combinations(range(len(classes)), 2)
    }


def resampled(
    rows: int, statistic: Callable[[np.ndarray], Any], times: int = 1000, seed: int = 0
) -> np.ndarray:
    """`statistic` of row numbers, for `times` samples of `rows` rows drawn with replacement."""
    rng = np.random.default_rng(seed)
    return np.array([statistic(rng.integers(rows, size=rows)) for _ in range(times)])


def regression_errors(values: np.ndarray, constants: np.ndarray) -> pl.DataFrame:
    """How wrong each constant is as a prediction of all `values`, by three metrics: `constant`, `metric`, `error`."""
    off = constants[:, None] - values[None, :]
    found = {
        "mean absolute error": np.abs(off).mean(axis=1),
        "root mean squared error": np.sqrt((off**2).mean(axis=1)),
        "mean absolute percentage error": (np.abs(off) / values).mean(axis=1),
    }
    return pl.concat(
        pl.DataFrame({"constant": constants, "metric": name, "error": errors})
        for name, errors in found.items()
    )
