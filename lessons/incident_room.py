"""What somebody on call looks at: small charts of all metrics, the log, a request before and after, and the code."""

import json

import altair as alt
import marimo as mo
import polars as pl

from cardshop.oncall import METRICS, Incident
from cardshop.review import File
from grader import small_table
from grader.page.charts import BLUE, GREY, framed, panels
from lessons import diffs


def metrics(incident: Incident, since: int | None = None) -> mo.Html:
    """A small chart of each metric; `since` draws a line at a minute."""
    return panels([_chart(incident.metrics, name, since) for name in METRICS], columns=3, least=150)


def _chart(table: pl.DataFrame, name: str, since: int | None) -> alt.TopLevelMixin:
    low, high = float(table[name].min()), float(table[name].max())
    version = name in ("release", "model", "settings")  # a step of one is what matters
    domain = [low - 1, high + 1] if version else [0, 1.1 * high or 1]
    chart = (
        alt.Chart(table.select("minute", name))
        .mark_line(color=BLUE, interpolate="step-after")
        .encode(
            alt.X("minute:Q", title=None, axis=alt.Axis(tickCount=3)),
            alt.Y(f"{name}:Q", title=None, scale=alt.Scale(domain=domain), axis=alt.Axis(tickCount=2)),
            tooltip=["minute", name],
        )
    )
    if since is not None:
        rule = alt.Chart(pl.DataFrame({"minute": [since]})).mark_rule(color=GREY, strokeDash=[4, 3])
        chart = alt.layer(chart, rule.encode(x="minute:Q"))
    return framed(chart, name, f"{name} by minute: {METRICS[name]}", 90)


def records(incident: Incident) -> mo.Html:
    """The log, and the body of a request of the first minutes and of the last ones."""
    bodies = "\n\n".join(
        f"A request {when}:\n\n```json\n{json.dumps(body, indent=1)}\n```"
        for when, body in (("of the first minutes", incident.before), ("of the last minutes", incident.after))
    )
    return mo.vstack([small_table(incident.logs), mo.md(bodies)])


def code(incident: Incident) -> mo.Html:
    """The code with what the release of this hour has changed, the settings, and what lies beside them."""
    now = incident.files["service.py"]
    released = File("service.py", incident.earlier.splitlines(), now.splitlines())
    settings = f"**settings.json**\n\n```json\n{incident.files['settings.json']}\n```"
    beside = f"The folder also has {', '.join(f'`{name}`' for name in incident.folder)}."
    return mo.vstack([diffs.shown(released), mo.md(f"{settings}\n\n{beside}")])
