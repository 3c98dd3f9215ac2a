"""How cases of failing models come about: a sound team's work with one flaw, and what mends it.

A draw is repeated until the flaw shows in the statistic that belongs to it, shows in no other that would speak for
another cause, and costs points that the reference repair wins back. So every case has one diagnosis, which follows from
what is handed over.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np
import polars as pl
from sklearn.base import clone
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeClassifier

from cardshop.training.casebook import (
    CAUSES,
    COLUMNS,
    JUDGED,
    OF_COLUMN,
    SCORES,
    Case,
    Model,
    code,
    measure,
    score,
    side,
)
from cardshop.world.truth.randomness import generator

CENTRE = np.array([20, 100, 3.5, 0.6, 12, 50, 4.0])
UNIT = np.array([4, 22, 0.3, 0.1, 2.5, 11, 0.8])
"""What the columns are in their own units."""
SMALL = ["condition", "seller_rating", "ships_in"]
DAYS, WEEK = 360, 7
SHOWN = 300
"""Offers in production that a case shows."""

WORTH = 0.08
"""What a repair must win back at least."""

SIGNS: dict[str, tuple[str, float, float]] = {
    "underfit": ("better_flexible", 0.07, 0.03),
    "overfit": ("better_simple", 0.07, 0.03),
    "metric": ("better_threshold", 0.08, 0.03),
    "noise": ("disagreement", 0.18, 0.08),
    "duplicates": ("repeated", 0.4, 0.02),
    "imbalance": ("missed", 0.85, 0.6),
    "leak": ("alone", 0.94, 0.89),
    "skew": ("moved", 0.45, 0.17),
    "preprocessing": ("same", 0.8, 0.3),
    "unscaled": ("scaling", 0.08, 0.03),
    "time": ("order", 0.15, 0.08),
}
"""The statistic that shows a cause, how large it is at least where the cause is, and at most where it is not."""

BESIDE = {"noise": {"better_simple"}, "duplicates": {"order"}, "metric": {"missed"}, "underfit": {"missed"}}
"""Which other signs a cause may show."""

TREE, NEIGHBOURS, FOREST = "tree", "neighbours", "forest"
SETTINGS = {TREE: (1, 2, 4, 8, 20), NEIGHBOURS: (401, 101, 31, 9, 1), FOREST: (1, 3, 5, 8, 20)}
"""From the least to the most flexible."""

STORIES = (
    "An assistant tells sellers whether an offer will be sold within a week.",
    "The front page shows first what will probably be sold within a week.",
    "The packing team prepares boxes for offers that will be sold within a week.",
    "Sellers get a discount on offers that would not be sold within a week.",
)


@dataclass(frozen=True)
class Truth:
    """What is wrong with a case, and offers in production with labels, to judge a repair by."""

    cause: str
    column: str
    serving: pl.DataFrame
    given: float
    reference: float

    @property
    def statistic(self) -> str:
        """The statistic that shows the cause, as `measure` reads it; empty where nothing is wrong."""
        if self.cause not in SIGNS:
            return ""
        name = SIGNS[self.cause][0]
        return f"{name}({self.column})" if name in OF_COLUMN else name


@cache
def five(seed: int) -> list[tuple[Case, Truth]]:
    """Return five cases with different causes, and the truth about each."""
    causes = generator(seed, "cases").permutation(list(CAUSES))[:5]
    return [one(seed, str(cause)) for cause in causes]


@cache
def one(seed: int, cause: str) -> tuple[Case, Truth]:
    """Return a case with this cause, and the truth about it."""
    for attempt in range(400):
        case, column, serving = _draw(generator(seed, "cases", cause, str(attempt)), cause)
        if not _shows(case, cause, column):
            continue
        labels = serving["sold"]
        given = score(case, labels, code(case).model.fit(side(case, "train")).predict(serving))
        reference = score(case, labels, repaired(case, cause, column).predict(serving))
        if cause == "healthy" or reference - given >= WORTH:
            return case, Truth(cause, column, serving, given, reference)
    raise RuntimeError(f"no case with the cause {cause} from the seed {seed}")


def _shows(case: Case, cause: str, column: str) -> bool:
    """Whether the cause shows in its own statistic and no other cause in its."""
    for other, (name, seen, unseen) in SIGNS.items():
        if other != cause and name in BESIDE.get(cause, ()):
            continue
        for about in COLUMNS if name in OF_COLUMN else [""]:
            value = measure(case, f"{name}({about})" if about else name)
            if value < seen if other == cause and about in ("", column) else value > unseen:
                return False
    return True


def _draw(rng: np.random.Generator, cause: str) -> tuple[Case, str, pl.DataFrame]:
    """Draw a case that may have the cause, the column that it is about, and labelled offers in production."""
    family = {
        "underfit": [TREE, TREE, TREE, NEIGHBOURS],
        "overfit": [TREE, NEIGHBOURS],
        "duplicates": [TREE, NEIGHBOURS],
        "unscaled": [NEIGHBOURS],
    }.get(cause, [TREE, NEIGHBOURS, FOREST])
    family = str(rng.choice(family))
    plain = cause == "unscaled" or rng.random() < 0.5  # in their own units, or as z-scores
    scaler = cause != "unscaled" and (rng.random() < 0.5 or (family == NEIGHBOURS and plain))
    rate, goal = float(rng.choice([0.5, 0.35])), str(rng.choice(["accuracy", "balanced_accuracy"]))
    if cause == "imbalance" or (cause == "healthy" and rng.random() < 0.4):
        rate, goal = 0.05, "balanced_accuracy"
    if cause == "metric":
        rate, goal = 0.2, "balanced_accuracy"
    metric = "accuracy" if cause == "metric" else goal
    if cause not in ("metric", "imbalance") and rate > 0.1 and rng.random() < 0.3:
        metric = next(name for name in SCORES if name != goal)
    thresholds = [0.5]
    if cause != "imbalance" and (cause == "metric" or rate != 0.5):
        thresholds.append(round(rate, 2))

    # what sells: a weight for each column
    weights = np.array([2.2, 1.5, 1.0, 0.7, 0.4, 0, 0]) * rng.uniform(0.8, 1.2)
    if cause == "imbalance":
        weights *= 0.85  # where the signal is strong, few of the rarer label are missed
    if cause in ("healthy", "noise") and rng.random() < 0.3:
        weights = np.array([2.2, 0, 0, 0, 0, 0, 0])
    names = list(rng.permutation(COLUMNS))
    if cause == "unscaled":
        names = [*rng.permutation(SMALL), *(name for name in names if name not in SMALL)]
    weight = dict(zip(names, weights * rng.choice([-1, 1], len(weights)), strict=True))
    before = np.array([weight[name] for name in COLUMNS])
    turned = [*names[:2]] if cause == "time" else []
    now = np.array([-weight[name] if name in turned else weight[name] for name in COLUMNS])
    column = str(names[0]) if cause in ("skew", "preprocessing", "leak") else ""
    if cause == "leak":
        column = str(names[-1])

    # offers: what happened, then what the flaw makes of it
    rows = {"imbalance": 2000, "overfit": 500, "duplicates": 420}.get(cause, 1000 if rate > 0.1 else 2000)
    z = rng.normal(size=(rows + SHOWN + JUDGED, len(COLUMNS)))
    day = np.sort(rng.integers(1, DAYS + 1, rows))
    day = np.concatenate([day, rng.integers(DAYS + 1, DAYS + WEEK + 1, SHOWN + JUDGED)])
    pull = np.where(day <= 0.75 * DAYS, z @ before, z @ now)
    level = np.quantile(pull + rng.logistic(size=len(pull)), 1 - rate)
    sold = pull - level + rng.logistic(size=len(pull)) > 0
    if cause == "leak":
        knows = np.where(np.arange(len(sold)) < rows, sold, rng.random(len(sold)) < sold.mean())
        z[:, COLUMNS.index(column)] = (1.3 * (2 * knows - 1) + rng.normal(size=len(sold))) / 1.64
    values = (CENTRE + UNIT * z if plain else z).round(3)
    offers = pl.DataFrame(
        {
            "offer": np.arange(1, len(z) + 1),
            "day": day,
            **dict(zip(COLUMNS, values.T, strict=True)),
            "sold": sold,
        }
    )
    history, production = offers.head(rows), offers.slice(rows)
    if cause == "skew":
        factor = float(rng.choice([1000, 0.001, 100]))
        other = pl.col(column) * factor if plain else pl.col(column) + float(rng.choice([-3, 3]))
        production = production.with_columns(other)
    if cause == "duplicates":
        history = pl.concat([history] * 3).sample(fraction=0.8, seed=int(rng.integers(10**6)))
        again = history["day"].to_numpy() + rng.integers(
            0, WEEK, history.height
        )  # offered again within a week
        history = history.with_columns(day=np.minimum(again, DAYS)).sort("day", "offer")
        history = history.with_columns(offer=pl.int_range(1, history.height + 1))
        production = production.with_columns(offer=pl.col("offer") + history.height - rows)
    true = history["sold"].to_numpy()
    wrong = rng.random(history.height) < (0.27 if cause == "noise" else 0.02)
    looked = rng.random(history.height) < 0.3
    second = np.where(rng.random(history.height) < 0.02, ~true, true)
    history = history.with_columns(
        sold=pl.Series(true ^ wrong),
        second_look=pl.Series(
            [bool(label) if there else None for label, there in zip(second, looked, strict=True)]
        ),
    )

    # the team's work
    ordered = cause not in ("time", "duplicates") and rng.random() < 0.4
    if ordered:
        late = np.arange(history.height) >= history.height * 3 // 4
    else:
        late = rng.permutation(history.height) < history.height // 4
    history = history.with_columns(side=pl.Series(np.where(late, "validation", "train")))
    touched = column if cause == "preprocessing" else str(rng.choice([n for n in COLUMNS if n != column]))
    units = plain != (cause == "preprocessing")  # the limits fit the units of the column
    at = COLUMNS.index(touched)
    low, high = (CENTRE[at] - 5 * UNIT[at], CENTRE[at] + 5 * UNIT[at]) if units else (-5.0, 5.0)
    limits = f"{low:g}, {high:g}"

    def text(setting: int, threshold: float) -> str:
        return _code(touched, limits, family, setting, scaler, threshold, metric, ordered)

    case: Case = {"goal": goal, "history": history}
    train, held = side(case, "train"), side(case, "validation")
    log, most = [], train.height // 3  # neighbours: a model that learns from fewer rows still finds as many
    for flexibility, setting in enumerate(SETTINGS[family], start=1):
        model = code({"code": text(min(setting, most), 0.5)}).model.fit(train)
        sure = [model.sure(part) for part in (train, held)]
        for threshold in thresholds:
            log.append(
                {
                    "flexibility": flexibility,
                    "setting": _setting(family, min(setting, most)),
                    "threshold": threshold,
                    "train": float(SCORES[metric](train["sold"], sure[0] >= threshold)),
                    "validation": float(SCORES[metric](held["sold"], sure[1] >= threshold)),
                    "goal": score(case, held["sold"], sure[1] >= threshold),
                }
            )
    running = {"underfit": (1,), "overfit": (5,), "time": (2, 3, 4, 5), "noise": (4, 5)}.get(
        cause, (1, 2, 3, 4, 5)
    )
    allowed = [run for run in log if run["flexibility"] in running]
    best = max(allowed, key=lambda run: run["validation"])
    for run in log:
        run["runs"] = run is best
    setting = min(SETTINGS[family][best["flexibility"] - 1], most)
    case["code"] = text(setting, best["threshold"])
    model = code(case).model.fit(train)
    shown = production.head(SHOWN)
    case["history"] = history.with_columns(predicted=pl.Series(model.predict(history)))
    in_production = score(case, shown["sold"], model.predict(shown))
    case |= {
        "story": f"{rng.choice(STORIES)} On the validation rows its {metric.replace('_', ' ')} is "
        f"{best['validation']:.2f}. The shop judges it by {goal.replace('_', ' ')}, and in last week's production "
        f"that was {in_production:.2f}.",
        "production": shown.drop("sold").with_columns(predicted=pl.Series(model.predict(shown))),
        "metrics": {"train": best["train"], "validation": best["validation"], "production": in_production},
        "log": pl.DataFrame(log),
    }
    return case, column, production.slice(SHOWN)


def _setting(family: str, setting: int) -> str:
    return f"n_neighbors={setting}" if family == NEIGHBOURS else f"max_depth={setting}"


def _code(
    touched: str,
    limits: str,
    family: str,
    setting: int,
    scaler: bool,
    threshold: float,
    metric: str,
    ordered: bool,
) -> str:
    """Return the team's code, which is also what made the model."""
    module, estimator = {
        TREE: ("tree", "DecisionTreeClassifier({}, random_state=0)"),
        NEIGHBOURS: ("neighbors", "KNeighborsClassifier({})"),
        FOREST: ("ensemble", "RandomForestClassifier(n_estimators=15, {}, random_state=0)"),
    }[family]
    made = estimator.format(_setting(family, setting))
    name = made.partition("(")[0]
    if scaler:
        made = f"make_pipeline(StandardScaler(), {made})"
    return f"""from cardshop.training.casebook import COLUMNS, Model
import polars as pl
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.{module} import {name}

METRIC = "{metric}"


def prepare(rows):
    return rows.select(COLUMNS).with_columns(pl.col("{touched}").clip({limits}))


def split(history):
    return train_test_split(history, test_size=0.25, shuffle={not ordered})


model = Model(
    prepare,
    {made},
    threshold={threshold},
)
"""


# What mends each cause


def repaired(case: Case, cause: str, column: str = "") -> Model:
    """Return the model of somebody who knows the cause."""
    given, history = code(case).model, case["history"]
    train, held = side(case, "train"), side(case, "validation")
    match cause:
        case "underfit" | "overfit":
            return best(case, given.prepare, train, held, given.threshold).fit(history)
        case "metric" | "imbalance":
            sure = given.fit(train).sure(held)
            given.threshold = max(
                np.arange(0.02, 0.9, 0.02), key=lambda at: score(case, held["sold"], sure >= at)
            )
        case "noise":
            history = history.with_columns(sold=pl.coalesce("second_look", "sold"))
            train, held = (history.filter(pl.col("side") == name) for name in ("train", "validation"))
            return best(case, given.prepare, train, held, given.threshold).fit(history)
        case "leak":
            prepare = given.prepare
            given.prepare = lambda rows: prepare(rows).drop(column)
        case "skew":
            prepare = given.prepare
            given.fit(history).prepare = lambda rows: prepare(rows.with_columns(_back(case, column)))
            return given
        case "unscaled":
            given.estimator = make_pipeline(StandardScaler(), clone(given.estimator))
        case "time":
            rows = history.sort("day", "offer")
            cut = rows.height * 9 // 10
            shares = (1.0, 0.5, 0.25, 0.15)

            def held_out(share: float) -> float:
                model = code(case).model.fit(rows.head(cut).tail(int(share * cut)))
                return score(case, rows.slice(cut)["sold"], model.predict(rows.slice(cut)))

            history = rows.tail(int(max(shares, key=held_out) * rows.height))
        case "duplicates":
            history = history.unique(COLUMNS, keep="first", maintain_order=True)
            cut = history.height * 3 // 4
            return best(case, given.prepare, history.head(cut), history.slice(cut), given.threshold).fit(
                history
            )
        case "preprocessing":
            given.prepare = lambda rows: rows.select(COLUMNS)
    return given.fit(history)


def _back(case: Case, column: str) -> pl.Expr:
    """The column as the history has it, made from what production sends."""
    then, now = (part[column] for part in (case["history"], case["production"]))
    return (pl.col(column) - now.mean()) / now.std() * then.std() + then.mean()


def best(case: Case, prepare: Callable, train: pl.DataFrame, held: pl.DataFrame, threshold: float) -> Model:
    """Return the model that scores best on held-out rows, not fitted."""
    candidates = [
        *(DecisionTreeClassifier(max_depth=depth, random_state=0) for depth in (2, 4, 8)),
        *(make_pipeline(StandardScaler(), KNeighborsClassifier(k)) for k in (9, 31)),
        RandomForestClassifier(60, min_samples_leaf=3, random_state=0),
        make_pipeline(StandardScaler(), LogisticRegression()),
    ]
    models = [Model(prepare, estimator, threshold) for estimator in candidates]
    scores = [score(case, held["sold"], model.fit(train).predict(held)) for model in models]
    return models[int(np.argmax(scores))]
