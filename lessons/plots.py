"""The kinds of plots that lessons share, in the course's theme: a table in, a labelled plot out.

`alt_text` is read aloud where the figure cannot be seen. Every figure is as wide as the column of text.
"""

from collections.abc import Callable, Mapping, Sequence

import altair as alt
import marimo as mo
import numpy as np
import polars as pl

from grader.page.charts import AMBER, BLUE, GREY, RED, framed, panels

_PERCENT = alt.Axis(format="%", tickCount=5)


def histogram(
    values: pl.Series, width: float, title: str, name: str, alt_text: str, *, log: bool = False
) -> alt.LayerChart:
    """Bars of `width` (in decades if `log`), with median and mean as labelled rules."""
    scaled = values.log10() if log else values
    low = (scaled / width).floor() * width
    edges = pl.DataFrame({"low": low, "high": low + width})
    bins = edges.group_by("low", "high").len("rows")
    if log:
        bins = bins.with_columns(low=10.0 ** pl.col("low"), high=10.0 ** pl.col("high"))
    axis = (
        {"scale": alt.Scale(type="log"), "axis": alt.Axis(values=[0.1, 1, 10, 100, 1000], format="~g")}
        if log
        else {"scale": alt.Scale(domain=[0, 30 * width]), "axis": alt.Axis(tickCount=3)}
    )
    layers = [
        alt.Chart(bins)
        .mark_bar(clip=True)
        .encode(
            alt.X("low:Q", bin="binned", title=name, **axis), alt.X2("high"), alt.Y("rows:Q", title="rows")
        )
    ]
    sides = ("right" if log else "left"), "left"
    for place, (label, at) in enumerate((("median", values.median()), ("mean", values.mean()))):
        side = sides[place]
        rule = alt.Chart(pl.DataFrame({"at": [at], "says": [f"{label} {at:.2f}"]})).encode(
            alt.X("at:Q", **axis)
        )
        layers += [
            rule.mark_rule(color=AMBER, strokeWidth=2).encode(
                y=alt.value(18 * place), y2=alt.value("height")
            ),
            rule.mark_text(align=side, dx=-5 if side == "right" else 5, color=AMBER).encode(
                y=alt.value(8 + 18 * place), text="says:N"
            ),
        ]
    return framed(alt.layer(*layers), title, alt_text, 190)


def scatter(
    table: pl.DataFrame,
    x: str,
    y: str,
    title: str,
    alt_text: str,
    *,
    label: str = "",
    marked: str = "",
    domains: Sequence[Sequence[float]] = (),
    height: int = 230,
) -> alt.Chart:
    """One dot for each row; those whose column `label` is `marked` are large and amber."""
    scales = [alt.Scale(domain=list(domain)) for domain in domains] or [alt.Scale(zero=False)] * 2
    chart = alt.Chart(table).mark_point(size=16, opacity=0.5)
    chart = chart.encode(alt.X(f"{x}:Q", scale=scales[0]), alt.Y(f"{y}:Q", scale=scales[1]))
    if label:
        size = alt.condition(alt.datum[label] == marked, alt.value(150), alt.value(16))
        chart = chart.encode(_two_colours(label, marked, table), size=size)
    return framed(chart, title, alt_text, height)


def densities(
    table: pl.DataFrame, value: str, label: str, marked: str, title: str, alt_text: str, *, name: str = ""
) -> alt.Chart:
    """Two overlapping areas: how `value` is distributed where `label` is `marked`, and elsewhere."""
    chart = (
        alt.Chart(table)
        .transform_density(value, as_=[value, "density"], groupby=[label])
        .mark_area(opacity=0.5)
        .encode(
            alt.X(f"{value}:Q", title=name or value),
            alt.Y("density:Q", axis=None, stack=None),
            _two_colours(label, marked, table),
        )
    )
    return framed(chart, title, alt_text, 150)


def dots(
    table: pl.DataFrame,
    row: str,
    value: str,
    title: str,
    alt_text: str,
    *,
    baseline: Mapping[str, float],
    name: str = "",
) -> alt.LayerChart:
    """A line of dots for each `row`, an amber tick for their mean, a dashed rule for the baseline."""
    rows = alt.Chart(table).encode(alt.Y(f"{row}:N", sort=None, title=None))
    (label, at), *_ = baseline.items()
    line = alt.Chart(pl.DataFrame({"at": [at]})).encode(alt.X("at:Q"))
    x = alt.X(f"{value}:Q", title=name or value, scale=alt.Scale(zero=False))
    return framed(
        alt.layer(
            line.mark_rule(strokeDash=[4, 4]),
            line.mark_text(align="left", dx=5, color=GREY).encode(y=alt.value(4), text=alt.value(label)),
            rows.mark_point(opacity=0.6, size=60).encode(x),
            rows.mark_tick(thickness=3, size=24, color=AMBER).encode(alt.X(f"mean({value}):Q")),
        ),
        title,
        alt_text,
        46 * table[row].n_unique() + 14,
    )


def dumbbells(
    table: pl.DataFrame,
    row: str,
    ends: Sequence[str],
    title: str,
    alt_text: str,
    *,
    name: str,
    baseline: str = "",
    note: str = "",
    colours: Sequence[str] = (BLUE, AMBER),
) -> alt.LayerChart:
    """Two shares joined by a line for each `row`; a grey tick for `baseline`, a text `note` at the right."""
    rows = alt.Chart(table).encode(alt.Y(f"{row}:N", sort=None, title=None))
    long = table.unpivot(list(ends), index=row, variable_name="end", value_name="share")
    last = 1.05 if table[list(ends)].max_horizontal().max() > 0.6 else 0.55
    x = alt.X(f"{ends[0]}:Q", title=name, axis=_PERCENT, scale=alt.Scale(domain=[0, last], nice=False))
    layers = [rows.mark_rule(strokeWidth=2).encode(x, alt.X2(ends[1]))]
    if baseline:
        tick = rows.encode(alt.X(f"{baseline}:Q"))
        layers += [
            tick.mark_tick(thickness=2, size=26, color=GREY),
            tick.transform_filter(alt.datum[row] == table[row][0])
            .mark_text(dy=-20, color=GREY)
            .encode(text=alt.value(baseline)),
        ]
    layers.append(
        alt.Chart(long)
        .mark_point(size=130, opacity=1)
        .encode(
            alt.X("share:Q"),
            alt.Y(f"{row}:N", sort=None),
            alt.Color("end:N", title=None, scale=alt.Scale(domain=list(ends), range=list(colours))),
        )
    )
    if note:
        layers.append(rows.mark_text(align="right", color=GREY).encode(x=alt.datum(last), text=f"{note}:N"))
    return framed(alt.layer(*layers), title, alt_text, 36 * table.height + 10)


def folds(number: int = 5) -> alt.LayerChart:
    """Cross-validation as a grid: a line for each run, in which another fold is held out."""
    grid = pl.DataFrame(
        {"run": f"run {run}", "fold": f"fold {fold}", "rows": "held out" if run == fold else "training"}
        for run in range(1, number + 1)
        for fold in range(1, number + 1)
    )
    cells = alt.Chart(grid).encode(
        alt.X(
            "fold:N",
            title=None,
            axis=alt.Axis(labelAngle=0, orient="top", domain=False),
            scale=alt.Scale(padding=0.08),
        ),
        alt.Y("run:N", title=None, axis=alt.Axis(domain=False), scale=alt.Scale(padding=0.15)),
    )
    colour = alt.Color(
        "rows:N", legend=None, scale=alt.Scale(domain=["training", "held out"], range=[BLUE, AMBER])
    )
    layers = alt.layer(
        cells.mark_rect().encode(colour), cells.mark_text(color="white").encode(alt.Text("rows:N"))
    )
    return framed(
        layers,
        "Each row is held out once",
        f"A grid of {number} runs and folds; each run holds out another fold.",
        34 * number,
    )


def _two_colours(label: str, marked: str, table: pl.DataFrame) -> alt.Color:
    others = [name for name in table[label].unique(maintain_order=True) if name != marked]
    return alt.Color(f"{label}:N", title=None, scale=alt.Scale(domain=[marked, *others], range=[AMBER, BLUE]))


def side_by_side(table: pl.DataFrame, column: str, stats: Sequence[str], alt_text: str) -> alt.LayerChart:
    """Labelled bars of the columns `stats`, one beside the other for each row of the table, named by `column`."""
    long = table.unpivot(list(stats), index=column, variable_name="stat")
    bars = alt.Chart(long).encode(
        alt.X("value:Q", axis=None, scale=alt.Scale(domain=[0, 1.12 * long["value"].max()])),
        alt.Y(
            "stat:N", sort=list(stats), title=None, axis=alt.Axis(domain=False), scale=alt.Scale(padding=0.25)
        ),
        alt.YOffset(f"{column}:N"),
    )
    colour = alt.Color(f"{column}:N", title=None, scale=alt.Scale(range=[BLUE, AMBER]))
    labels = bars.mark_text(align="left", dx=5, color=GREY).encode(alt.Text("value:Q"))
    return framed(alt.layer(bars.mark_bar().encode(colour), labels), "", alt_text, 230)


def profiles(
    table: pl.DataFrame,
    x: str,
    order: Sequence[str],
    y: str,
    line: str,
    title: str,
    alt_text: str,
    *,
    name: str,
) -> alt.LayerChart:
    """Lines of a share on a log axis over the categories `order`, each with its name, and its value at the end."""
    last = table.filter(pl.col(x) == order[-1]).sort(y, descending=True)
    base = alt.Chart(table).encode(
        alt.X(f"{x}:N", sort=list(order), title=None, axis=alt.Axis(labelAngle=0)),
        alt.Y(
            f"{y}:Q",
            title=name,
            scale=alt.Scale(type="log", domain=[0.1, 1.1]),
            axis=alt.Axis(format="%", values=[0.1, 0.2, 0.5, 1]),
        ),
        alt.Color(f"{line}:N", legend=None),
    )
    ends = base.transform_filter(alt.datum[x] == order[-1]).mark_text(align="left", dx=9)
    layers = [base.mark_line(point=True), ends.encode(alt.Text(f"{y}:Q", format=".0%"))]
    for place, (which, side) in enumerate(zip(last[line], ("left", "right"), strict=True)):
        named = base.transform_filter((alt.datum[x] == order[1]) & (alt.datum[line] == which))
        offset = {"dx": 10, "dy": -14} if place == 0 else {"dx": -10, "dy": 18}
        layers.append(named.mark_text(align=side, **offset).encode(alt.Text(f"{line}:N")))
    return framed(alt.layer(*layers), title, alt_text, 220)


def borders(
    table: pl.DataFrame,
    x: str,
    y: str,
    label: str,
    marked: str,
    inside: Callable,
    slope: float,
    title: str,
    alt_text: str,
) -> alt.LayerChart:
    """A scatter plot, the area where `inside` (an array of x and y to booleans) holds, and the line y = slope · x."""
    wide, high = 2.0, 3.0
    right, top = (
        step * np.ceil(table[column].quantile(0.995) / step) for column, step in ((x, wide), (y, high))
    )
    at, up = (grid.ravel() for grid in np.meshgrid(np.arange(0, right, wide), np.arange(0, top, high)))
    cells = pl.DataFrame({x: at, y: up}).filter(
        pl.Series(inside(np.column_stack([at + wide / 2, up + high / 2])))
    )
    cells = cells.with_columns(right=pl.col(x) + wide, top=pl.col(y) + high)
    end = min(right, top / slope)
    axes = (
        alt.X(f"{x}:Q", title=x.replace("_", " "), scale=alt.Scale(domain=[0, right])),
        alt.Y(f"{y}:Q", title=y, scale=alt.Scale(domain=[0, top])),
    )
    line = pl.DataFrame(
        {x: [0.0, end], y: [0.0, slope * end], "says": ["", f"{y} = {slope:.2f} × {x.replace('_', ' ')}"]}
    )
    note = pl.DataFrame(
        {x: [0.02 * right], y: [0.96 * top], "says": [f"shaded: what a forest calls {marked}"]}
    )
    points = (
        alt.Chart(table)
        .mark_point(size=16, opacity=0.45, clip=True)
        .encode(*axes, _two_colours(label, marked, table))
    )
    return framed(
        alt.layer(
            points,
            alt.Chart(cells)
            .mark_rect(color=AMBER, opacity=0.3)
            .encode(axes[0], alt.X2("right", title=None), axes[1], alt.Y2("top", title=None)),
            alt.Chart(line).mark_line(color=RED).encode(*axes),
            alt.Chart(line).mark_text(color=RED, align="right", dx=-24, dy=4).encode(*axes, text="says:N"),
            alt.Chart(note).mark_text(color=AMBER, align="left").encode(*axes, text="says:N"),
        ),
        title,
        alt_text,
        330,
    )


def density_grid(
    table: pl.DataFrame,
    value: str,
    label: str,
    marked: str,
    row: str,
    column: str,
    alt_text: str,
    *,
    name: str,
) -> mo.Html:
    """The `densities` of each combination of `row` and `column`, from 0 on, each in a panel named after both."""
    last = table[value].quantile(0.99)
    shown = []
    for names, part in table.partition_by(row, column, as_dict=True, maintain_order=True).items():
        chart = (
            alt.Chart(part.select(value, label))
            .transform_density(value, as_=[value, "density"], groupby=[label], extent=[0, last])
            .mark_area(opacity=0.5)
            .encode(
                alt.X(f"{value}:Q", title=name, axis=alt.Axis(tickCount=4)),
                alt.Y("density:Q", axis=None, stack=None),
                _two_colours(label, marked, table),
            )
        )
        shown.append(framed(chart, ", ".join(names), alt_text, 90))
    return panels(shown, table[column].n_unique())
