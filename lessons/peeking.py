"""Two equal models, compared after every batch: how often an interval says that they differ."""

import math
from functools import cache
from statistics import NormalDist

import altair as alt
import numpy as np
import polars as pl

from grader.page.charts import AMBER, BLUE, GREEN, GREY, framed

LOOKS, LABELS, RATE = (
    150,
    20,
    0.84,
)  # looks at a canary, labels of each arm between two looks, share that is right
LEAST = 50  # labels of each arm before anybody looks
WIDTHS = ("ordinary, for one look", "Bonferroni, for 150 looks", "a confidence sequence")
COLORS = [AMBER, BLUE, GREEN]
BEST = 1_000  # labels at which the confidence sequence is tightest


@cache
def gaps(runs: int, seed: int, difference: float = 0.0) -> tuple[np.ndarray, np.ndarray]:
    """Canaries of a challenger that is right more often by `difference`.

    Returns what is measured at each look, challenger minus champion, and its standard error: arrays of runs × looks.
    """
    rng = np.random.default_rng(seed)
    labels = LABELS * np.arange(1, LOOKS + 1)
    rates = [
        (rng.binomial(LABELS, rate, (runs, LOOKS)).cumsum(axis=1) + 1) / (labels + 2)
        for rate in (RATE, RATE + difference)
    ]
    errors = np.sqrt(sum(rate * (1 - rate) / (labels + 2) for rate in rates))
    return rates[1] - rates[0], errors


def factors(width: str) -> np.ndarray:
    """How many standard errors an interval reaches to each side, at each look."""
    if width == WIDTHS[0]:
        return np.full(LOOKS, NormalDist().inv_cdf(1 - 0.05 / 2))
    if width == WIDTHS[1]:
        return np.full(LOOKS, NormalDist().inv_cdf(1 - 0.05 / (2 * LOOKS)))
    n, error = LABELS * np.arange(1, LOOKS + 1), 0.05
    rho2 = (-2 * math.log(error) + math.log(-2 * math.log(error) + 1)) / BEST
    return np.sqrt(2 * (n * rho2 + 1) / (n * rho2) * np.log(np.sqrt(n * rho2 + 1) / error))


@cache
def fired(width: str, runs: int = 2_000, seed: int = 0) -> np.ndarray:
    """The share of canaries of two equal models that an interval has called different by each look."""
    gap, error = gaps(runs, seed)
    outside = np.abs(gap) > factors(width) * error
    outside[:, : LEAST // LABELS] = False
    return np.maximum.accumulate(outside, axis=1).mean(axis=0)


def alarms() -> alt.TopLevelMixin:
    """For each interval the share of equal pairs that it has called different, over the number of looks."""
    rows = [
        {"looks": look, "share": float(share), "interval": width}
        for width in WIDTHS
        for look, share in enumerate(fired(width), 1)
    ]
    scale = alt.Scale(domain=list(WIDTHS), range=COLORS)
    lines = (
        alt.Chart(pl.DataFrame(rows))
        .mark_line()
        .encode(
            alt.X("looks:Q", title="looks so far"),
            alt.Y("share:Q", title="equal pairs called different", axis=alt.Axis(format="%")),
            alt.Color("interval:N", scale=scale, title=None, legend=alt.Legend(columns=1)),
        )
    )
    promised = pl.DataFrame({"share": [0.05]})
    rule = alt.Chart(promised).mark_rule(color=GREY, strokeDash=[5, 4]).encode(y="share:Q")
    name = rule.mark_text(align="right", x="width", dy=-8, color=GREY).encode(
        text=alt.value("5 %, as promised")
    )
    return framed(
        alt.layer(lines, rule, name),
        "Two equal models, looked at again and again",
        "Three lines over the number of looks: "
        + "; ".join(f"{width} ends at {fired(width)[-1]:.0%}" for width in WIDTHS),
        230,
    )


def one(seed: int, difference: float) -> alt.TopLevelMixin:
    """One canary: the measured difference, and both ends of two intervals at each look."""
    gap, error = gaps(1, seed, difference)
    first = LEAST // LABELS
    looks = np.arange(1, LOOKS + 1)[first:]
    rows = [
        {
            "look": int(look),
            "low": float(g - f * e),
            "high": float(g + f * e),
            "interval": width,
            "gap": float(g),
        }
        for width in WIDTHS[:2]
        for look, g, e, f in zip(looks, gap[0, first:], error[0, first:], factors(width)[first:], strict=True)
    ]
    scale = alt.Scale(domain=list(WIDTHS[:2]), range=COLORS[:2])
    color = alt.Color("interval:N", scale=scale, title=None, legend=alt.Legend(columns=1))
    axis = {"title": "challenger minus champion", "axis": alt.Axis(format="+.0%")}
    base = alt.Chart(pl.DataFrame(rows)).encode(alt.X("look:Q", title="look"))
    ends = [
        base.mark_line(strokeWidth=1.6).encode(alt.Y(f"{end}:Q", **axis), color) for end in ("low", "high")
    ]
    middle = base.mark_line(strokeWidth=1.2, color=GREY).encode(alt.Y("gap:Q", **axis))
    zero = alt.Chart(pl.DataFrame({"zero": [0]})).mark_rule(color=GREY, strokeDash=[5, 4]).encode(y="zero:Q")
    return framed(
        alt.layer(zero, middle, *ends),
        "One canary, look by look",
        "A grey line of the measured difference between the ends of a narrow and of a wide interval.",
        230,
    )


def first_look(seed: int, difference: float, width: str) -> int | None:
    """The first look at which the interval leaves zero in one canary; None if it never does."""
    gap, error = gaps(1, seed, difference)
    outside = (np.abs(gap) > factors(width) * error)[0]
    outside[: LEAST // LABELS] = False
    return int(outside.argmax()) + 1 if outside.any() else None
