"""Drift that harms and drift that doesn't, and when to train again: a year of scans, with a quick model."""

from collections.abc import Sequence
from functools import cache

import altair as alt
import numpy as np
import polars as pl
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis

from cardshop import world
from cardshop.world.species import STATS
from grader.page.charts import AMBER, BLUE, framed

LABEL = "card_type"
WEEKS, A_WEEK, LATE, LABELLED = 52, 150, 2, 0.3
TEN = 10
"""Cards that a scan of the simulated year stands for."""
SHOWN = 10
"""The year of the lesson: which policy is cheapest depends on the prices more than in other years."""


def shares(column: pl.Series, words: list[str]) -> np.ndarray:
    """The share of each word in a column, half a row added to each."""
    counts = np.array([(column == word).sum() for word in words]) + 0.5
    return counts / counts.sum()


def ks(before: np.ndarray, now: np.ndarray) -> tuple[float, float]:
    """The largest gap between the shares of both columns that lie below a value, and that value."""
    values = np.sort(np.concatenate([before, now]))
    gaps = [np.searchsorted(np.sort(one), values, side="right") / len(one) for one in (before, now)]
    at = int(np.abs(gaps[1] - gaps[0]).argmax())
    return float(np.abs(gaps[1] - gaps[0])[at]), float(values[at])


def steps(before: np.ndarray, now: np.ndarray, name: str) -> alt.TopLevelMixin:
    """Both distribution functions, and the gap between them."""
    gap, at = ks(before, now)
    rows = [
        {name: float(value), "share below": (part <= value).mean(), "scans": label}
        for label, part in (("reference", before), ("now", now))
        for value in np.unique(np.quantile(np.concatenate([before, now]), np.linspace(0, 1, 80)))
    ]
    ends = [float((part <= at).mean()) for part in (before, now)]
    lines = (
        alt.Chart(pl.DataFrame(rows))
        .mark_line(interpolate="step-after")
        .encode(
            alt.X(f"{name}:Q"),
            alt.Y("share below:Q", axis=alt.Axis(format="%")),
            alt.Color("scans:N", scale=alt.Scale(domain=["reference", "now"], range=[BLUE, AMBER])),
        )
    )
    rule = (
        alt.Chart(pl.DataFrame({"at": [at], "low": [min(ends)], "high": [max(ends)]}))
        .mark_rule(strokeWidth=3)
        .encode(x="at:Q", y="low:Q", y2="high:Q")
    )
    return framed(
        alt.layer(lines, rule),
        f"The largest gap: {gap:.2f}",
        f"Two rising lines; their largest distance is {gap:.2f}, at {at:g}.",
        200,
    )


@cache
def two_drifts(seed: int = 0) -> pl.DataFrame:
    """Two changes of production: the largest PSI of a feature, and the accuracy before and after each."""
    from cardshop.monitoring.drift import compare

    cards = world.load("cards", seed).drop_nulls([*STATS, LABEL, "print_run"])
    aside = np.random.default_rng(seed).random(cards.height) < 0.4
    train, test = cards.filter(~pl.Series(aside)), cards.filter(pl.Series(aside))
    features = [*STATS, "print_run"]
    model = _fit(train, features)

    def accuracy(rows: pl.DataFrame) -> float:
        return float((model.predict(rows.select(features).to_numpy()) == rows[LABEL].to_numpy()).mean())

    more = test.with_columns((pl.col("print_run") * 1.6).round().cast(pl.Int32))
    swap = {"Water": "Grass", "Grass": "Water"}
    renamed = test.with_columns(pl.col(LABEL).replace(swap))
    return pl.DataFrame(
        [
            {
                "what changed": what,
                "largest PSI": max(one.psi for one in compare(train.select(features), now.select(features))),
                "accuracy before": accuracy(test),
                "after": accuracy(now),
            }
            for what, now in (
                ("twice as many copies are printed", more),
                ("two boxes swap their labels", renamed),
            )
        ]
    )


def _fit(rows: pl.DataFrame, features: Sequence[str] = STATS) -> LinearDiscriminantAnalysis:
    return LinearDiscriminantAnalysis().fit(rows.select(features).to_numpy(), rows[LABEL].to_numpy())


POLICIES = ("never", "every quarter", "300 new labels", "a feature drifts", "accuracy falls")


@cache
def year(policy: str, seed: int = SHOWN) -> dict[str, object]:
    """Fifty-two weeks with two drifts: how often the policy trains, the wrong cards, the accuracy by week.

    Every training uses the catalogue and the labelled scans of the last ten weeks. A third of the scans gets a label,
    two weeks later.
    """
    from cardshop.monitoring.drift import compare

    rng = np.random.default_rng(seed)
    cards = world.load("cards", seed).drop_nulls([*STATS, LABEL]).select(*STATS, LABEL)
    model, reference = _fit(cards), cards
    worn, odd = str(rng.choice(STATS)), str(rng.choice(STATS))
    starts = sorted(rng.choice(np.arange(8, 44), 2, replace=False).tolist())
    labels: list[tuple[int, pl.DataFrame]] = []
    trained, used, wrong, told = 0, 0, 0, []
    best = 0.0
    for week in range(WEEKS):
        scans = cards.sample(A_WEEK, seed=seed * 1_000 + week)
        if week >= starts[0]:  # a lens is worn: the stat is read too high
            scans = scans.with_columns((pl.col(worn) * 1.5).round().cast(pl.Int32))
        if week >= starts[1]:
            scans = scans.with_columns((pl.col(odd) * 0.6).round().cast(pl.Int32))
        right = model.predict(scans.select(STATS).to_numpy()) == scans[LABEL].to_numpy()
        wrong += int((~right).sum())
        told.append(float(right.mean()))
        labels.append((week + LATE, scans.sample(fraction=LABELLED, seed=week)))
        known = [rows for there, rows in labels if there <= week][-10:]
        if not known or week < 4:
            best = max(best, float(np.mean(told)))
            continue
        recent = pl.concat(known[-3:])
        accuracy = float((model.predict(recent.select(STATS).to_numpy()) == recent[LABEL].to_numpy()).mean())
        rested = used == 0 or week - used > 3
        match policy:
            case "every quarter":
                due = week % 13 == 0
            case "300 new labels":
                fresh = [rows for there, rows in labels if used < there <= week] if used else known
                due = sum(rows.height for rows in fresh) >= 300
            case "a feature drifts":
                due = rested and any(
                    one.is_large for one in compare(reference.select(STATS), scans.select(STATS))
                )
            case "accuracy falls":
                due = rested and accuracy < best - 0.06
            case _:
                due = False
        if due:
            weighted = [pl.concat(known)] * 4  # recent scans count more than the catalogue
            model, used, trained = _fit(pl.concat([cards, *weighted])), week, trained + 1
            reference, best = pl.concat([scans, *known[-1:]]), accuracy
    return {
        "policy": policy,
        "trainings": trained,
        "wrong cards": TEN * wrong,
        "by week": told,
        "starts": starts,
    }


def years(wrong: float, training: float, seed: int = SHOWN) -> pl.DataFrame:
    """A row for each policy, with its cost, where a card in a wrong box and a training cost so many EUR."""
    rows = [year(policy, seed) for policy in POLICIES]
    table = pl.DataFrame(
        [{name: row[name] for name in ("policy", "trainings", "wrong cards")} for row in rows]
    )
    return table.with_columns(cost=wrong * pl.col("wrong cards") + training * pl.col("trainings"))


def weeks(policy: str, seed: int = SHOWN) -> alt.TopLevelMixin:
    """The accuracy by week under a policy, beside that of a model that is never trained again."""
    rows = [
        {"week": week, "accuracy": value, "trained again": name}
        for name in dict.fromkeys(("never", policy))
        for week, value in enumerate(year(name, seed)["by week"])
    ]
    lines = (
        alt.Chart(pl.DataFrame(rows))
        .mark_line()
        .encode(
            alt.X("week:Q"),
            alt.Y("accuracy:Q", axis=alt.Axis(format="%"), scale=alt.Scale(domain=[0, 0.8])),
            alt.Color("trained again:N", scale=alt.Scale(domain=["never", policy], range=[AMBER, BLUE])),
        )
    )
    marks = (
        alt.Chart(pl.DataFrame({"week": year(policy, seed)["starts"]}))
        .mark_rule(strokeDash=[4, 3])
        .encode(x="week:Q")
    )
    return framed(
        alt.layer(lines, marks),
        "A year of scans",
        "Accuracy by week; dashed lines mark the weeks in which a scanner changed.",
        220,
    )
