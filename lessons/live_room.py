"""What somebody on call sees of the running stack: the incident, its alerts, and every metric since shortly before."""

import json
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import altair as alt
import httpx
import marimo as mo
import polars as pl

from cardshop.incidents import METRICS, prometheus
from cardshop.stack.settings import FOLDER, Settings
from cardshop.world.store import PROJECT
from grader import small_table
from grader.page.charts import BLUE, GREY, framed, panels

BEFORE = timedelta(minutes=3)  # that the charts show of the time before the incident
LONGEST = timedelta(minutes=45)
POINTS = 240  # of a chart
EMPTY = {"time": pl.Datetime("ms", "UTC"), "metric": pl.String, "value": pl.Float64}


class Away(RuntimeError):
    """There is nothing to see; the message says why, and what to do."""


def view(since: str = "") -> mo.Html:
    """What there is to see now: alerts, charts and means; or a sentence on why there is nothing."""
    try:
        incident = state()
        return shown(incident, recorded(incident), since)
    except (Away, ValueError) as problem:
        return mo.callout(mo.md(str(problem)), kind="warn")


def state() -> dict:
    """What `dojo incident status` knows, as a dict; empty where none was started. Raises Away."""
    command = [sys.executable, "-m", "cardshop.incidents", "status", "--json"]
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise Away(done.stderr.strip() or "The stack can't be asked.")
    return json.loads(done.stdout)


def recorded(incident: dict) -> pl.DataFrame:
    """A row for each time (UTC), metric and value, from a little before the incident until now. Raises Away."""
    now = datetime.now(UTC)
    began = datetime.fromisoformat(incident["began"]) if incident and incident["began"] else now
    start = max(began - BEFORE, now - LONGEST)
    step = max(2, round((now - start).total_seconds() / POINTS))
    asked = {"start": start.timestamp(), "end": now.timestamp(), "step": step}
    rows = []
    for name, query in METRICS.items():
        for series in _asked("query_range", query=query, **asked):
            version = float(series["metric"].get("version", "nan")) if name == "model" else None
            rows += [
                {"time": 1000 * at, "metric": name, "value": float(value) if version is None else version}
                for at, value in series["values"]
            ]
    table = pl.DataFrame(rows, schema={"time": pl.Float64, "metric": pl.String, "value": pl.Float64})
    found = table.with_columns(pl.col("time").cast(pl.Int64).cast(EMPTY["time"]))
    return found.filter(pl.col("value").is_finite()).sort("metric", "time")


def firing() -> list[dict]:
    """The alerts of the stack that fire or are about to, for a table. Raises Away."""
    alerts = _asked("query", query="ALERTS")
    return [
        {
            "alert": one["metric"]["alertname"],
            "state": one["metric"]["alertstate"],
            "severity": one["metric"].get("severity", ""),
            "about": one["metric"].get("feature", ""),
        }
        for one in alerts
    ]


def shown(incident: dict, table: pl.DataFrame, since: str = "") -> mo.Html:
    """Which alerts fire, and a small chart of each metric; `since` (`14:31`, UTC) draws a line."""
    alerts = firing()
    head = small_table(alerts) if alerts else mo.md("No alert fires.")
    line = moment_of(table, since)
    charts = panels([_chart(table.filter(metric=name), name, line) for name in METRICS], columns=3, least=150)
    return mo.vstack([mo.md(_title(incident)), head, charts, *([_means(table, line)] if line else [])])


def shift(table: pl.DataFrame, metric: str, moment: datetime) -> tuple[float | None, float | None]:
    """Return the mean of a metric before a moment, and from it on; None where it has no value."""
    values, early = table.filter(metric=metric), pl.col("time") < moment
    return values.filter(early)["value"].mean(), values.filter(~early)["value"].mean()


def _means(table: pl.DataFrame, moment: datetime) -> mo.Html:
    means = {name: shift(table, name, moment) for name in METRICS}
    rows = [
        {"metric": name, "mean before": _told(early), "mean from it on": _told(late)}
        for name, (early, late) in means.items()
    ]
    return mo.accordion({f"The means before {moment:%H:%M} and from it on": small_table(rows)})


def _told(value: float | None) -> str:
    return "no value" if value is None else f"{value:.4g}"


def _title(incident: dict) -> str:
    if not incident:
        return "**No incident runs.** The charts show an ordinary time."
    yet = "" if incident["began"] else " Nothing is broken yet."
    return f"**Incident** `{incident['symptom']}`, seed `{incident['seed']}`.{yet} All times are UTC."


def _chart(values: pl.DataFrame, name: str, since: datetime | None) -> alt.TopLevelMixin:
    chart = (
        alt.Chart(values)
        .mark_line(color=BLUE, interpolate="step-after")
        .encode(
            alt.X(
                "time:T", title=None, scale=alt.Scale(type="utc"), axis=alt.Axis(tickCount=3, format="%H:%M")
            ),
            alt.Y(
                "value:Q",
                title=None,
                axis=alt.Axis(tickCount=3),
                scale=alt.Scale(zero=name not in ("release", "model")),
            ),
            tooltip=[alt.Tooltip("utchoursminutesseconds(time):T", title="UTC"), "value"],
        )
    )
    if since is not None:
        rule = alt.Chart(pl.DataFrame({"time": [since]})).mark_rule(color=GREY, strokeDash=[4, 3])
        chart = alt.layer(chart, rule.encode(x="time:T"))
    return framed(chart, name, f"{name} by time", 90)


def moment_of(table: pl.DataFrame, since: str) -> datetime | None:
    """Return a time of day (`14:31`, UTC) as a moment before the table's end; None for an empty text or table.

    Raises ValueError for a text that is not a time.
    """
    if not since or table.is_empty():
        return None
    day = table["time"].max()
    try:
        moment = datetime.strptime(since.strip(), "%H:%M").time()
    except ValueError:
        raise ValueError(f"{since!r:.20} is not a time such as 14:31.") from None
    found = day.replace(hour=moment.hour, minute=moment.minute, second=0, microsecond=0)
    return found if found <= day else found - timedelta(days=1)


def _asked(path: str, **parameters: object) -> list[dict]:
    try:
        url = Settings.read(FOLDER).url("prometheus")
    except ValueError:
        raise Away(f"{FOLDER / 'settings.json'} can't be read: delete it, and run `cardshop up`.") from None
    try:
        return prometheus.asked(url, path, **parameters)["result"]
    except (httpx.HTTPError, LookupError, ValueError):
        raise Away(
            "Prometheus doesn't answer, so there is nothing to draw. Run `cardshop up` in a terminal; where Prometheus "
            "is missing, `apt-get install prometheus` (or `brew install prometheus`) installs it."
        ) from None
