"""Figures of the lessons that take more than a few lines: data in, something to show out."""

from collections.abc import Mapping, Sequence
from html import escape

import altair as alt
import marimo as mo
import numpy as np
import polars as pl

from grader.page.charts import AMBER, BLUE, GREEN, GREY, RED

_SIDES = alt.Color("table:N", title=None).scale(domain=["reference", "delivery"], range=[BLUE, AMBER])


def table(frame: pl.DataFrame) -> mo.Html:
    """A small table as text, left-aligned; a null is written as null."""

    def text(value: object) -> str:
        if value is None:
            return "`null`"
        return f"{value:,.4g}" if isinstance(value, float) else str(value).replace("|", "\\|")

    lines = [
        frame.columns,
        ["---"] * frame.width,
        *([text(cell) for cell in row] for row in frame.iter_rows()),
    ]
    return mo.md("\n".join(f"| {' | '.join(line)} |" for line in lines))


def delivery(frame: pl.DataFrame, tones: Mapping[tuple[int, str], str] | None = None) -> str:
    """HTML of a delivery, as it lies on the desk. `tones` colours cells (row, column): good, bad or warm."""

    def cell(row: int, name: str, value: object) -> str:
        tone = (tones or {}).get((row, name))
        style = f' style="background:color-mix(in srgb, var(--d-{tone}) 30%, transparent)"' if tone else ""
        return f"<td{style}>{escape('' if value is None else str(value))}</td>"

    head = "".join(f"<th>{escape(name)}</th>" for name in frame.columns)
    rows = "".join(
        f"<tr>{''.join(cell(at, name, value) for name, value in row.items())}</tr>"
        for at, row in enumerate(frame.iter_rows(named=True))
    )
    return f'<table class="d-delivery"><tr>{head}</tr>{rows}</table>'


def gaps(prices: np.ndarray, gone: np.ndarray) -> alt.LayerChart:
    """Which prices are missing: the share by price, the true mean and the mean of those that are left."""
    bins = (
        pl.DataFrame({"bin": np.floor(4 * np.log2(prices)) / 4, "gone": gone})
        .group_by("bin")
        .agg(share=pl.col("gone").mean(), prices=pl.len())
        .filter(pl.col("prices") >= 20)  # a share of fewer says nothing
        .select(low=2 ** pl.col("bin"), high=2 ** (pl.col("bin") + 0.25), share="share")
    )
    x = alt.X("low:Q", title="asking price (EUR, log scale)").scale(type="log", nice=False)
    y = alt.Y("share:Q", title="share of prices missing").scale(domain=[0, 1])
    layers: list[alt.Chart] = [
        alt.Chart(bins)
        .mark_rect(color=GREY, opacity=0.5)
        .encode(
            x.axis(values=[0.5, 1, 2, 5, 20, 100], grid=False),
            alt.X2("high"),
            y.axis(format="%", tickCount=4),
            alt.Y2(datum=0),
        )
    ]
    truth, left = prices.mean(), prices[~gone].mean()
    for mean, name, colour, height, align in (
        (truth, f"true mean {truth:.2f}", GREEN, 0.95, "left"),
        (left, f"mean of the rest {left:.2f}", RED, 0.82, "right"),
    ):
        one = alt.Chart(pl.DataFrame({"low": [mean], "share": [height], "name": [name]}))
        layers += [
            one.mark_rule(color=colour, strokeWidth=2.5).encode(x),
            one.mark_text(color=colour, align=align, dx=6 if align == "left" else -6, fontWeight=600).encode(
                x, y, alt.Text("name:N")
            ),
        ]
    return alt.layer(*layers).properties(
        width="container",
        height=220,
        title="Which prices are missing, and what that does to the mean",
        description="Bars: share of missing prices, by price. Two rules: the true mean, and the mean of the rest.",
    )


def distribution_functions(then: np.ndarray, now: np.ndarray, name: str) -> alt.LayerChart:
    """The distribution functions of two samples of the column `name`, and the largest gap between them."""
    values = np.unique(np.concatenate([then, now]))
    curves = [np.searchsorted(np.sort(side), values, side="right") / len(side) for side in (then, now)]
    at = int(np.abs(curves[0] - curves[1]).argmax())
    low, high = sorted(curve[at] for curve in curves)
    long = pl.concat(
        pl.DataFrame({"value": values, "share": curve}).with_columns(table=pl.lit(side))
        for side, curve in (("reference", curves[0]), ("delivery", curves[1]))
    )
    gap = pl.DataFrame(
        {"value": [values[at]], "low": [low], "high": [high], "name": [f"KS {high - low:.2f}"]}
    )
    x = alt.X("value:Q", title=name)
    lines = (
        alt.Chart(long)
        .mark_line(interpolate="step-after")
        .encode(x, alt.Y("share:Q", title="share at or below").axis(format="%"), _SIDES)
    )
    rule = alt.Chart(gap).mark_rule(color=RED, strokeWidth=4).encode(x, alt.Y("low:Q"), alt.Y2("high:Q"))
    text = alt.Chart(gap).mark_text(color=RED, align="left", dx=8, dy=16, fontWeight=600)
    return (lines + rule + text.encode(x, alt.Y("low:Q"), alt.Text("name:N"))).properties(
        width="container",
        height=220,
        title="The KS distance is the largest gap between the curves",
        description="Two distribution functions, and the largest vertical gap between them.",
    )


def bins(p: Sequence[float], q: Sequence[float]) -> alt.Chart:
    """The shares of a reference and of a delivery, bin by bin."""
    long = pl.concat(
        pl.DataFrame({"bin": range(1, len(side) + 1), "share": list(side)}).with_columns(table=pl.lit(name))
        for name, side in (("reference", p), ("delivery", q))
    )
    return (
        alt.Chart(long)
        .mark_bar()
        .encode(
            alt.X("bin:O", title="bin, cut at the deciles of the reference").axis(labelAngle=0),
            alt.Y("share:Q", title="share of cards").axis(format="%"),
            _SIDES,
            alt.XOffset("table:N").sort(["reference", "delivery"]),
        )
        .properties(
            width="container",
            height=180,
            title="The PSI adds up one term for each bin",
            description="Bars: the share of the reference and of the delivery in each bin.",
        )
    )


def wave(states: Mapping[str, str]) -> mo.Html:
    """The steps of a pipeline from left to right. Amber: a changed output; green: ran, same output; grey: not run."""
    tones = {"changed": "warm", "ran, changed": "warm", "ran, same": "good"}
    nodes = ""
    for at, (name, state) in enumerate(states.items()):
        left, colour = 4 + 150 * at, f"var(--d-{tones.get(state, 'line')})"
        nodes += (
            f'<rect x="{left}" y="6" width="120" height="64" rx="10" stroke="{colour}" stroke-width="1.5" '
            f'fill="color-mix(in srgb, {colour} 25%, transparent)"/><g text-anchor="middle" fill="currentColor">'
            f'<text x="{left + 60}" y="34" font-weight="600">{escape(name)}</text>'
            f'<text x="{left + 60}" y="56" font-size="13">{escape(state)}</text></g>'
        )
        if at:
            nodes += f'<path d="M{left - 26} 38h20m-6 -5l6 5l-6 5" fill="none" stroke="currentColor"/>'
    label = ", ".join(f"{name}: {state}" for name, state in states.items())
    return mo.Html(
        f'<svg viewBox="0 0 {150 * len(states) - 20} 76" width="100%" role="img" aria-label="{escape(label)}" '
        f'font-family="PT Sans, sans-serif" font-size="15">{nodes}</svg>'
    )


def times(measured: pl.DataFrame) -> alt.LayerChart:
    """Milliseconds of each `engine` by number of `sales`, both on log scales, names at the ends of the lines."""
    names = measured["engine"].unique(maintain_order=True).to_list()
    base = alt.Chart(measured).encode(
        alt.X("sales:Q", title="sales (log scale)")
        .scale(type="log", domain=[4_000, 4_000_000])
        .axis(values=[5_000, 50_000, 500_000], format="~s"),
        alt.Y("milliseconds:Q", title="milliseconds (log scale)")
        .scale(type="log")
        .axis(tickCount=4, format="~s"),
        alt.Color("engine:N", legend=None).scale(domain=names, range=[AMBER, BLUE, GREEN, RED]),
    )
    ends = base.transform_window(
        last="last_value(sales)", groupby=["engine"], frame=[None, None]
    ).transform_filter("datum.sales == datum.last")
    labels = ends.mark_text(align="left", dx=8, fontWeight=600).encode(alt.Text("engine:N"))
    return (base.mark_line(point=True) + labels).properties(
        width="container",
        height=260,
        title="The time of one query",
        description="Lines: milliseconds of each engine for files of three sizes.",
    )
