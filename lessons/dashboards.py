"""Recorded hours of a service in trouble, as its dashboard showed them: four golden signals and the model's own."""

from functools import cache

import altair as alt
import marimo as mo
import numpy as np
import polars as pl

from grader.page.charts import BLUE, GREY, framed, panels

MINUTES, SINCE = 60, 30
GOLDEN = {"calls a second": [0, 60], "failed": [0, 0.3], "p99, seconds": [0, 3], "workers busy": [0, 1]}
MODEL = {"version": [3, 6], "largest PSI": [0, 1], "accuracy": [0.4, 1]}
HOURS = {
    "A": "more came in than the service can compute: calls first, then busy workers, then time and errors",
    "B": "a release made each call slower: the version moved, calls did not, and the workers are busy",
    "C": "something that the service waits for is slow: time has grown, and the workers have nothing to do",
    "D": "the scanner has stopped reading a stat: all four signals are as before, and the model guesses",
}
"""What had happened. The dashboard doesn't say it."""


@cache
def hour(name: str, seed: int = 0) -> pl.DataFrame:
    """A row for each minute of a recorded hour; it begins to go wrong in minute `SINCE`."""
    rng = np.random.default_rng([seed, ord(name)])
    minute = np.arange(MINUTES)
    after = (minute >= SINCE).astype(float)
    grown = np.clip((minute - SINCE) / 8, 0, 1)

    def noisy(values: np.ndarray, part: float = 0.06) -> np.ndarray:
        return values * rng.normal(1, part, MINUTES)

    calls, failed = np.full(MINUTES, 20.0), np.full(MINUTES, 0.0006)
    p99, busy = np.full(MINUTES, 0.25), np.full(MINUTES, 0.48)
    version, psi = np.full(MINUTES, 4.0), np.full(MINUTES, 0.06)
    accuracy = np.full(MINUTES, 0.84)
    if name == "A":
        calls += 28 * grown
        busy += 0.5 * grown
        late = np.clip((minute - SINCE - 4) / 8, 0, 1)
        p99 += 2.2 * late
        failed += 0.17 * late
    if name == "B":
        version += after
        busy += 0.4 * after
        p99 += 0.9 * after
    if name == "C":
        p99 += 1.7 * after
        busy -= 0.25 * after
        failed += 0.015 * after
    if name == "D":
        psi += 0.7 * grown
        accuracy -= 0.22 * np.clip((minute - SINCE - 15) / 12, 0, 1)  # labels are late
    return pl.DataFrame(
        {
            "minute": minute,
            "calls a second": noisy(calls),
            "failed": noisy(failed, 0.2).clip(0, 1),
            "p99, seconds": noisy(p99, 0.1),
            "workers busy": noisy(busy).clip(0, 1),
            "version": version,
            "largest PSI": noisy(psi, 0.12),
            "accuracy": noisy(accuracy, 0.02),
        }
    )


def shown(name: str, wanted: dict[str, list[float]], columns: int) -> mo.Html:
    """Some of the metrics of an hour, each as a small chart with its range in `wanted`."""
    table = hour(name)
    charts = []
    for column, domain in wanted.items():
        share = column in ("failed", "workers busy", "accuracy")
        line = (
            alt.Chart(table.select("minute", column))
            .mark_line(color=BLUE, interpolate="step-after" if column == "version" else "linear")
            .encode(
                alt.X("minute:Q", title=None, axis=alt.Axis(tickCount=3)),
                alt.Y(
                    f"{column}:Q",
                    title=None,
                    scale=alt.Scale(domain=domain),
                    axis=alt.Axis(tickCount=3, format="%" if share else "~r"),
                ),
            )
        )
        since = alt.Chart(pl.DataFrame({"minute": [SINCE]})).mark_rule(color=GREY, strokeDash=[4, 3])
        before, now = table[column][:SINCE].mean(), table[column][-10:].mean()
        charts.append(
            framed(
                alt.layer(line, since.encode(x="minute:Q")),
                column,
                f"{column} by minute: about {before:.2g} until minute {SINCE}, at the end about {now:.2g}",
                100,
            )
        )
    return panels(charts, columns=columns, least=125)
