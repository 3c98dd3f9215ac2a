"""6.2: alert rules over recordings with incidents planted: the right alert in time, and none where nobody is needed.

What fires when is Prometheus's own answer. Names, windows and thresholds are free: alerts are judged by their severity
and by the minutes at which they fire. What is due is known here alone (cardshop/recordings.py draws it from the seed).
"""

import re

import numpy as np

from cardshop import recordings
from cardshop.recordings import ENDS, Recording
from grader.engine import Mismatch, checks

BURN = "When does it wake somebody?"
FILES = {"6.2a": "alerts/service.yaml", "6.2b": "alerts/model.yaml"}
DRAW = {"6.2a": recordings.service, "6.2b": recordings.model}
KINDS = {"6.2a": recordings.SERVICE, "6.2b": recordings.MODEL}
SEVERITIES = ("page", "ticket")

FALSE = {  # why an alert that nobody needs fires, by task and recording
    (
        "6.2a",
        "few errors",
    ): "at this rate the month's budget lasts about a week: that is soon enough in the morning",
    (
        "6.2a",
        "few slow",
    ): "at this rate the month's budget lasts about a week: that is soon enough in the morning",
    ("6.2a", "blip"): "a window of five minutes keeps three bad minutes for eight",
    ("6.2a", "night"): "at night one bad call is a large share of the calls, and still one call",
    ("6.2a", "release"): "while a replica restarts, its counters begin at 0 and `/ready` answers 503, "
    "which is no call under `/v1/`",
    ("6.2a", "replica"): "the other replica answers every call, so no customer notices",
    ("6.2a", "idle"): "0 / 0 is NaN, which no comparison lets through, so something has made a number of it",
    ("6.2a", "refused"): "a 422 is the client's mistake: the service has answered as promised",
    ("6.2b", "spike"): "it is over after twenty minutes, before anybody could look",
    ("6.2b", "client"): "the client has given up after three minutes",
    ("6.2b", "night"): "at night one refused call is a large share of the calls, and still one call",
    ("6.2b", "pause"): "nobody scans at that time, and the scanner works",
    ("6.2b", "promotion"): "the alias has moved to a version that answers",
    ("6.2b", "few labels"): "150 labels are no evidence: the task asks for 200",
    ("6.2b", "unsure"): "the interval says that the accuracy may well be above 0.6",
    ("6.2b", "restart"): "a monitor that restarts is back after three minutes",
    ("6.2b", "drift"): "drift is a reason to look, and not yet a loss",
    ("6.2b", "stale"): "old labels are a reason to look, and not yet a loss",
    ("6.2b", "blind"): "the service goes on without its monitor",
}
MISSED = {  # why an alert that is due does not fire
    (
        "6.2a",
        "bursts",
    ): "`for` begins anew whenever the condition does not hold, and between bursts it does not",
    (
        "6.2a",
        "crashes",
    ): "a counter begins at 0 whenever its replica restarts: `rate` and `increase` allow for that, "
    "a subtraction and `delta` do not",
    ("6.2a", "slow"): "count the predictions above 0.5 s: many slow ones among quick ones hardly move a mean",
    (
        "6.2a",
        "some slow",
    ): "count the predictions above 0.5 s: many slow ones among quick ones hardly move a mean",
    ("6.2a", "away"): "while nobody answers Prometheus there are no calls to count, only `up`",
    ("6.2b", "no model"): "the series ends with the model, and what is not there equals nothing, not even 0",
    ("6.2b", "no cards"): "the time of the last card stays as it is while `time()` goes on",
    ("6.2b", "quality"): "compare the upper end of the interval with 0.6",
    ("6.2b", "drift"): "PSI is a gauge: it says how far a feature has moved, so compare it as it is",
    ("6.2b", "stale"): "the time of the last label stays as it is while `time()` goes on",
    ("6.2b", "blind"): "the monitor's gauges are missing now, so no comparison with them holds: `up` knows",
}


def told(submission, task: str, names: list[str], seed: int) -> list[tuple[Recording, list[dict]]]:
    """What fires over recordings of these kinds."""
    drawn = [DRAW[task](name, seed) for name in names]
    found: dict[str, list[dict]] = {}
    for step in sorted({one.step for one in drawn}):
        some = [one for one in drawn if one.step == step]
        asked = [one.for_promtool() for one in some]
        alerts = submission.read("alert_rules", FILES[task], recordings=asked, step=step)
        found |= {one.name: fired for one, fired in zip(some, alerts, strict=True)}
    return [(one, found[one.name]) for one in drawn]


def judge(submission, task: str, names: list[str], seed: int) -> None:
    """Expect of each recording that what is due fires, in time, and that nothing else does."""
    for recording, fired in told(submission, task, names, seed):
        minutes: dict[str, dict[int, str]] = {severity: {} for severity in SEVERITIES}
        for alert in fired:
            name, severity = alert["labels"].get("alertname", ""), alert["labels"].get("severity")
            if severity not in SEVERITIES:
                raise Mismatch(
                    f"a label `severity` with page or ticket on the alert `{name:.60}`",
                    got=f"`{severity:.40}`" if severity else "none",
                )
            for second in alert["seconds"]:
                if second // 60 >= recording.settled:
                    minutes[severity].setdefault(second // 60, name)
        needless(task, recording, minutes)
        if recording.kind.due:
            due(submission, task, recording, minutes)


def needless(task: str, recording: Recording, minutes: dict[str, dict[int, str]]) -> None:
    """Expect that nothing fires that must not, nor before its cause."""
    kind = recording.kind
    for severity in kind.never:
        if minutes[severity]:
            first = min(minutes[severity])
            raise Mismatch(
                f"no {severity} in the recording “{recording.name}”: {scene(recording)}",
                got=f"`{minutes[severity][first]:.60}` fires at minute {first}",
                because=FALSE.get((task, recording.name), ""),
                reread=BURN,
            )
    early = [minute for minute in minutes.get(kind.due, ()) if minute <= recording.begins]
    if early:
        raise Mismatch(
            f"no {kind.due} before minute {recording.begins} in the recording “{recording.name}”: all is still well",
            got=f"`{minutes[kind.due][min(early)]:.60}` fires at minute {min(early)}",
            because=quiet(task, recording),
            reread=BURN,
        )


def quiet(task: str, recording: Recording) -> str:
    before = recording.curve[
        recording.settled * 60 // recording.step : recording.begins * 60 // recording.step
    ]
    if recording.shows not in ("failed calls", "slow predictions", "refused calls") or not before:
        return ""
    return f"{np.nanmean(before):.2%} are {recording.shows} then, as on every good day"


def due(submission, task: str, recording: Recording, minutes: dict[str, dict[int, str]]) -> None:
    """Expect that what is due fires in time, and that a page ends soon after its cause."""
    kind, latest = recording.kind, recording.begins + recording.kind.within
    at = minutes[kind.due]
    if not at or min(at) > latest:
        others = [severity for severity in SEVERITIES if severity != kind.due and minutes[severity]]
        got = f"the first {kind.due} fires at minute {min(at)}" if at else f"no {kind.due} fires"
        if not at and others:
            first = min(minutes[others[0]])
            got += f", but the {others[0]} `{minutes[others[0]][first]:.60}` at minute {first}"
        raise Mismatch(
            f"a {kind.due} by minute {latest} in the recording “{recording.name}”: {scene(recording)}",
            got=got,
            because=strange(submission, task, recording) or MISSED.get((task, recording.name), ""),
            reread=BURN,
        )
    if kind.due == "page" and recording.ends and max(at) > recording.ends + ENDS:
        raise Mismatch(
            f"the page ends by minute {recording.ends + ENDS} in the recording “{recording.name}”: "
            f"its cause ended at minute {recording.ends}",
            got=f"`{at[max(at)]:.60}` still fires at minute {max(at)}",
            because="a long window remembers what is over: ask a short one, too, whether it goes on",
            reread=BURN,
        )


def scene(recording: Recording) -> str:
    """What happens, with the numbers of this recording."""
    words = recording.kind.happens
    if recording.begins is None:
        return words
    words += f", from minute {recording.begins} on"
    slots = slice(
        recording.begins * 60 // recording.step + 1,
        (recording.ends or recording.minutes) * 60 // recording.step,
    )
    during = recording.curve[slots]
    if recording.kind.due and recording.shows in ("failed calls", "slow predictions", "refused calls"):
        words += f" ({np.nanmean(during):.1%} {recording.shows})"
    return words


def strange(submission, task: str, recording: Recording) -> str:
    """A metric in the rules that the recordings do not have: nothing that asks for it can fire."""
    lines = [line for line in submission.file(FILES[task]).splitlines() if not line.lstrip().startswith("#")]
    text = "\n".join(lines)
    own = set(re.findall(r"record:\s*['\"]?([\w:]+)", text))
    known = {name.partition("{")[0] for name in recording.series}
    odd = sorted(set(re.findall(r"\bcardshop_\w+", text)) - own - known)
    return f"no metric here is called `{odd[0]:.80}`, so what asks for it can't fire" if odd else ""


def expect_rules(submission, task: str) -> None:
    """Expect rules that Prometheus takes, in the file that the task names."""
    text = submission.file(FILES[task])
    if not re.search(r"^\s*-?\s*['\"]?alert['\"]?\s*:", text, re.MULTILINE) and "alert:" not in text:
        raise Mismatch("at least one rule with `alert:`", got=f"none in {FILES[task]}")


@checks("6.2a", weight=0)
def test_one_incident(submission, seed):
    """Prometheus takes the rules. They page while many calls fail, and not while clients are refused."""
    expect_rules(submission, "6.2a")
    judge(submission, "6.2a", ["errors", "refused"], seed)


@checks("6.2a", weight=2)
def test_fast(submission, seed):
    """Pages within 25 minutes: errors in bursts, errors between restarts, slow predictions."""
    judge(submission, "6.2a", ["bursts", "crashes", "slow"], seed)


@checks("6.2a", weight=1)
def test_soon(submission, seed):
    """Pages within the hour where a smaller share is bad; each page ends soon after its cause."""
    judge(submission, "6.2a", ["some errors", "some slow"], seed)


@checks("6.2a", weight=1)
def test_away(submission, seed):
    """Pages when no replica answers, and not when one is away or both restart in turn."""
    judge(submission, "6.2a", ["away", "replica", "release"], seed)


@checks("6.2a", weight=2)
def test_quiet(submission, seed):
    """Lets everybody sleep through a blip, a night with few calls, and an hour without any."""
    judge(submission, "6.2a", ["blip", "night", "idle"], seed)


@checks("6.2a", weight=2)
def test_days(submission, seed):
    """Writes a ticket, and no page, where the budget burns slowly all day; nothing on a good day."""
    judge(submission, "6.2a", ["few errors", "few slow", "well"], seed)


@checks("6.2a", weight=10, public=False, live=False)
def test_other_hours(submission, seed):
    """Holds in other recordings of every kind."""
    judge(submission, "6.2a", list(KINDS["6.2a"]), seed)


@checks("6.2b", weight=0)
def test_refused(submission, seed):
    """Prometheus takes the rules. They page while many calls are refused, and not while nobody scans."""
    expect_rules(submission, "6.2b")
    judge(submission, "6.2b", ["refused", "pause"], seed)


@checks("6.2b", weight=2)
def test_pages(submission, seed):
    """Pages when no model is the champion, when no card comes, and when the predictions are surely worse."""
    judge(submission, "6.2b", ["no model", "no cards", "quality"], seed)


@checks("6.2b", weight=2)
def test_tickets(submission, seed):
    """Writes a ticket, and no page, for drift, for old labels, and for a monitor that is away."""
    judge(submission, "6.2b", ["drift", "stale", "blind"], seed)


@checks("6.2b", weight=2)
def test_short(submission, seed):
    """Is silent about what is over in a moment: a broken client, a promotion, a restart, a spike."""
    judge(submission, "6.2b", ["client", "promotion", "restart", "spike"], seed)


@checks("6.2b", weight=2)
def test_evidence(submission, seed):
    """Is silent without evidence: a night, few labels, an interval that reaches above 0.6, a good day."""
    judge(submission, "6.2b", ["night", "few labels", "unsure", "well"], seed)


@checks("6.2b", weight=10, public=False, live=False)
def test_other_days(submission, seed):
    """Holds in other recordings of every kind."""
    judge(submission, "6.2b", list(KINDS["6.2b"]), seed)
