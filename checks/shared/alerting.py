"""Alert rules over recordings with incidents planted: the right alert in time, and none where nobody is needed.

What fires when is Prometheus's own answer. Names, windows and thresholds are free: alerts are judged by their severity
and by the minutes at which they fire.
"""

import re
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from cardshop.recordings import ENDS, Kind, Recording, unknown
from grader.engine import Mismatch

SEVERITIES = ("page", "ticket")
FALSE = {
    "few errors": "at this rate the month's budget lasts about a week: that is soon enough in the morning",
    "blip": "three bad minutes stay in a window for its whole length: a five-minute window holds them for eight "
    "minutes, and a window of an hour beside it says that hardly any budget is gone",
    "night": "at night one bad call is a large share of the calls, and still one call",
    "replica": "the other replica answers every call, so no customer notices",
    "idle": "0 / 0 is NaN, which no comparison lets through, so something has made a number of it",
}
"""Why an alert that nobody needs fires, by recordings that more than one task has."""
CLIENT = "the client has given up after three minutes"
AWAY = "while nobody answers Prometheus there are no calls to count, only `up`"


class Rules(NamedTuple):
    """The rules of one file, and the recordings that judge them.

    `false` says why an alert that nobody needs fires, `missed` why one that is due does not: by recording. `asked`
    are metrics one of which the rules have to ask for, and what to say where they ask for none: by recording.
    """

    file: str
    kinds: dict[str, Kind]
    draw: Callable[[str, int], Recording]
    false: dict[str, str]
    missed: dict[str, str]
    reread: str = "What may wake you?"
    asked: dict[str, tuple[str, str]] = {}  # a pattern of metrics, and the words


def told(submission, rules: Rules, names: list[str], seed: int) -> list[tuple[Recording, list[dict]]]:
    """What fires over recordings of these kinds."""
    drawn = [rules.draw(name, seed) for name in names]
    found: dict[str, list[dict]] = {}
    for step in sorted({one.step for one in drawn}):
        some = [one for one in drawn if one.step == step]
        asked = [one.for_promtool() for one in some]
        alerts = submission.read("alert_rules", rules.file, recordings=asked, step=step)
        found |= {one.name: fired for one, fired in zip(some, alerts, strict=True)}
    return [(one, found[one.name]) for one in drawn]


def judge(submission, rules: Rules, names: list[str], seed: int, ends: bool = True) -> None:
    """Expect of each recording that what is due fires, in time, and that nothing else does.

    `ends`: a page also has to end soon after its cause.
    """
    for recording, fired in told(submission, rules, names, seed):
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
        needless(rules, recording, minutes)
        if recording.kind.due:
            due(submission, rules, recording, minutes)
            if ends and recording.kind.due == "page" and recording.ends:
                over(rules, recording, minutes["page"])


def needless(rules: Rules, recording: Recording, minutes: dict[str, dict[int, str]]) -> None:
    """Expect that nothing fires that must not, nor before its cause."""
    kind = recording.kind
    for severity in kind.never:
        if minutes[severity]:
            first = min(minutes[severity])
            raise Mismatch(
                f"no {severity} in the recording “{recording.name}”: {scene(recording)}",
                got=f"`{minutes[severity][first]:.60}` fires at minute {first}",
                because=rules.false.get(recording.name, ""),
                reread=rules.reread,
            )
    early = [minute for minute in minutes.get(kind.due, ()) if minute <= recording.begins]
    if early:
        raise Mismatch(
            f"no {kind.due} before minute {recording.begins} in the recording “{recording.name}”: all is still well",
            got=f"`{minutes[kind.due][min(early)]:.60}` fires at minute {min(early)}",
            because=quiet(recording),
            reread=rules.reread,
        )


def quiet(recording: Recording) -> str:
    before = recording.curve[
        recording.settled * 60 // recording.step : recording.begins * 60 // recording.step
    ]
    counted = recording.shows in ("failed calls", "slow predictions", "refused calls")
    if recording.kind.due != "page" or not counted or not before:
        return ""
    return f"{np.nanmean(before):.2%} are {recording.shows} then, as on every good day"


def due(submission, rules: Rules, recording: Recording, minutes: dict[str, dict[int, str]]) -> None:
    """Expect that what is due fires in time."""
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
            because=strange(submission, rules, recording)
            or unasked(submission, rules, recording)
            or rules.missed.get(recording.name, ""),
            reread=rules.reread,
        )


def over(rules: Rules, recording: Recording, at: dict[int, str]) -> None:
    """Expect that a page ends soon after its cause; `at` has the minutes at which one fires."""
    if max(at) > recording.ends + ENDS:
        raise Mismatch(
            f"the page ends by minute {recording.ends + ENDS} in the recording “{recording.name}”: "
            f"its cause ended at minute {recording.ends}",
            got=f"`{at[max(at)]:.60}` still fires at minute {max(at)}",
            because="a long window remembers what is over: ask a short one, too, whether it goes on",
            reread=rules.reread,
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
    figures = [recording.note] if recording.note else []
    if (
        recording.shows in ("failed calls", "slow predictions", "refused calls")
        and not np.isnan(during).all()
    ):
        figures.insert(0, f"{np.nanmean(during):.1%} {recording.shows}")
    return f"{words} ({', '.join(figures)})" if recording.kind.due and figures else words


def strange(submission, rules: Rules, recording: Recording) -> str:
    """A metric in the rules that the recordings do not have: nothing that asks for it can fire."""
    odd = unknown(submission.file(rules.file), recording)
    return f"no metric here is called `{odd[0]:.80}`, so what asks for it can't fire" if odd else ""


def unasked(submission, rules: Rules, recording: Recording) -> str:
    """What to say about a recording if no rule asks for a metric that shows what happens in it."""
    pattern, words = rules.asked.get(recording.name, ("", ""))
    return "" if re.search(pattern, submission.file(rules.file)) else words


def expect_rules(submission, rules: Rules) -> None:
    """Expect rules that Prometheus takes, in the file that the task names."""
    text = submission.file(rules.file)
    if not re.search(r"^\s*-?\s*['\"]?alert['\"]?\s*:", text, re.MULTILINE) and "alert:" not in text:
        raise Mismatch("at least one rule with `alert:`", got=f"none in {rules.file}")
