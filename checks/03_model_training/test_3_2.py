"""3.2: five models compared on the same splits, and a record of it in MLflow. Every number is computed again."""

import math
from pathlib import Path

import numpy as np
import polars as pl

from cardshop.training.classifier import LABEL
from cardshop.training.contenders import BASELINE, contenders
from cardshop.world.truth.catalogue import catalogue
from grader.engine import Mismatch, as_table, checks, expect, kind_of, remembered

NUMBERS = ("accuracy", "gain", "low", "high")
COLUMNS = ("model", *NUMBERS)
FAIR = "Is B better than A?"
RECORD = "What is an experiment?"
EXPERIMENT = "four models and a baseline"
CLOSE = 1e-6
ROWS = 360
T_975 = {
    3: 4.302652729749464,
    4: 3.182446305283708,
    5: 2.7764451051977934,
}  # of Student's t with k - 1 degrees

Splits = list[tuple[np.ndarray, np.ndarray]]


def problem(seed: int, k: int) -> tuple[pl.DataFrame, np.ndarray, Splits]:
    """Cards of a world, their types, and k splits in no order: three folds, or more test sets of unequal sizes."""
    rng = np.random.default_rng(seed)
    cards = catalogue(10**6 + seed % 10**6)[1].sample(ROWS, seed=seed % 2**31)
    if k == 3:
        parts = np.array_split(rng.permutation(ROWS), k)
    else:
        parts = [
            rng.permutation(ROWS)[:size] for size in rng.choice([50, 70, 90, 110, 130], k, replace=False)
        ]
    splits = [(np.setdiff1d(np.arange(ROWS), part), part) for part in parts]
    return cards.drop(LABEL), cards[LABEL].to_numpy(), splits


@remembered
def truth(seed: int, k: int) -> dict[str, dict[str, float]]:
    """What a fair comparison finds, by model."""
    cards, labels, splits = problem(seed, k)
    scores: dict[str, list[float]] = {name: [] for name in contenders()}
    for train, test in splits:
        for name, model in contenders().items():
            model.fit(cards[train], labels[train])
            scores[name].append(float((model.predict(cards[test]) == labels[test]).mean()))
    train, test = splits[0]
    wider = math.sqrt(1 / k + len(test) / len(train))
    found = {}
    for name, own in scores.items():
        gains = np.subtract(own, scores[BASELINE])
        reach = T_975[k] * gains.std(ddof=1) * wider
        middle = float(gains.mean())
        found[name] = {
            "accuracy": float(np.mean(own)),
            "gain": middle,
            "low": middle - reach,
            "high": middle + reach,
        }
    return found


def told(answer: object) -> dict[str, dict[str, float]]:
    """The answer by model; it has the columns and the models that were asked for."""
    table = as_table(answer)
    if missing := [name for name in COLUMNS if name not in table.columns]:
        raise Mismatch(
            f"the columns {', '.join(COLUMNS)}",
            got=f"{', '.join(table.columns)}",
            because=f"`{missing[0]}` is missing",
        )
    rows = {str(row["model"]): row for row in table.iter_rows(named=True)}
    names = [*contenders()]
    if len(rows) != table.height or set(rows) != set(names):
        raise Mismatch(f"a row for each of {', '.join(names)}", got=f"{', '.join(rows)}")
    for name, row in rows.items():
        for number in NUMBERS:
            if (
                isinstance(row[number], bool)
                or not isinstance(row[number], int | float)
                or not math.isfinite(row[number])
            ):
                raise Mismatch(f"a number as `{number}` of {name}", got=repr(row[number]))
    return rows


def compared(submission, seed: int, k: int) -> dict[str, dict[str, float]]:
    """Compare the answer with a fair comparison; a message names the first cause that explains the difference."""
    cards, labels, splits = problem(seed, k)
    found, right = told(submission.compare(cards, labels, splits)), truth(seed, k)
    for name, row in right.items():
        for number in NUMBERS:
            given, wanted = float(found[name][number]), row[number]
            expect(
                abs(given - wanted) <= CLOSE,
                f"{wanted:.4f} as `{number}` of {name}",
                got=f"{given:.4f}",
                because=lambda n=name, x=number, g=given: cause(n, x, g, found, right, seed, k),
                reread=FAIR,
            )
    return found


def cause(name: str, number: str, given: float, found: dict, right: dict, seed: int, k: int) -> str:
    """The likeliest reason for a wrong number; the accuracies come first, because the others follow from them."""
    if number == "accuracy":
        if any(found[one]["accuracy"] > right[one]["accuracy"] + 0.05 for one in right):
            return (
                "such a score comes from rows that the model was fitted on: score the test rows of each split"
            )
        return "each model has to be new in each split, and fitted on its training rows alone"
    if number == "gain":
        return "the gain is the accuracy minus that of the baseline on the same splits"
    middle, reach = right[name]["gain"], abs(given - right[name]["gain"])
    cards, labels, splits = problem(seed, k)
    train, test = splits[0]
    wanted = abs(right[name][number] - middle)
    wider = math.sqrt(1 / k + len(test) / len(train))
    for factor, why in (
        (
            1 / math.sqrt(k) / wider,
            "the term test / train is missing: folds share training rows, so their scores are not independent",
        ),
        (
            1.959963984540054 / T_975[k],
            "that is the width with 1.96: with so few splits it is `stats.t.ppf(0.975, k - 1)`",
        ),
        (math.sqrt((k - 1) / k), "the standard deviation is divided by k: give `std` the argument `ddof=1`"),
        (1 / wider, "that is the spread of a single split, not of the mean of k"),
    ):
        if abs(reach - factor * wanted) <= 1e-3 * wanted + CLOSE:
            return why
    return "the interval is that of the differences on the same splits, around their mean"


@checks("3.2a", weight=0)
def test_three_splits(submission, seed):
    """Finds accuracy, gain and interval of five models on three splits."""
    compared(submission, seed % 1000, 3)


@checks("3.2a", public=False)
def test_other_splits(submission, seed):
    """All of it on other cards, and on four test sets of different sizes."""
    compared(submission, seed % 1000 + 1000, 4)


# --- 3.2b


def logged(submission, table: pl.DataFrame, hypothesis: str) -> None:
    """Log a table into a new store, and compare what our own reader finds there."""
    place = submission.folder({"about.txt": "runs"})
    submission.log_comparison(table, f"sqlite:///{Path(place) / 'runs.db'}", hypothesis)
    runs = submission.read_made("mlflow_runs", place, "runs.db")
    if not isinstance(runs, list) or not all(isinstance(run, dict) for run in runs):
        raise Mismatch("a store of MLflow", got=kind_of(runs))
    rows = {row["model"]: row for row in table.iter_rows(named=True)}
    names = sorted(str(run.get("name")) for run in runs)
    expect(
        names == sorted(rows),
        f"a run for each of {', '.join(rows)}",
        got=f"{len(runs)} runs: {', '.join(names) or 'none'}",
        because="a name of a run is not that of a model" if len(names) == len(rows) else "",
        reread=RECORD,
    )
    for run in runs:
        one_run(run, rows[str(run["name"])], hypothesis)


def one_run(run: dict, row: dict, hypothesis: str) -> None:
    name = row["model"]
    parts = {
        part: run.get(part) if isinstance(run.get(part), dict) else {}
        for part in ("params", "metrics", "logged", "tags")
    }
    expect(
        run.get("experiment") == EXPERIMENT,
        f"the experiment “{EXPERIMENT}”",
        got=repr(run.get("experiment")),
        reread=RECORD,
    )
    expect(
        run.get("status") == "FINISHED",
        f"a finished run of {name}",
        got=str(run.get("status")),
        because="a run that is started has to be ended: `with mlflow.start_run()` does it",
    )
    expect(
        parts["params"].get("model") == name,
        f"the parameter `model` of {name}",
        got=repr(parts["params"].get("model")),
        reread=RECORD,
    )
    expect(
        parts["tags"].get("hypothesis") == hypothesis,
        f"the tag `hypothesis` of {name}",
        got=repr(parts["tags"].get("hypothesis")),
        reread=RECORD,
    )
    for number in NUMBERS:
        given = parts["metrics"].get(number)
        expect(
            isinstance(given, int | float) and abs(given - row[number]) <= CLOSE,
            f"the metric `{number}` of {name}: {row[number]:.4f}",
            got=repr(given),
            because="a number is a metric, not a parameter or a tag"
            if number in parts["params"] or number in parts["tags"]
            else "it was not logged"
            if given is None
            else "the number is another one than in the table",
            reread=RECORD,
        )
        times = parts["logged"].get(number)
        expect(
            times == 1,
            f"the metric `{number}` of {name}, logged once",
            got=f"it was logged {times} times",
            because="MLflow keeps every value and draws them as a curve over the steps of a training",
            reread=RECORD,
        )


def made_up(seed: int, names: tuple[str, ...]) -> pl.DataFrame:
    rng = np.random.default_rng(seed)
    numbers = {number: rng.uniform(-0.4, 0.9, len(names)).round(6) for number in NUMBERS}
    return pl.DataFrame({"model": names, **numbers})


@checks("3.2b", weight=0)
def test_two_runs(submission):
    """Logs two models as two finished runs."""
    logged(submission, made_up(1, (BASELINE, "linear")), "linear gains a point")


@checks("3.2b", public=False)
def test_all_runs(submission, seed):
    """Logs another table of other models with another hypothesis."""
    logged(
        submission,
        made_up(seed % 2**32, (BASELINE, "tree", "forest", "k nearest")),
        f"hypothesis {seed % 1000}",
    )


# --- 3.2c


@checks("3.2c")
def test_a_note(submission):
    """Has a length that somebody reads."""
    words = len(submission.text("choice").split())
    expect(40 <= words <= 200, "a note of 40 to 200 words", got=f"{words} word{'s' * (words != 1)}")
