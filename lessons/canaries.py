"""A bad release under three ways of rolling out: how many customers meet it before it is taken back."""

from functools import cache

import altair as alt
import numpy as np
import polars as pl

from cardshop.rollout.sequential import Tally, difference
from grader.page.charts import AMBER, BLUE, GREEN, GREY, framed

AN_HOUR = 2_000  # customers, a card each
LABELLED = 1 / 3  # of the cards get their true type later
STEP = 1 / 6  # hours between two looks
RIGHT, WORSE = 0.84, 0.74  # of the champion and of the release
LONGEST = 48  # hours that are looked at
WAYS = ("all at once", "canary", "shadow")


@cache
def release(way: str, late: float, share: float = 0.1, seed: int = 0) -> pl.DataFrame:
    """Hour by hour how many customers have `met` a release that is right less often, until it is taken back.

    Labels come `late` hours after the card. The numbers are looked at every ten minutes, with an interval that holds
    at all looks. `share` of the customers get a canary; with all at once it is compared with the last week.
    """
    rng = np.random.default_rng([seed, WAYS.index(way), round(100 * share)])
    part = {"all at once": 1.0, "canary": share, "shadow": 1.0}[way]
    cards = rng.binomial(round(AN_HOUR * STEP), part, round(LONGEST / STEP))
    labels = rng.binomial(cards, LABELLED)
    right = rng.binomial(labels, WORSE)
    beside = rng.binomial(
        round(AN_HOUR * STEP) - cards if way == "canary" else np.full(len(cards), round(AN_HOUR * STEP)),
        LABELLED,
    )
    beside_right = rng.binomial(beside, RIGHT)
    week = 50_000 if way == "all at once" else 0  # labels of the champion, from before
    delay = round(late / STEP)
    rows = [{"hour": 0.0, "met": 0, "way": way}]
    for look in range(1, len(cards) + 1):
        met = 0 if way == "shadow" else int(cards[:look].sum())
        rows.append({"hour": look * STEP, "met": met, "way": way})
        known = max(look - delay, 0)
        champion = (
            Tally(week, round(RIGHT * week))
            if week
            else Tally(int(beside[:known].sum()), int(beside_right[:known].sum()))
        )
        if difference(champion, Tally(int(labels[:known].sum()), int(right[:known].sum()))).high < 0:
            break
    return pl.DataFrame(rows)


def ends(late: float, share: float = 0.1, seed: int = 0) -> pl.DataFrame:
    """A row for each way: when the release is taken back, in hours, and how many have met it."""
    last = [release(way, late, share, seed).row(-1, named=True) for way in WAYS]
    return pl.DataFrame(
        [
            {"way": one["way"], "taken back after, hours": one["hour"], "have met it": one["met"]}
            for one in last
        ]
    )


def chart(late: float, share: float) -> alt.TopLevelMixin:
    """Customers who have met the release, by the hour."""
    table = pl.concat([release(way, late, share) for way in WAYS])
    last = pl.concat([release(way, late, share).tail(1) for way in WAYS]).with_columns(
        (pl.col("way") + pl.lit(": ") + pl.col("met").cast(pl.String)).alias("says")
    )
    color = alt.Color("way:N", scale=alt.Scale(domain=list(WAYS), range=[AMBER, BLUE, GREEN]), legend=None)
    x = alt.X("hour:Q", title="hours since the release", scale=alt.Scale(domain=[0, LONGEST], nice=False))
    y = alt.Y("met:Q", title="customers", axis=alt.Axis(format="~s"))
    lines = alt.Chart(table).mark_line().encode(x, y, color)
    dots = alt.Chart(last).mark_point(size=90).encode(x, y, color)
    names = dots.mark_text(align="left", dx=9, dy=-8, fontSize=13).encode(text="says:N", color=color)
    return framed(
        alt.layer(lines, dots, names),
        "Who has met the bad model when it is taken back",
        "Three lines of customers over hours; each ends when the release is taken back: "
        + "; ".join(
            f"{one['way']} after {one['hour']:.1f} hours with {one['met']}" for one in last.rows(named=True)
        ),
        260,
    )


def arms(number, shares: tuple[float, ...] = (0.1, 0.2, 0.5)) -> alt.TopLevelMixin:
    """Forty customers on the line from 0 to 1 by `number(key)`; everybody left of a share has the challenger."""
    rows = [{"customer": f"customer {at}", "number": float(number(f"customer {at}"))} for at in range(40)]
    dots = (
        alt.Chart(pl.DataFrame(rows))
        .mark_tick(thickness=2, size=26, color=BLUE)
        .encode(
            alt.X("number:Q", title="the customer's number", scale=alt.Scale(domain=[0, 1])),
            tooltip=["customer", alt.Tooltip("number", format=".3f")],
        )
    )
    marks = pl.DataFrame({"share": shares, "says": [f"{share:.0%}" for share in shares]})
    rules = alt.Chart(marks).mark_rule(color=AMBER, strokeWidth=2).encode(x="share:Q")
    names = rules.mark_text(align="left", dx=4, y=6, color=AMBER).encode(text="says:N")
    return framed(
        alt.layer(dots, rules, names),
        "Left of the line: the challenger",
        "Ticks of forty customers between 0 and 1, and lines at the shares of a growing canary.",
        90,
    )


KINDS = ("shadow", "canary", "A/B test", "blue-green", "bandit")


@cache
def shares(kind: str, seed: int = 0) -> np.ndarray:
    """The share of customers that the challenger answers, in each of 40 batches, under one way of rolling out."""
    rng = np.random.default_rng(seed)
    if kind == "shadow":
        return np.zeros(40)
    if kind == "canary":
        return np.repeat([0.05, 0.1, 0.25, 0.5, 1.0], 8)
    if kind == "A/B test":
        return np.r_[np.full(30, 0.5), np.ones(10)]
    if kind == "blue-green":
        return np.r_[np.zeros(8), np.ones(32)]
    counts = np.ones((2, 2))  # right and wrong of champion and challenger
    found = []
    for _ in range(40):
        better = rng.beta(*counts[1], 2000) > rng.beta(*counts[0], 2000)
        share = float(np.clip(better.mean(), 0.05, 0.95))
        found.append(share)
        for arm, part, rate in ((0, 1 - share, 0.78), (1, share, 0.84)):
            number = round(60 * part)
            right = rng.binomial(number, rate)
            counts[arm] += right, number - right
    return np.array(found)


def ways() -> list[alt.TopLevelMixin]:
    """A small chart for each way of rolling out a sound challenger."""
    charts = []
    for kind in KINDS:
        table = pl.DataFrame({"batch": range(1, 41), "share": shares(kind)})
        area = (
            alt.Chart(table)
            .mark_area(interpolate="step-after", color=BLUE, opacity=0.75)
            .encode(
                alt.X("batch:Q", title=None, axis=alt.Axis(labels=False)),
                alt.Y(
                    "share:Q",
                    title=None,
                    scale=alt.Scale(domain=[0, 1]),
                    axis=alt.Axis(format="%", tickCount=2),
                ),
            )
        )
        layers = [area]
        if kind == "shadow":
            heard = pl.DataFrame({"batch": [20.0], "share": [0.5], "says": ["predicts, unheard"]})
            layers.append(
                alt.Chart(heard).mark_text(color=GREY).encode(x="batch:Q", y="share:Q", text="says:N")
            )
        charts.append(
            framed(
                alt.layer(*layers),
                kind,
                f"{kind}: the share of customers whom the challenger answers, over time; at the end {shares(kind)[-1]:.0%}.",
                90,
            )
        )
    return charts
