"""Figures of the lesson on training: data in, a labelled chart out, in the course's theme."""

import altair as alt
import marimo as mo
import numpy as np
import polars as pl

from grader.page.charts import AMBER, BLUE, GREEN, GREY, RED, framed, panels

_ACCURACY = alt.Axis(format="%", tickCount=5)


def seeds(scores: np.ndarray, title: str) -> alt.LayerChart:
    """One line a forest: its accuracy on few held-out cards and on many; the winner on the few in amber."""
    parts = ("200 held-out cards", "the others")
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
    return framed(alt.layer(chart), title, "Lines from the accuracy on 200 cards to that on the rest.", 240)


def surfaces(grid: pl.DataFrame, dots: pl.DataFrame, accuracies: dict[str, float]) -> mo.Html:
    """The surface of every model over the plane, with the training points; accuracy on fresh points in the title."""
    step = 1.2 * 2 / 28  # neighbours overlap a little: no seams
    shown = []
    for name in grid["model"].unique(maintain_order=True):
        cells = grid.filter(model=name).select(
            pl.col("x", "y", "share").round(3),
            right=(pl.col("x") + step).round(3),
            top=(pl.col("y") + step).round(3),
        )
        x = alt.X("x:Q", axis=None, scale=alt.Scale(domain=[-1, 1.08], nice=False))
        y = alt.Y("y:Q", axis=None, scale=alt.Scale(domain=[-1, 1.08], nice=False))
        colour = alt.Color(
            "share:Q", legend=None, scale=alt.Scale(domain=[0, 0.5, 1], range=[BLUE, "#cfcfc8", AMBER])
        )
        surface = (
            alt.Chart(cells)
            .mark_rect(strokeWidth=0, clip=True)
            .encode(x, y, alt.X2("right"), alt.Y2("top"), colour)
        )
        points = (
            alt.Chart(dots.with_columns(pl.col("x", "y").round(3)))
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
            framed(
                alt.layer(surface, points).resolve_scale(color="independent", fill="independent"),
                f"{name} {accuracies[name]:.0%}",
                f"The decision surface of one model ({name}), with the training points.",
                160,
            )
        )
    return panels(shown, columns=3, least=140)


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
    return framed(chart, title, "Intervals of the differences of accuracy.", 34 * table.height + 10)


def fits(table: pl.DataFrame, title: str) -> alt.LayerChart:
    """Many thin lines of fits, their mean and the truth."""
    base = alt.Chart(table).encode(
        alt.X("x:Q", title="feature"), alt.Y("y:Q", title="label", scale=alt.Scale(domain=[-1.8, 2.2]))
    )
    single = base.transform_filter("datum.line != 'mean' && datum.line != 'truth'")
    both = base.transform_filter("datum.line == 'mean' || datum.line == 'truth'")
    colour = alt.Color("line:N", title=None, scale=alt.Scale(domain=["truth", "mean"], range=[GREEN, RED]))
    return framed(
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
) -> alt.LayerChart | mo.Html:
    """Training and validation rows as two lines over `x`; a dashed rule at `marked`; a panel for each `facet`."""
    if facet:
        same = alt.Scale(domain=[float(table[y].min()) // 0.1 / 10, float(table[y].max())])
        parts = table.partition_by(facet, as_dict=True, maintain_order=True)
        return panels(
            [
                framed(_two_lines(part, x, y, name, log, marked, same), f"{title}: {which}", alt_text, 200)
                for (which,), part in parts.items()
            ],
            columns=2,
            least=240,
        )
    scale = alt.Scale(zero=y != "accuracy")
    return framed(_two_lines(table, x, y, name, log, marked, scale), title, alt_text, 230)


def _two_lines(
    table: pl.DataFrame, x: str, y: str, name: str, log: bool, marked: float | None, scale: alt.Scale
) -> alt.LayerChart:
    values = sorted(table[x].unique().to_list())
    axis = alt.Axis(values=values, format="~s") if len(values) < 8 else alt.Axis(tickCount=6)
    percent = {"axis": _ACCURACY} if y == "accuracy" else {}
    along = alt.Scale(type="log", nice=False) if log else alt.Scale()
    base = alt.Chart(table).encode(
        alt.X(f"{x}:Q", title=name, scale=along, axis=axis),
        alt.Y(f"{y}:Q", title=y, scale=scale, **percent),
        alt.Color(
            "rows:N", title=None, scale=alt.Scale(domain=["training", "validation"], range=[BLUE, AMBER])
        ),
    )
    layers = [base.mark_line(point=len(values) < 30)]
    if marked is not None:
        layers.append(
            alt.Chart(pl.DataFrame({x: [marked]})).mark_rule(strokeDash=[4, 4]).encode(alt.X(f"{x}:Q"))
        )
    return alt.layer(*layers)


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
        scale=alt.Scale(domain=["train", "test", "not used"], range=[BLUE, AMBER, "#7d838a"]),
    )
    layers = [cells.mark_rect().encode(colour)]
    if names:
        layers.append(cells.mark_text(color="white").encode(alt.Text("name:N")))
    return framed(
        alt.layer(*layers), title, "A grid: which rows each pair trains on and tests on.", 34 * len(pairs)
    )


def bars(table: pl.DataFrame, row: str, value: str, title: str, name: str) -> alt.LayerChart:
    """Bars to the left and right of zero, amber where positive."""
    base = alt.Chart(table).encode(alt.Y(f"{row}:N", sort=None, title=None), alt.X(f"{value}:Q", title=name))
    colour = alt.condition(f"datum['{value}'] > 0", alt.value(AMBER), alt.value(BLUE))
    return framed(
        alt.layer(base.mark_bar().encode(color=colour)),
        title,
        "Bars of contributions.",
        30 * table.height + 10,
    )
