"""Cases of models that fail: what a team hands over when it asks for help, and the statistics that compare cases.

A case is a dict. `story` and `code` are texts; `goal` is the metric by which the shop judges the model in
production. `history` has the labelled offers, `production` those of the last week without labels; `predicted` is what
the model said of each. `metrics` has the three scores that the team reports, and `log` its experiments.
"""

import importlib
import re
from collections.abc import Callable
from types import ModuleType, SimpleNamespace

import numpy as np
import polars as pl
from sklearn.base import ClassifierMixin, clone
from sklearn.metrics import accuracy_score, balanced_accuracy_score, roc_auc_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

Case = dict[str, object]

COLUMNS = ["asking_price", "weight_g", "seller_rating", "condition", "card_age", "visits", "ships_in"]
"""What a model may know about an offer."""

CAUSES = {
    "underfit": "the model is too simple for the data",
    "overfit": "the model is so flexible that it memorises the training rows",
    "leak": "a column knows the label, and in production it cannot",
    "metric": "the team chose the setting by a metric that is not the goal",
    "noise": "many labels in the history are wrong",
    "skew": "production sends a column on another scale than the history",
    "imbalance": "one label is so rare that the model hardly ever predicts it",
    "unscaled": "distances are dominated by the columns with large units",
    "time": "the relation between columns and label changed, and a random split hides it",
    "duplicates": "copies of training rows are among the validation rows",
    "preprocessing": "`prepare` destroys a column that the model needs",
    "healthy": "none of these: the model is as good as the data allow",
}
"""The words for a diagnosis."""

JUDGED = 2_000
"""Offers in production by which a repair is judged."""
WON = 0.3
"""The part of what the reference repair wins back that a repair has to win back."""
LOST = 0.03
"""What a model may lose where nothing was wrong."""

SCORES: dict[str, Callable] = {"accuracy": accuracy_score, "balanced_accuracy": balanced_accuracy_score}


class Model:
    """A classifier of offers: `prepare` makes its columns, `estimator` gives a probability, `threshold` decides."""

    def __init__(
        self,
        prepare: Callable[[pl.DataFrame], pl.DataFrame],
        estimator: ClassifierMixin,
        threshold: float = 0.5,
    ):
        self.prepare, self.estimator, self.threshold = prepare, estimator, threshold

    def fit(self, rows: pl.DataFrame) -> "Model":
        """Learn from rows that have the column `sold`."""
        self.estimator.fit(self.prepare(rows).to_numpy(), rows["sold"].to_numpy())
        return self

    def sure(self, rows: pl.DataFrame) -> np.ndarray:
        """Return the probability of a sale for each row, an array of floats."""
        return self.estimator.predict_proba(self.prepare(rows).to_numpy())[:, 1]

    def predict(self, rows: pl.DataFrame) -> np.ndarray:
        """Return True for each row that the model expects to be sold, an array of booleans."""
        return self.sure(rows) >= self.threshold


def cases(seed: int) -> list[Case]:
    """Return the five cases of a seed, with different causes. Raises RuntimeError where cases cannot be made."""
    return [case for case, _ in _truth().five(seed)]


def example(cause: str, seed: int) -> Case:
    """Return a case with a known cause, to try things on. Raises RuntimeError where cases cannot be made."""
    if cause not in CAUSES:
        raise ValueError(f"There is no cause {cause!r}; there are {', '.join(CAUSES)}.")
    return _truth().one(seed, cause)[0]


def _truth() -> ModuleType:
    try:
        return importlib.import_module("cardshop.world.truth.cases")
    except ModuleNotFoundError as error:
        if error.name is None or not error.name.startswith("cardshop.world.truth"):
            raise
        raise RuntimeError(
            "Cases cannot be made where submissions are graded. Take the case as an argument."
        ) from None


def code(case: Case) -> SimpleNamespace:
    """Run the code of a case, and return what it defines: `prepare`, `model` (not fitted), `METRIC`."""
    defined: dict[str, object] = {}
    exec(str(case["code"]), defined)  # noqa: S102 - the code is part of the case, and ours
    return SimpleNamespace(**{name: defined[name] for name in ("prepare", "model", "METRIC")})


def score(case: Case, labels: object, predicted: object) -> float:
    """Return the score of predictions by the goal of the case, 0 to 1."""
    return float(SCORES[str(case["goal"])](np.asarray(labels), np.asarray(predicted)))


def side(case: Case, name: str) -> pl.DataFrame:
    """Return the rows of the history on one side of the team's split: `train` or `validation`."""
    return case["history"].filter(pl.col("side") == name)


def measure(case: Case, statistic: str) -> float:
    """Return a statistic of a case: `measure(case, "repeated")`, `measure(case, "alone(visits)")`.

    Raises ValueError for a statistic that does not exist, with a sentence.
    """
    match = re.fullmatch(r"(\w+)(?:\((\w+)\))?", statistic)
    name, column = match.groups() if match else ("", None)
    if name not in STATISTICS:
        raise ValueError(f"There is no statistic {statistic!r}; there are {', '.join(STATISTICS)}.")
    if (name in OF_COLUMN) != (column is not None):
        raise ValueError(
            f"Write {name}(column)." if name in OF_COLUMN else f"Write {name}, without a column."
        )
    if column is not None and column not in COLUMNS:
        raise ValueError(f"There is no column {column!r}; a model may know {', '.join(COLUMNS)}.")
    return float(STATISTICS[name](case, column) if column else STATISTICS[name](case))


def _on_validation(case: Case) -> float:
    rows = side(case, "validation")
    return score(case, rows["sold"], rows["predicted"])


def gap(case: Case) -> float:
    """The score on the training rows, minus that on the validation rows."""
    rows = side(case, "train")
    return score(case, rows["sold"], rows["predicted"]) - _on_validation(case)


def drop(case: Case) -> float:
    """The score on the validation rows, minus that in production."""
    return _on_validation(case) - case["metrics"]["production"]


def _better(case: Case, others: Callable[[dict], pl.Expr]) -> float:
    log = case["log"]
    runs = log.row(by_predicate=pl.col("runs"), named=True)
    tried = log.filter(others(runs))["goal"]
    return max(tried, default=runs["goal"]) - runs["goal"]


def better_flexible(case: Case) -> float:
    """The best `goal` of a more flexible setting with the same threshold, minus that of the one that runs."""
    return _better(
        case,
        lambda runs: (
            (pl.col("flexibility") > runs["flexibility"]) & (pl.col("threshold") == runs["threshold"])
        ),
    )


def better_simple(case: Case) -> float:
    """The best `goal` of a less flexible setting with the same threshold, minus that of the one that runs."""
    return _better(
        case,
        lambda runs: (
            (pl.col("flexibility") < runs["flexibility"]) & (pl.col("threshold") == runs["threshold"])
        ),
    )


def better_threshold(case: Case) -> float:
    """The best `goal` of the same flexibility with another threshold, minus that of the one that runs."""
    return _better(
        case,
        lambda runs: (
            (pl.col("flexibility") == runs["flexibility"]) & (pl.col("threshold") != runs["threshold"])
        ),
    )


def disagreement(case: Case) -> float:
    """The share of second looks in the history that differ from `sold`."""
    looked = case["history"].drop_nulls("second_look")
    return (looked["second_look"] != looked["sold"]).mean()


def repeated(case: Case) -> float:
    """The share of validation rows whose seven columns all equal those of a training row."""
    rows = side(case, "validation")
    return rows.join(side(case, "train"), on=COLUMNS, how="semi").height / rows.height


def rare(case: Case) -> float:
    """The share of the rarer label in the history."""
    share = case["history"]["sold"].mean()
    return min(share, 1 - share)


def missed(case: Case) -> float:
    """Of the validation rows with the rarer label, the share that the model gets wrong."""
    rarer = case["history"]["sold"].mean() < 0.5
    rows = side(case, "validation").filter(pl.col("sold") == rarer)
    return (rows["predicted"] != rows["sold"]).mean()


def spread(case: Case) -> float:
    """The largest standard deviation of a column in the history, divided by the smallest."""
    each = case["history"].select(pl.col(COLUMNS).std()).row(0)
    return max(each) / min(each)


def scaling(case: Case) -> float:
    """What the score on the validation rows gains when a StandardScaler stands before the same estimator."""
    model = code(case).model
    scaled = Model(model.prepare, make_pipeline(StandardScaler(), clone(model.estimator)), model.threshold)
    rows = side(case, "validation")
    return score(case, rows["sold"], scaled.fit(side(case, "train")).predict(rows)) - _on_validation(case)


def order(case: Case) -> float:
    """The score on the validation rows, minus that of the same model on the last fifth of the history.

    For the second score the model learns from the first four fifths, in the order of days.
    """
    rows = case["history"].sort("day", "offer")
    cut = rows.height * 4 // 5
    model = code(case).model.fit(rows.head(cut))
    last = rows.slice(cut)
    return _on_validation(case) - score(case, last["sold"], model.predict(last))


def alone(case: Case, column: str) -> float:
    """How well the column alone ranks the history by `sold`: the area under its ROC curve, 0.5 to 1."""
    area = roc_auc_score(case["history"]["sold"].to_numpy(), case["history"][column].to_numpy())
    return max(area, 1 - area)


def moved(case: Case, column: str) -> float:
    """The KS distance of the column between validation rows and production, 0 to 1."""
    then, now = (np.sort(part[column].to_numpy()) for part in (side(case, "validation"), case["production"]))
    points = np.concatenate([then, now])
    below = [np.searchsorted(part, points, side="right") / len(part) for part in (then, now)]
    return np.abs(below[0] - below[1]).max()


def same(case: Case, column: str) -> float:
    """The share of the history that has the column's most frequent value, after `prepare`."""
    prepared = code(case).prepare(case["history"])[column]
    return prepared.value_counts()["count"].max() / prepared.len()


STATISTICS: dict[str, Callable] = {
    function.__name__: function
    for function in (
        gap,
        drop,
        better_flexible,
        better_simple,
        better_threshold,
        disagreement,
        repeated,
        rare,
        missed,
        spread,
        scaling,
        order,
        alone,
        moved,
        same,
    )
}
"""What `measure` knows; each docstring says what the number is."""

OF_COLUMN = ("alone", "moved", "same")
"""Statistics of one column."""
