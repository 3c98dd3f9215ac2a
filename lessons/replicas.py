"""How many replicas, and how large: waiting in a queue of several workers, a lost replica, and a CPU limit."""

from functools import cache
from heapq import heapreplace

import altair as alt
import numpy as np
import polars as pl

from grader.page.charts import AMBER, BLUE, GREEN, GREY, RED, framed

MEAN, SPREAD = 0.1, 0.5  # seconds that a call computes; the spread of their logarithms
PERIOD = 100  # milliseconds, in which a container may use its limit of CPU
USES = tuple(share / 100 for share in (30, 40, 50, 60, 65, 70, 75, 80, 85, 90, 95))


@cache
def p99(busy: float, workers: int = 1, seed: int = 0, calls: int = 20_000) -> float:
    """The p99 in seconds of a service whose `workers` compute for a share `busy` of the time."""
    rng = np.random.default_rng([seed, workers])
    arrives = np.cumsum(rng.exponential(MEAN / workers / busy, calls))
    work = np.exp(rng.normal(np.log(MEAN) - SPREAD**2 / 2, SPREAD, calls))
    free = [0.0] * workers
    taken = []
    for when, needed in zip(arrives.tolist(), work.tolist(), strict=True):
        end = max(when, free[0]) + needed
        heapreplace(free, end)
        taken.append(end - when)
    return float(np.quantile(taken, 0.99))


def waiting(share: float) -> alt.TopLevelMixin:
    """p99 over utilisation for one worker and for four, with a line at `share`."""
    rows = [
        {
            "busy": busy,
            "p99": p99(busy, workers),
            "workers": "1 worker" if workers == 1 else f"{workers} workers",
        }
        for workers in (1, 4)
        for busy in USES
    ]
    lines = (
        alt.Chart(pl.DataFrame(rows))
        .mark_line(point=True)
        .encode(
            alt.X(
                "busy:Q",
                title="share of the time in which a worker is busy",
                axis=alt.Axis(format="%"),
                scale=alt.Scale(zero=False),
            ),
            alt.Y("p99:Q", title="p99 in seconds", scale=alt.Scale(domain=[0, 3], clamp=True)),
            alt.Color("workers:N", scale=alt.Scale(range=[AMBER, BLUE]), title=None),
        )
    )
    mark = alt.Chart(pl.DataFrame({"busy": [share]})).mark_rule(color=GREY, strokeDash=[5, 4], strokeWidth=2)
    promised = alt.Chart(pl.DataFrame({"p99": [0.5]})).mark_rule(color=GREEN).encode(y="p99:Q")
    return framed(
        alt.layer(promised, lines, mark.encode(x="busy:Q")),
        "Waiting grows slowly, then fast",
        f"p99 over utilisation; at {share:.0%} it is {p99(share):.2f} s with one worker and {p99(share, 4):.2f} s with four.",
        220,
    )


def lost(replicas: int, busy: float) -> dict[str, float]:
    """How busy the others are when one of `replicas` is gone, and their p99 in seconds."""
    left = busy * replicas / (replicas - 1)
    return {"busy": left, "p99": p99(round(left, 3)) if left < 0.99 else float("inf")}


def throttled(limit: float, workers: int = 4, needed: int = 60) -> pl.DataFrame:
    """When `workers` that each need `needed` ms of CPU run and stand still, under a limit of so many cores.

    All begin at 0, each on a core of its own. A row for each span: worker, from, to (ms), and whether it runs.
    """
    quota, now, left, spans = limit * PERIOD, 0.0, float(needed), []
    while left > 1e-9:
        runs = min(quota / workers, left, PERIOD)
        spans.append({"from": now, "to": now + runs, "state": "computes"})
        left -= runs
        if left > 1e-9:
            if runs < PERIOD:
                spans.append({"from": now + runs, "to": now + PERIOD, "state": "is stopped"})
            now += PERIOD
    return pl.DataFrame([span | {"worker": f"worker {at}"} for at in range(1, workers + 1) for span in spans])


def stopped(limit: float) -> alt.TopLevelMixin:
    """Four workers under a limit of CPU, as bars over time."""
    table = throttled(limit)
    end = table["to"].max()
    bars = (
        alt.Chart(table)
        .mark_bar(height=14)
        .encode(
            alt.X("from:Q", title="milliseconds", scale=alt.Scale(domain=[0, max(600, end)])),
            x2="to:Q",
            y=alt.Y("worker:N", title=None),
            color=alt.Color(
                "state:N", scale=alt.Scale(domain=["computes", "is stopped"], range=[BLUE, RED]), title=None
            ),
        )
    )
    return framed(
        bars,
        f"Four calls of 60 ms, a limit of {limit:g} cores: {end:.0f} ms",
        f"Bars of four workers over time; all are finished after {end:.0f} milliseconds.",
        120,
    )
