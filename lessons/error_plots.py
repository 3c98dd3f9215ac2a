"""The figures of the lesson on evaluation, in the course's theme: a table in, a labelled plot out."""

from collections.abc import Mapping, Sequence

import altair as alt
import numpy as np
import polars as pl
from scipy.stats import gaussian_kde

from grader.page.charts import AMBER, BLUE, GREEN, GREY, RED, framed

PER_LINE = 50  # dots
_SHARE = alt.Axis(format="%", tickCount=5)


def crowd(
    kinds: Mapping[str, Sequence[str]], colours: Mapping[str, str], title: str, alt_text: str
) -> alt.LayerChart:
    """A dot for each case, in a block of lines of 50 for each model: `kinds` says of each model what its cases are."""
    rows, names, top = [], [], 0
    for name, cases in kinds.items():
        names.append({"x": 0, "y": top, "says": name})
        top += 1 if name else 0
        rows += [
            {"x": at % PER_LINE, "y": top + at // PER_LINE, "kind": case} for at, case in enumerate(cases)
        ]
        top += -(-len(cases) // PER_LINE) + 1
    x = alt.X("x:Q", axis=None, scale=alt.Scale(domain=[-0.5, PER_LINE - 0.5], nice=False))
    y = alt.Y("y:Q", axis=None, scale=alt.Scale(domain=[top - 0.5, -0.7], nice=False))
    colour = alt.Color(
        "kind:N",
        title=None,
        legend=alt.Legend(columns=2),
        scale=alt.Scale(domain=list(colours), range=list(colours.values())),
    )
    quiet = next(iter(colours))
    chart = alt.layer(
        alt.Chart(pl.DataFrame(rows))
        .mark_point(filled=True)
        .encode(
            x,
            y,
            colour,
            size=alt.condition(alt.datum.kind == quiet, alt.value(14), alt.value(44)),
            opacity=alt.condition(alt.datum.kind == quiet, alt.value(0.55), alt.value(1)),
        ),
        alt.Chart(pl.DataFrame(names)).mark_text(align="left", dx=-4, color=GREY).encode(x, y, text="says:N"),
    )
    return framed(chart, title, alt_text, 14 * top)


def roc(curve: pl.DataFrame, cut: float, alt_text: str) -> alt.LayerChart:
    """The ROC curve of a table of `evaluation.curves`, with the point of the threshold `cut`."""
    return _curve(
        curve, "false_alarms", "recall", ("false alarms among the negative", "recall"), cut, 0.0, alt_text
    )


def precision_recall(curve: pl.DataFrame, cut: float, share: float, alt_text: str) -> alt.LayerChart:
    """The precision-recall curve of the same table; its baseline is the `share` of positive rows."""
    return _curve(curve, "recall", "precision", ("recall", "precision"), cut, share, alt_text)


def _curve(
    curve: pl.DataFrame, x: str, y: str, names: tuple[str, str], cut: float, share: float, alt_text: str
) -> alt.LayerChart:
    chance = pl.DataFrame({x: [0.0, 1.0], y: [share, share] if x == "recall" else [0.0, 1.0]})
    here = curve.filter(pl.col("cut") >= cut).tail(1).select(x, y)
    axes = (
        alt.X(f"{x}:Q", title=names[0], axis=_SHARE, scale=alt.Scale(domain=[0, 1])),
        alt.Y(f"{y}:Q", title=names[1], axis=_SHARE, scale=alt.Scale(domain=[0, 1])),
    )
    line = alt.Chart(curve.select(x, y).filter(pl.col(y).is_not_nan()).with_row_index("at"))
    chart = alt.layer(
        alt.Chart(chance).mark_line(color=GREY, strokeDash=[4, 4], strokeWidth=1.5).encode(*axes),
        line.mark_line(interpolate="linear").encode(*axes, order="at:Q"),
        alt.Chart(here).mark_point(size=170, color=AMBER, opacity=1).encode(*axes),
    )
    title = "ROC curve" if x != "recall" else "Precision-recall curve"
    return chart.properties(width=185, height=185, title=title, description=alt_text)


def reliability(models: Mapping[str, pl.DataFrame], title: str, alt_text: str) -> alt.LayerChart:
    """Lines of what came true against what was said, from `evaluation.reliability`, and the diagonal."""
    table = pl.concat(found.with_columns(model=pl.lit(name)) for name, found in models.items())
    low = 0.1 * np.floor(10 * min(table["said"].min(), table["true"].min()))
    scale = alt.Scale(domain=[low, 1], nice=False)
    axes = (
        alt.X("said:Q", title="confidence that the model states", axis=_SHARE, scale=scale),
        alt.Y("true:Q", title="share that is right", axis=_SHARE, scale=scale),
    )
    ends = pl.DataFrame({"said": [low, 1.0], "true": [low, 1.0]})
    colour = alt.Color(
        "model:N", title=None, scale=alt.Scale(domain=list(models), range=[BLUE, AMBER, GREEN][: len(models)])
    )
    note = pl.DataFrame(
        {"said": [low + 0.08 * (1 - low)], "true": [low + 0.03 * (1 - low)], "says": ["calibrated"]}
    )
    return framed(
        alt.layer(
            alt.Chart(ends).mark_line(color=GREY, strokeDash=[4, 4], strokeWidth=1.5).encode(*axes),
            alt.Chart(note).mark_text(color=GREY, align="left").encode(*axes, text="says:N"),
            alt.Chart(table).mark_line(point=alt.OverlayMarkDef(size=60)).encode(*axes, colour),
        ),
        title,
        alt_text,
        280,
    )


def draws(
    values: np.ndarray, low: float, high: float, title: str, alt_text: str, *, name: str
) -> alt.LayerChart:
    """How often each value came up: bars, amber between `low` and `high`, with these two written on top."""
    table = pl.DataFrame({"value": values}).group_by("value").len("times").sort("value")
    inside = (alt.datum.value >= low) & (alt.datum.value <= high)
    x = alt.X("value:Q", title=name, axis=_SHARE, scale=alt.Scale(zero=False, nice=False))
    ends = pl.DataFrame({"value": [low, high], "says": [f"{low:.1%}", f"{high:.1%}"]})
    rules = alt.Chart(ends).encode(x)
    bars = alt.Chart(table).mark_bar(width=5)
    return framed(
        alt.layer(
            bars.encode(
                x,
                alt.Y("times:Q", title="times"),
                color=alt.condition(inside, alt.value(AMBER), alt.value(GREY)),
            ),
            rules.mark_rule(strokeDash=[4, 4]),
            rules.mark_text(align="center", dy=-8, color=GREY).encode(y=alt.value(0), text="says:N"),
        ),
        title,
        alt_text,
        190,
    )


def cost_areas(table: pl.DataFrame, best: float, now: float, title: str, alt_text: str) -> alt.LayerChart:
    """What misses and false alarms cost at each threshold, one on top of the other: `cut`, `misses`, `false alarms`."""
    kinds = ["false alarms", "misses"]
    cap = 4 * table.select(pl.sum_horizontal(kinds).min()).item() + 10  # flagging everybody costs far more
    long = table.unpivot(kinds, index="cut", variable_name="error", value_name="cost")
    x = alt.X("cut:Q", title="threshold", scale=alt.Scale(domain=[0, 1]))
    areas = (
        alt.Chart(long)
        .mark_area(interpolate="step", opacity=0.75, clip=True)
        .encode(
            x,
            alt.Y("cost:Q", title="cost of 1,000 cards, EUR", stack="zero", scale=alt.Scale(domain=[0, cap])),
            alt.Color("error:N", title=None, scale=alt.Scale(domain=kinds, range=[AMBER, RED])),
        )
    )
    marks = pl.DataFrame({"cut": [best, now], "says": ["cheapest", "yours"], "y": [8, 26]})
    rules = alt.Chart(marks).encode(x)
    side = alt.expr.if_(alt.datum.cut > 0.75, "right", "left")
    return framed(
        alt.layer(
            areas,
            rules.mark_rule(strokeWidth=2, color=BLUE).encode(
                strokeDash=alt.condition(alt.datum.says == "yours", alt.value([4, 4]), alt.value([1, 0]))
            ),
            rules.mark_text(align=alt.ExprRef(str(side)), dx=5, color=BLUE, fontWeight=600).encode(
                y=alt.Y("y:Q", scale=None, axis=None), text="says:N"
            ),
        ),
        title,
        alt_text,
        230,
    )


def confusion(matrix: np.ndarray, classes: Sequence[str], title: str, alt_text: str) -> alt.LayerChart:
    """A grid of counts, a line for each true class; errors are shaded by the share of their line."""
    shares = matrix / matrix.sum(axis=1, keepdims=True)
    cells = pl.DataFrame(
        {
            "is": one,
            "said": other,
            "cards": int(matrix[i, j]),
            "error": float(shares[i, j]) if i != j else None,
        }
        for i, one in enumerate(classes)
        for j, other in enumerate(classes)
    )
    axes = (
        alt.X(
            "said:N", title="the model says", sort=list(classes), axis=alt.Axis(labelAngle=-40, domain=False)
        ),
        alt.Y("is:N", title="the card is", sort=list(classes), axis=alt.Axis(domain=False)),
    )
    grid = alt.Chart(cells).encode(*axes)
    shade = alt.Color(
        "error:Q", legend=None, scale=alt.Scale(range=["transparent", RED], domain=[0, 0.3], clamp=True)
    )
    return framed(
        alt.layer(
            grid.transform_filter("datum.error != null").mark_rect().encode(shade),
            grid.transform_filter("datum.error == null").mark_rect(color=BLUE, opacity=0.25),
            grid.transform_filter("datum.cards > 0")
            .mark_text(color=GREY, fontWeight=600)
            .encode(text="cards:Q"),
        ),
        title,
        alt_text,
        30 * len(classes),
    )


def clouds(
    pairs: Mapping[str, tuple[Sequence[str], Sequence[np.ndarray]]], title: str, alt_text: str
) -> alt.LayerChart:
    """For each pair of classes a row with two overlapping densities: its two names, and the values of each."""
    rows, names = [], []
    for place, (classes, values) in enumerate(pairs.values()):
        at = np.linspace(*np.quantile(np.concatenate(values), [0.002, 0.998]), 120)
        for side, (name, found) in enumerate(zip(classes, values, strict=True)):
            height = gaussian_kde(found)(at)
            height *= 0.8 / height.max()
            across = (at - at[0]) / (at[-1] - at[0])
            rows.append(
                pl.DataFrame({"x": across, "low": place + 1.0, "high": place + 1 - height}).with_columns(
                    row=pl.lit(f"{place}{side}"), side=pl.lit(side)
                )
            )
            peak = float(across[height.argmax()])
            names.append({"x": peak, "y": place + 0.12, "says": name, "side": side})
    x = alt.X("x:Q", axis=None, scale=alt.Scale(domain=[0, 1]))
    y = alt.Scale(domain=[len(pairs), 0], nice=False)
    colour = alt.Color("side:N", legend=None, scale=alt.Scale(domain=[0, 1], range=[BLUE, AMBER]))
    return framed(
        alt.layer(
            alt.Chart(pl.concat(rows))
            .mark_area(opacity=0.5)
            .encode(x, alt.Y("low:Q", axis=None, scale=y), alt.Y2("high"), colour, alt.Detail("row:N")),
            alt.Chart(pl.DataFrame(names))
            .mark_text(fontWeight=600)
            .encode(x, alt.Y("y:Q", axis=None, scale=y), colour, text="says:N"),
        ),
        title,
        alt_text,
        105 * len(pairs),
    )


def pairs(
    overlaps: Mapping[tuple[str, str], float],
    errors: Mapping[tuple[str, str], int],
    title: str,
    alt_text: str,
) -> alt.LayerChart:
    """A dot for each pair of classes: how much it overlaps and how often it is mixed up; the three worst have names."""
    table = pl.DataFrame(
        {"pair": " / ".join(pair), "overlap": overlap, "errors": errors[pair]}
        for pair, overlap in overlaps.items()
    ).sort("errors", descending=True)
    points = alt.Chart(table).encode(
        alt.X("overlap:Q", title="overlap of the two types in the training cards"),
        alt.Y("errors:Q", title="held-out cards mixed up"),
    )
    middle = table["overlap"].max() / 2  # a name stands where there is room for it
    sides = (("left", 8, pl.col("overlap") < middle), ("right", -8, pl.col("overlap") >= middle))
    names = [
        alt.Chart(table.head(3).filter(where))
        .mark_text(align=side, dx=dx, color=GREY)
        .encode(alt.X("overlap:Q"), alt.Y("errors:Q"), alt.Text("pair:N"))
        for side, dx, where in sides
    ]
    return framed(alt.layer(points.mark_point(opacity=0.8), *names), title, alt_text, 260)


def intervals(
    table: pl.DataFrame,
    title: str,
    alt_text: str,
    *,
    name: str,
    baseline: Mapping[str, float],
    percent: bool = True,
) -> alt.LayerChart:
    """A dot with its interval for each row of `what`, `low`, `middle`, `high`, and a dashed rule for the baseline."""
    (label, at), *_ = baseline.items()
    lines = alt.Axis(labelExpr="split(datum.label, ', ')")  # narrow enough for a phone
    rows = alt.Chart(table).encode(alt.Y("what:N", sort=None, title=None, axis=lines))
    axis = _SHARE if percent else alt.Axis(tickCount=5)
    x = alt.X("low:Q", title=name, axis=axis, scale=alt.Scale(zero=False))
    line = alt.Chart(pl.DataFrame({"at": [at]})).encode(alt.X("at:Q"))
    return framed(
        alt.layer(
            line.mark_rule(strokeDash=[4, 4]),
            line.mark_text(align="left", dx=5, color=GREY).encode(y=alt.value(-4), text=alt.value(label)),
            rows.mark_rule(strokeWidth=3, color=BLUE).encode(x, alt.X2("high")),
            rows.mark_point(size=100, opacity=1, color=AMBER).encode(alt.X("middle:Q")),
        ),
        title,
        alt_text,
        38 * table.height + 10,
    )


def valleys(table: pl.DataFrame, title: str, alt_text: str) -> alt.LayerChart:
    """The error of each constant as a line for each metric, relative to the least, which is marked."""
    ratio = table.with_columns(times=pl.col("error") / pl.col("error").min().over("metric"))
    low = ratio.filter(pl.col("times") == 1).unique("metric", maintain_order=True)
    x = alt.X("constant:Q", title="one price for every card, EUR (log axis)", scale=alt.Scale(type="log"))
    x.axis = alt.Axis(values=[0.5, 1, 2, 5, 10, 20], format="~g")
    y = alt.Y("times:Q", title="error, times the least", scale=alt.Scale(domain=[0.8, 3]))
    colour = alt.Color("metric:N", title=None, sort=None, legend=alt.Legend(columns=1, labelLimit=0))
    lines = alt.Chart(ratio.filter(pl.col("times") <= 3)).encode(x, y, colour)
    dots = alt.Chart(low.with_columns(says=pl.col("constant").round(1).cast(pl.String))).encode(x, y, colour)
    return framed(
        alt.layer(
            lines.mark_line(),
            dots.mark_point(size=130, opacity=1),
            dots.mark_text(dy=17).encode(text="says:N"),
        ),
        title,
        alt_text,
        230,
    )
