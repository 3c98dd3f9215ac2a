"""What alert rules would have done over a recording: what happened, and below it a bar for each alert that fired."""

import tempfile
from pathlib import Path

import altair as alt
import marimo as mo
import polars as pl
import yaml

from cardshop.recordings import ENDS, Kind, Recording, unknown
from grader.engine.inside.notebook import LoadError
from grader.engine.inside.readers import alert_rules
from grader.page.charts import AMBER, BLUE, GREY, RED, framed

COLOURS = {"page": RED, "ticket": AMBER, "none": GREY}
EDGE = 44  # pixels for the labels of the y axis, so that the two charts have one x axis


def controls(kinds: dict[str, Kind]) -> tuple[mo.ui.dropdown, mo.ui.number]:
    """Which recording to look at, and its seed."""
    return (
        mo.ui.dropdown(list(kinds), value=next(iter(kinds)), label="Recording", allow_select_none=False),
        mo.ui.number(1, 99, value=1, label="drawn with seed"),
    )


def text(file: Path) -> str:
    """The rules in a file that somebody edits: nothing where there is no such text."""
    try:
        return file.read_text()
    except (OSError, UnicodeDecodeError):
        return ""


def fired(rules: str, recording: Recording) -> list[dict]:
    """Return which alerts fire once the windows are filled: `alert`, `severity`, and the minutes `begins` and `ends`.

    An alert that stops and fires again has two entries. Raises LoadError for rules that promtool refuses, and where
    promtool is missing.
    """
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "rules.yaml")
        file.write_text(rules, encoding="utf-8")
        (found,) = alert_rules.read(file, [recording.for_promtool()], recording.step)
    spans = [
        {
            "alert": alert["labels"]["alertname"],
            "severity": alert["labels"].get("severity", "none"),
            "begins": begins,
            "ends": ends,
        }
        for alert in found
        for begins, ends in _spans([second // 60 for second in alert["seconds"]], recording)
    ]
    return sorted(spans, key=lambda span: span["begins"])


def shown(rules: str, recording: Recording) -> mo.Html:
    """The recording and what fires in it; or why that cannot be said."""
    try:
        with mo.status.spinner("promtool plays the recording …", remove_on_exit=True):
            alerts = fired(rules, recording)
    except LoadError as error:
        return mo.callout(mo.md(str(error)), kind="warn")
    warned = [mo.callout(mo.md(warning), kind="warn") for warning in doubts(rules, recording)]
    return mo.vstack([*warned, mo.md(told(recording, alerts)), _curve(recording), *_bars(recording, alerts)])


def doubts(rules: str, recording: Recording) -> list[str]:
    """What in rules that Prometheus takes cannot be meant: metrics that do not exist, and labels that nobody reads."""
    found = [
        f"No metric here is called `{name}`, so what asks for it can't fire."
        for name in unknown(rules, recording)
    ]
    for group in (yaml.safe_load(rules) or {}).get("groups") or ():
        for rule in group.get("rules") or ():
            severity = (rule.get("labels") or {}).get("severity")
            if "alert" in rule and severity not in ("page", "ticket"):
                said = f"has the severity `{severity}`" if severity else "has no label `severity`"
                found.append(f"The alert `{rule['alert']}` {said}: write `page` or `ticket`.")
    return found


def told(recording: Recording, alerts: list[dict]) -> str:
    """What was due, and what fired, in two sentences."""
    kind, begins = recording.kind, recording.begins
    due = f"Here {kind.happens}"
    if begins is not None:
        due += f", from minute {begins} on"
    if kind.due:
        due += f". A {kind.due} is due by minute {begins + kind.within}"
        if kind.due == "page" and recording.ends:
            due += f", and it has to end by minute {recording.ends + ENDS}"
    elif kind.never:
        due += f". No {' and no '.join(kind.never)} may fire"
    spans: dict[tuple[str, str], list[str]] = {}
    for one in alerts:
        span = f"from minute {one['begins']} to {one['ends']}"
        spans.setdefault((one["alert"], one["severity"]), []).append(span)
    names = [
        f"`{alert}` ({severity if severity in COLOURS else f'`{severity}` is neither page nor ticket'}) "
        f"fires {' and '.join(found[:3])}{' and again' * (len(found) > 3)}"
        for (alert, severity), found in spans.items()
    ]
    return f"{due}. With your rules {'; '.join(names) or 'nothing fires'}."


def _spans(minutes: list[int], recording: Recording) -> list[tuple[int, int]]:
    """The stretches without a gap in minutes at which an alert fires."""
    step, spans = recording.step // 60, []
    for minute in minutes:
        if minute < recording.settled:
            continue
        if spans and minute - spans[-1][1] <= step:
            spans[-1][1] = minute
        else:
            spans.append([minute, minute])
    return [(begins, min(ends + step, recording.minutes)) for begins, ends in spans]


def _x(recording: Recording, title: str | None) -> alt.X:
    domain = alt.Scale(domain=[0, recording.minutes], nice=False)
    return alt.X("minute:Q", title=title, scale=domain, axis=alt.Axis(labels=title is not None, tickCount=5))


def _curve(recording: Recording) -> alt.TopLevelMixin:
    step = recording.step // 60
    table = pl.DataFrame(
        {"minute": [slot * step for slot in range(len(recording.curve))], "value": recording.curve}
    ).with_columns(pl.col("value").fill_nan(None))
    top = max(table["value"].max() or 0, 0.01)
    share = recording.shows in ("failed calls", "slow predictions", "refused calls")
    axis = alt.Axis(
        tickCount=3, minExtent=EDGE, maxExtent=EDGE, **({"format": "%"} if share and top > 0.02 else {})
    )
    line = (
        alt.Chart(table)
        .mark_line(color=BLUE, interpolate="step-after")
        .encode(
            _x(recording, None),
            alt.Y("value:Q", title=None, scale=alt.Scale(domain=[0, 1.1 * top]), axis=axis),
            tooltip=["minute", "value"],
        )
    )
    layers = [line]
    if recording.begins is not None:
        ends = recording.ends or recording.minutes
        cause = pl.DataFrame({"minute": [recording.begins], "ends": [ends]})
        band = alt.Chart(cause).mark_rect(color=GREY, opacity=0.2).encode(_x(recording, None), x2="ends:Q")
        layers = [band, line]
    words = f"{recording.shows} by minute, with the time of the cause shaded"
    return framed(alt.layer(*layers), f"{recording.shows}, by minute", words, 130)


def _bars(recording: Recording, alerts: list[dict]) -> list[alt.TopLevelMixin]:
    """One row for each alert; nothing where none fired."""
    if not alerts:
        return []
    rows = [{**one, "minute": one["begins"], "colour": COLOURS.get(one["severity"], GREY)} for one in alerts]
    table = pl.DataFrame(rows)
    names = table["alert"].unique(maintain_order=True).to_list()
    y = alt.Y(
        "alert:N",
        title=None,
        sort=names,
        axis=alt.Axis(labels=False, minExtent=EDGE, maxExtent=EDGE),
        scale=alt.Scale(paddingInner=0.6, paddingOuter=0.5),
    )
    bars = (
        alt.Chart(table)
        .mark_bar()
        .encode(
            _x(recording, "minute"),
            alt.X2("ends:Q"),
            y,
            alt.Color("colour:N", scale=None),
            tooltip=["alert", "severity", "begins", "ends"],
        )
    )
    firsts = table.group_by("alert", maintain_order=True).first()
    label = pl.concat_str("alert", pl.lit(" ("), "severity", pl.lit(")"))
    text = (
        alt.Chart(firsts.with_columns(minute=pl.lit(0), label=label))
        .mark_text(align="left", baseline="bottom", dy=-8, dx=2)
        .encode(_x(recording, "minute"), y, text="label:N")
    )
    what = "; ".join(f"{one['alert']} from minute {one['begins']} to {one['ends']}" for one in alerts[:20])
    return [framed(alt.layer(bars, text), "", f"alerts: {what}", 20 + 44 * len(names))]
