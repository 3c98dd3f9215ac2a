"""What Prometheus does with counters and histograms, in small: a restart, a rate, a quantile."""

from itertools import pairwise

import altair as alt
import numpy as np
import polars as pl

from grader.page.charts import AMBER, BLUE, GREY, framed

BOUNDS = (0.05, 0.1, 0.2, 0.5, 1.0, 2.0, float("inf"))  # seconds: the buckets of a histogram
MINUTES = 60
RESTART = 35  # the minute in which the service starts again


def calls(seed: int = 0) -> list[int]:
    """A counter of calls, read once a minute for an hour: about 120 a minute, and one restart."""
    rng = np.random.default_rng(seed)
    each = rng.poisson(120, MINUTES + 1)
    values = each.cumsum() + 14_000
    values[RESTART:] = each[RESTART:].cumsum()
    return values.tolist()


def increase(values: list[int]) -> int:
    """How much a counter has grown. Where it fell, its process has begun again at 0."""
    return sum(now - before if now >= before else now for before, now in pairwise(values))


def reading(seed: int = 0) -> list[alt.TopLevelMixin]:
    """The counter as it is read, and its rate over five minutes."""
    values = calls(seed)
    raw = pl.DataFrame({"minute": range(len(values)), "value": values})
    window = 5
    rates = pl.DataFrame(
        {
            "minute": range(window, len(values)),
            "value": [
                increase(values[at - window : at + 1]) / window / 60 for at in range(window, len(values))
            ],
        }
    )
    x = alt.X("minute:Q", title="minute", axis=alt.Axis(tickCount=4))
    charts = []
    for table, title, color, domain in (
        (raw, "calls_total", GREY, [0, 24_000]),
        (rates, "rate(calls_total[5m])", BLUE, [0, 3]),
    ):
        chart = (
            alt.Chart(table)
            .mark_line(color=color)
            .encode(
                x,
                alt.Y(
                    "value:Q",
                    title=None,
                    scale=alt.Scale(domain=domain),
                    axis=alt.Axis(format="~s", tickCount=3),
                ),
            )
        )
        charts.append(framed(chart, title, f"{title} over an hour with a restart in minute {RESTART}", 130))
    return charts


def buckets(slow: float, number: int = 1_000) -> list[int]:
    """A histogram of `number` calls, of which a share `slow` takes about 0.8 s: calls up to each bound."""
    rng = np.random.default_rng(4)
    seconds = np.exp(rng.normal(np.log(0.09), 0.45, number))
    some = round(slow * number)
    seconds[:some] = rng.uniform(0.6, 1.0, some)
    return [int((seconds <= bound).sum()) for bound in BOUNDS]


def quantile(share: float, counts: list[int]) -> float:
    """The value below which a share of the calls lies, as `histogram_quantile` estimates it.

    It takes the bucket in which that call is, and pretends that the calls of a bucket are spread evenly. In the
    last bucket it gives the largest bound that is a number.
    """
    wanted = share * counts[-1]
    at = next(place for place, count in enumerate(counts) if count >= wanted)
    if at == len(counts) - 1:
        return BOUNDS[-2]
    low, below = (BOUNDS[at - 1], counts[at - 1]) if at else (0.0, 0)
    return low + (BOUNDS[at] - low) * (wanted - below) / (counts[at] - below)


def steps(counts: list[int], share: float = 0.99) -> alt.TopLevelMixin:
    """The cumulative counts of the buckets, and where a share of the calls is reached."""
    names = [f"{bound:g}" for bound in BOUNDS[:-1]] + ["+Inf"]
    table = pl.DataFrame({"le": names, "calls": counts})
    bars = (
        alt.Chart(table)
        .mark_bar(color=BLUE)
        .encode(
            alt.X("le:N", sort=names, title="le: seconds at most", axis=alt.Axis(labelAngle=0)),
            alt.Y("calls:Q", title="calls", scale=alt.Scale(domain=[0, counts[-1]])),
        )
    )
    line = alt.Chart(pl.DataFrame({"calls": [share * counts[-1]]})).mark_rule(color=AMBER, strokeWidth=2)
    name = line.mark_text(align="left", x=4, dy=9, color=AMBER).encode(
        y="calls:Q", text=alt.value(f"{share:.0%} of the calls")
    )
    return framed(
        alt.layer(bars, line.encode(y="calls:Q"), name),
        "A histogram counts upwards",
        "Bars that grow from bucket to bucket: "
        + ", ".join(f"{count} up to {name}" for count, name in zip(counts, names, strict=True)),
        190,
    )
