"""A day of calls that go wrong in several ways, and which alert rules notice it: burn rates over windows."""

from functools import cache
from typing import NamedTuple

import altair as alt
import numpy as np
import polars as pl

from grader.page.charts import AMBER, BLUE, GREY, RED, framed

MAY_FAIL = 0.001  # of the calls
DAY = 24 * 60  # minutes
A_MINUTE = 300  # calls, on average
BEGINS = 12 * 60
TROUBLES = {
    "a blip": (3, 0.12, A_MINUTE),
    "a release": (50, 0.2, A_MINUTE),
    "a slow burn": (DAY - BEGINS, 0.0045, A_MINUTE),
    "few calls": (180, 0.03, 1.5),
    "all is well": (0, 0.0, A_MINUTE),
}
"""From noon on: for how many minutes, which share of the calls fails, and how many calls come in a minute."""


class Rule(NamedTuple):
    """Fires while the burn rate is above `factor` in the long window and in the short one, in minutes.

    And while at least so many calls of the long window have failed.
    """

    factor: float
    long: int
    short: int
    least: int = 1


RULES = {
    "any failed": Rule(0.0, 1, 1),
    "5 min": Rule(14.4, 5, 5),
    "1 h": Rule(14.4, 60, 60),
    "1 h and 5 min": Rule(14.4, 60, 5),
    "the same, 10 failed": Rule(14.4, 60, 5, 10),
    "6 h and 30 min": Rule(2.0, 360, 30),
}


@cache
def day(trouble: str, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Calls and failed calls of each minute of a day; without trouble one in 3,000 fails."""
    rng = np.random.default_rng([seed, list(TROUBLES).index(trouble)])
    lasts, worse, come = TROUBLES[trouble]
    mean, share = np.full(DAY, float(A_MINUTE)), np.full(DAY, 1 / 3_000)
    mean[BEGINS : BEGINS + lasts] = come
    share[BEGINS : BEGINS + lasts] += worse
    calls = rng.poisson(mean)
    return calls, rng.binomial(calls, share)


def burn(trouble: str, window: int, seed: int = 0) -> np.ndarray:
    """The burn rate of the last `window` minutes, at each minute: the share that failed, by the share that may."""
    calls, failed = (_last(one, window) for one in day(trouble, seed))
    return failed / np.maximum(calls, 1) / MAY_FAIL


def _last(values: np.ndarray, window: int) -> np.ndarray:
    """The sum of the last `window` values at each place."""
    total = np.r_[0, values.cumsum()]
    ends = np.arange(1, len(total))
    return total[ends] - total[np.maximum(ends - window, 0)]


def fires(trouble: str, rule: Rule, seed: int = 0) -> np.ndarray:
    """Whether a rule fires, at each minute."""
    burns = [burn(trouble, window, seed) > rule.factor for window in (rule.long, rule.short)]
    return burns[0] & burns[1] & (_last(day(trouble, seed)[1], rule.long) >= rule.least)


def used(trouble: str, seed: int = 0) -> float:
    """The share of a month's budget that the trouble uses; a month has 30 days like the good one."""
    calls, failed = day(trouble, seed)
    lasts = TROUBLES[trouble][0]
    return float(failed[BEGINS : BEGINS + lasts].sum() / (MAY_FAIL * 30 * A_MINUTE * DAY))


def found(trouble: str, rule: Rule, seed: int = 0) -> tuple[int | None, int]:
    """Minutes from the trouble's begin until a rule fires, None if it never does; and how long it fires too long."""
    firing = fires(trouble, rule, seed)[BEGINS:]
    if not firing.any():
        return None, 0
    last = len(firing) - int(firing[::-1].argmax())
    return int(firing.argmax()) + 1, max(last - TROUBLES[trouble][0], 0)


def alarms(rule: Rule, seed: int = 0) -> int:
    """How often a rule begins to fire on a day on which all is well, after its first hour."""
    return int((np.diff(fires("all is well", rule, seed)[60:].astype(int)) == 1).sum())


def table(seed: int = 0) -> pl.DataFrame:
    """For each rule and each trouble how many minutes pass until it fires; its false alarms; how late it ends."""
    rows = []
    for name, rule in RULES.items():
        when = {trouble: found(trouble, rule, seed) for trouble in TROUBLES if trouble != "all is well"}
        noisy = alarms(rule, seed)
        rows.append(
            {"rule": name}
            | {trouble: "–" if first is None else str(first) for trouble, (first, _) in when.items()}
            | {"false": noisy, "late": "–" if noisy else str(when["a release"][1])}
        )
    return pl.DataFrame(rows)


def chart(trouble: str, rule: Rule) -> alt.TopLevelMixin:
    """The burn rate in both windows of a rule around noon, its threshold, and when it fires."""
    begin, end = (BEGINS - 60, BEGINS + 180) if TROUBLES[trouble][0] < 100 else (BEGINS - 120, DAY)
    minutes = np.arange(begin, end)
    windows = sorted({rule.long, rule.short})
    rows = [
        {"hour": minute / 60, "burn": max(float(burn(trouble, window)[minute]), 0.1), "window": _name(window)}
        for window in windows
        for minute in minutes
    ]
    scale = alt.Scale(domain=[_name(window) for window in windows], range=[AMBER, BLUE][: len(windows)])
    hours = alt.Scale(domain=[begin / 60, end / 60], nice=False, zero=False)
    x = alt.X("hour:Q", title="hour of the day", scale=hours)
    y = alt.Y(
        "burn:Q",
        title="burn rate",
        scale=alt.Scale(type="log", domain=[0.1, 400]),
        axis=alt.Axis(values=[0.1, 1, 10, 100]),
    )
    lines = (
        alt.Chart(pl.DataFrame(rows))
        .mark_line(strokeWidth=1.8)
        .encode(x, y, alt.Color("window:N", scale=scale, title="over the last"))
    )
    threshold = pl.DataFrame({"burn": [max(rule.factor, 0.1)]})
    line = alt.Chart(threshold).mark_rule(color=GREY, strokeDash=[5, 4]).encode(y=alt.Y("burn:Q"))
    firing = fires(trouble, rule)[begin:end]
    edges = np.flatnonzero(np.diff(np.r_[0, firing.astype(int), 0]))
    spans = pl.DataFrame(
        {"from": (begin + edges[::2]) / 60, "to": (begin + edges[1::2]) / 60},
        schema={"from": pl.Float64, "to": pl.Float64},
    )
    band = (
        alt.Chart(spans)
        .mark_rect(color=RED, opacity=0.22)
        .encode(alt.X("from:Q", title="hour of the day", scale=hours), x2="to:Q")
    )
    return framed(
        alt.layer(band, line, lines),
        f"{trouble[0].upper()}{trouble[1:]}: red while the rule fires",
        f"The burn rate in windows of {' and '.join(map(_name, windows))}; the rule fires in {len(spans)} spans.",
        230,
    )


def _name(window: int) -> str:
    return f"{window // 60} h" if window >= 60 else f"{window} min"
