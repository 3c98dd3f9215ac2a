"""Figures of the lesson on training: data in, a labelled chart out, in the course's theme."""

import altair as alt
import numpy as np
import polars as pl

from grader.page.charts import AMBER, BLUE, GREEN, GREY, RED

_ACCURACY = alt.Axis(format="%", tickCount=5)


def _framed(chart: alt.Chart, title: str, alt_text: str, height: int) -> alt.Chart:
    named = {"title": title} if title else {}
    return chart.properties(width="container", height=height, description=alt_text, **named)


def seeds(scores: np.ndarray, title: str) -> alt.LayerChart:
    """One line a forest: its accuracy on few held-out cards and on many; the winner on the few in amber."""
    parts = ("200 held-out cards", "the other held-out cards")
    best = int(scores[:, 0].argmax())
    long = pl.DataFrame(
        {
            "forest": at,
            "where": where,
            "accuracy": float(one),
            "kind": "the winner" if at == best else "the others",
        }
        for at, pair in enumerate(scores)
        for where, one in zip(parts, pair, strict=True)
    )
    base = alt.Chart(long).encode(
        alt.X(
            "where:N", sort=list(parts), title=None, axis=alt.Axis(labelAngle=0), scale=alt.Scale(padding=0.4)
        ),
        alt.Y("accuracy:Q", scale=alt.Scale(zero=False), axis=_ACCURACY),
        alt.Detail("forest:N"),
    )
    colour = alt.Color(
        "kind:N", title=None, scale=alt.Scale(domain=["the winner", "the others"], range=[AMBER, BLUE])
    )
    faint = alt.condition("datum.kind == 'the winner'", alt.value(1), alt.value(0.4))
    chart = base.mark_line(point=True).encode(colour, opacity=faint)
    return _framed(alt.layer(chart), title, "Lines from the accuracy on 200 cards to that on the rest.", 240)


def surfaces(grid: pl.DataFrame, dots: pl.DataFrame, accuracies: dict[str, float]) -> alt.HConcatChart:
    """The surface of every model over the plane, with the training points; accuracy on fresh points in the title."""
    step = 2 / 28
    shown = []
    for name in grid["model"].unique(maintain_order=True):
        cells = grid.filter(model=name).with_columns(right=pl.col("x") + step, top=pl.col("y") + step)
        x = alt.X("x:Q", axis=None, scale=alt.Scale(domain=[-1, 1.08], nice=False))
        y = alt.Y("y:Q", axis=None, scale=alt.Scale(domain=[-1, 1.08], nice=False))
        colour = alt.Color(
            "share:Q", legend=None, scale=alt.Scale(domain=[0, 0.5, 1], range=[BLUE, "#cfcfc8", AMBER])
        )
        surface = (
            alt.Chart(cells).mark_rect(strokeWidth=0).encode(x, y, alt.X2("right"), alt.Y2("top"), colour)
        )
        points = (
            alt.Chart(dots)
            .mark_point(size=14, opacity=1, stroke="white", strokeWidth=0.4)
            .encode(
                x,
                y,
                alt.Fill(
                    "label:N", legend=None, scale=alt.Scale(domain=[0, 1], range=["#1f4f77", "#8a5606"])
                ),
            )
        )
        shown.append(
            alt.layer(surface, points)
            .resolve_scale(color="independent", fill="independent")
            .properties(
                width=150,
                height=150,
                title=alt.TitleParams(f"{name} {accuracies[name]:.0%}", fontSize=14, offset=6),
            )
        )
    return alt.concat(*shown, columns=3).properties(
        description="The decision surface of each of five models, with the training points."
    )


def intervals(table: pl.DataFrame, title: str, reference: str) -> alt.LayerChart:
    """One line a model: the interval of its difference to `reference`, in points, and zero as a dashed rule."""
    rows = alt.Chart(table).encode(alt.Y("model:N", sort=None, title=None))
    axis = alt.X("low:Q", title=f"points of accuracy more than {reference}, 95 % interval")
    zero = alt.Chart(pl.DataFrame({"low": [0.0]})).mark_rule(strokeDash=[4, 4]).encode(alt.X("low:Q"))
    chart = alt.layer(
        zero,
        rows.mark_rule(strokeWidth=3, color=BLUE).encode(axis, alt.X2("high")),
        rows.mark_point(size=90, color=AMBER, opacity=1).encode(alt.X("difference:Q")),
    )
    return _framed(chart, title, "Intervals of the differences of accuracy.", 34 * table.height + 10)


def fits(table: pl.DataFrame, title: str) -> alt.LayerChart:
    """Many thin lines of fits, their mean and the truth."""
    base = alt.Chart(table).encode(
        alt.X("x:Q", title="feature"), alt.Y("y:Q", title="label", scale=alt.Scale(domain=[-1.8, 2.2]))
    )
    single = base.transform_filter("datum.line != 'mean' && datum.line != 'truth'")
    both = base.transform_filter("datum.line == 'mean' || datum.line == 'truth'")
    colour = alt.Color("line:N", title=None, scale=alt.Scale(domain=["truth", "mean"], range=[GREEN, RED]))
    return _framed(
        alt.layer(
            single.mark_line(strokeWidth=1, opacity=0.45, color=GREY, clip=True).encode(alt.Detail("line:N")),
            both.mark_line(strokeWidth=3, clip=True).encode(colour),
        ),
        title,
        "Thin lines of twelve fitted trees, their mean, and the true curve.",
        250,
    )


def two_lines(
    table: pl.DataFrame,
    x: str,
    y: str,
    title: str,
    alt_text: str,
    *,
    name: str,
    log: bool = False,
    marked: float | None = None,
    facet: str = "",
) -> alt.LayerChart | alt.FacetChart:
    """Training and validation rows as two lines over `x`; a dashed rule at `marked`; a panel for each `facet`."""
    scale = alt.Scale(type="log") if log else alt.Scale()
    values = sorted(table[x].unique().to_list())
    axis = alt.Axis(values=values, format="~s") if len(values) < 8 else alt.Axis(tickCount=6)
    percent = {"axis": _ACCURACY} if y == "accuracy" else {}
    base = alt.Chart(table).encode(
        alt.X(f"{x}:Q", title=name, scale=scale, axis=axis),
        alt.Y(f"{y}:Q", title=y, scale=alt.Scale(zero=y != "accuracy"), **percent),
        alt.Color(
            "rows:N", title=None, scale=alt.Scale(domain=["training", "validation"], range=[BLUE, AMBER])
        ),
    )
    layers = [base.mark_line(point=len(values) < 30)]
    if marked is not None:
        rule = alt.Chart(pl.DataFrame({x: [marked]})).mark_rule(strokeDash=[4, 4]).encode(alt.X(f"{x}:Q"))
        layers.append(rule)
    if facet:
        return (
            layers[0]
            .properties(width=250, height=200, description=alt_text)
            .facet(
                alt.Column(f"{facet}:N", title=None, sort=table[facet].unique(maintain_order=True).to_list()),
                title=title,
            )
        )
    return _framed(alt.layer(*layers), title, alt_text, 230)


def splits(
    pairs: list[tuple[np.ndarray, np.ndarray]], rows: int, title: str, names: list[str] | None = None
) -> alt.Chart:
    """A line for each pair, a cell for each row: training, test, or not used."""
    held, used = [set(map(int, test)) for _, test in pairs], [set(map(int, train)) for train, _ in pairs]
    grid = pl.DataFrame(
        {
            "pair": f"pair {at + 1}",
            "row": row,
            "part": "test" if row in held[at] else "train" if row in used[at] else "not used",
            "name": names[row] if names else str(row),
        }
        for at in range(len(pairs))
        for row in range(rows)
    )
    cells = alt.Chart(grid).encode(
        alt.X(
            "row:O",
            title="row" if not names else "row, with its group",
            axis=alt.Axis(labels=not names, labelAngle=0, orient="top", domain=False),
            scale=alt.Scale(paddingInner=0.1),
        ),
        alt.Y(
            "pair:N", title=None, sort=None, axis=alt.Axis(domain=False), scale=alt.Scale(paddingInner=0.18)
        ),
    )
    colour = alt.Color(
        "part:N",
        title=None,
        scale=alt.Scale(domain=["train", "test", "not used"], range=[BLUE, AMBER, "#8f959c55"]),
    )
    layers = [cells.mark_rect().encode(colour)]
    if names:
        layers.append(cells.mark_text(color="white").encode(alt.Text("name:N")))
    return _framed(
        alt.layer(*layers), title, "A grid: which rows each pair trains on and tests on.", 34 * len(pairs)
    )


def bars(table: pl.DataFrame, row: str, value: str, title: str, name: str) -> alt.LayerChart:
    """Bars to the left and right of zero, amber where positive."""
    base = alt.Chart(table).encode(alt.Y(f"{row}:N", sort=None, title=None), alt.X(f"{value}:Q", title=name))
    colour = alt.condition(f"datum['{value}'] > 0", alt.value(AMBER), alt.value(BLUE))
    return _framed(
        alt.layer(base.mark_bar().encode(color=colour)),
        title,
        "Bars of contributions.",
        30 * table.height + 10,
    )
