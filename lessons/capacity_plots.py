"""Pictures of a service under load: a load test, the calls of four weeks, and what an autoscaler makes of a sizing."""

import altair as alt
import marimo as mo
import numpy as np
import polars as pl

from cardshop.capacity import P99, Shop
from grader.page.charts import BLUE, GREY, RED, framed
from lessons.figures import table


def shown(shop: Shop) -> mo.Html:
    """A load test as a table, and the calls of each hour."""
    return mo.vstack(
        [mo.md(f"`workers` is {shop.workers}."), table(shop.load_test), calls(shop.hours)], gap=1
    )


def calls(hours: pl.DataFrame) -> alt.TopLevelMixin:
    """Calls a second, hour by hour; the mean is a line."""
    rates = hours.select("hour", rate=pl.col("calls") / 3600)
    mean, most = rates["rate"].mean(), rates["rate"].max()
    line = alt.Chart(rates).mark_line(strokeWidth=1.2).encode(x=_time(), y=_axis("rate", "calls a second"))
    rule = alt.Chart(pl.DataFrame({"mean": [mean]})).mark_rule(color=GREY, strokeDash=[4, 4]).encode(y="mean")
    title = f"The busiest hour has {most / mean:.1f} times the calls of the mean"
    told = f"Calls a second in four weeks: {mean:.0f} on average, {most:.0f} in the busiest hour."
    return framed(line + rule, title, told, 200)


def scaled(shop: Shop, sizing: dict[str, int]) -> mo.Html:
    """Replicas that an autoscaler sets in each hour, above those that p99 needs. The rates are those of the load test."""
    quick = shop.load_test.filter(pl.col("p99") <= P99)
    per_call = quick["cores"].sum() / quick["rate"].sum()
    used = shop.hours["calls"].to_numpy() / 3600 * per_call
    wanted = np.ceil(used / (sizing["cpu_request"] / 1000 * sizing["target"] / 100))
    there = wanted.clip(sizing["min_replicas"], sizing["max_replicas"])
    needed = np.ceil(used / per_call / quick["rate"].max())
    rows = pl.DataFrame({"hour": shop.hours["hour"], "there": there, "needed": needed})
    base = alt.Chart(rows).encode(x=_time())
    area = base.mark_area(color=BLUE, opacity=0.35, interpolate="step").encode(y=_axis("there", "replicas"))
    line = base.mark_line(color=RED, strokeWidth=1.2, interpolate="step").encode(y="needed")
    title = "Blue: replicas that are there. Red: replicas that p99 needs"
    told = f"From {there.min():.0f} to {there.max():.0f} replicas are there, where {needed.max():.0f} are needed at most."
    reserved = there.sum() * sizing["cpu_request"] / 1000
    always = there.max() * len(there) * sizing["cpu_request"] / 1000
    text = f"{reserved:,.0f} core-hours are reserved in four weeks; without an autoscaler it would be {always:,.0f}."
    return mo.vstack([framed(area + line, title, told, 220), mo.md(text)], gap=0.5)


def _time() -> alt.X:
    return alt.X("hour:T", title=None, axis=alt.Axis(format="%d %b", tickCount=5))


def _axis(name: str, title: str) -> alt.Y:
    return alt.Y(f"{name}:Q", title=title)
