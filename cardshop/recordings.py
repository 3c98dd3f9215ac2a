"""Recorded hours of the stack: the series that Prometheus had, what went wrong in them, and which alert was due.

`SERVICE` and `MODEL` are the kinds of recordings. A recording is drawn by its kind and a seed.
"""

from typing import Literal, NamedTuple

Severity = Literal["page", "ticket"]


class Kind(NamedTuple):
    """What happens in a recording. A `due` alert fires at most `within` minutes after it began; "" means none is due.

    `never` are the severities that must not fire at any time.
    """

    happens: str
    due: Severity | Literal[""] = ""
    within: int = 0
    never: tuple[Severity, ...] = ()


SERVICE = {
    "errors": Kind("5 to 60 % of the calls fail", "page", 25),
    "bursts": Kind("20 to 40 % of the calls fail, in one minute of four", "page", 25),
    "crashes": Kind("6 to 10 % of the calls fail, and the replicas restart every few minutes", "page", 25),
    "some errors": Kind("2 to 3 % of the calls fail", "page", 60),
    "few errors": Kind("0.4 to 0.5 % of the calls fail, all day", "ticket", 24 * 60, ("page",)),
    "slow": Kind("50 to 90 % of the predictions are slow", "page", 25),
    "some slow": Kind("20 to 30 % of the predictions are slow", "page", 60),
    "few slow": Kind("4 to 5 % of the predictions are slow, all day", "ticket", 24 * 60, ("page",)),
    "away": Kind("no replica answers Prometheus", "page", 10),
    "well": Kind("a day on which all is well", never=("page", "ticket")),
    "blip": Kind("for three minutes, up to 15 % of the calls fail or all predictions are slow", never=("page",)),
    "night": Kind("one or two calls come in a minute, and at most nine are bad", never=("page",)),
    "release": Kind("each replica restarts once, and is away for two minutes at most", never=("page",)),
    "replica": Kind("one of two replicas is away for an hour, and the other answers", never=("page",)),
    "idle": Kind("no calls come for an hour", never=("page",)),
    "refused": Kind("20 to 40 % of the calls are refused with 422", never=("page",)),
}
"""Recordings of the service, for its objectives. A page that was due ends within `ENDS` minutes after its cause."""

MODEL = {
    "refused": Kind("20 to 60 % of the calls to `/v1/predict` are refused with 422", "page", 15),
    "no model": Kind("no model has the alias `champion`", "page", 10),
    "no cards": Kind("no card was predicted for two hours", "page", 30),
    "quality": Kind("the accuracy's interval lies below 0.6, with 200 labels or more", "page", 60),
    "drift": Kind("the PSI of a feature rises above 0.2 and stays there", "ticket", 120, ("page",)),
    "stale": Kind("the last label is older than seven days", "ticket", 120, ("page",)),
    "blind": Kind("the monitor does not answer Prometheus", "ticket", 30, ("page",)),
    "well": Kind("a day on which all is well: PSI up to 0.18, 2 % refused", never=("page", "ticket")),
    "spike": Kind("the PSI of a feature is above 0.2 for twenty minutes", never=("page", "ticket")),
    "client": Kind("a broken client sends 200 calls in three minutes and gives up", never=("page",)),
    "night": Kind("a few calls come in an hour, and at most nine are refused", never=("page",)),
    "pause": Kind("nobody scans for ninety minutes", never=("page", "ticket")),
    "promotion": Kind("the alias moves to another version, and for three minutes no model has it", never=("page",)),
    "few labels": Kind("the accuracy's interval lies below 0.6, with 150 labels at most", never=("page",)),
    "unsure": Kind("the accuracy is below 0.6, and its interval reaches above", never=("page",)),
    "restart": Kind("the monitor restarts, and is away for three minutes", never=("page", "ticket")),
}
"""Recordings of the model and its monitor."""

ENDS = 40
"""Minutes after its cause in which a page has to end."""


def table(kinds: dict[str, Kind]) -> str:
    """What is due in each kind of recording, as a table in Markdown."""
    rows = ["| recording | what happens | what has to fire | what must not |", "|---|---|---|---|"]
    for name, kind in kinds.items():
        due = f"a {kind.due} within {_time(kind.within)}" if kind.due else ""
        never = " or ".join(f"a {severity}" for severity in kind.never)
        rows.append(f"| {name} | {kind.happens} | {due} | {never} |")
    return "\n".join(rows)


def _time(minutes: int) -> str:
    return f"{minutes} minutes" if minutes < 90 else f"{minutes // 60} hours"
