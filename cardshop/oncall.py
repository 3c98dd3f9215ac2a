"""Incidents of a small service, as somebody on call finds them: an alert, metrics, logs, requests, and the code.

What went wrong is recorded apart, in the part of the world that submissions cannot read.
"""

from typing import NamedTuple

import polars as pl

ALERTS = {
    "latency": "The slowest 5 % of requests take 2,000 ms or more. Yesterday it was 50 ms.",
    "confidence": "The mean probability of the predicted type is below 0.6. Usually it is above 0.8.",
    "fire": "A partner writes: all my cards are sorted as Fire.",
}
CAUSES = {
    "wait": "the service waits too long for other requests to join a batch",
    "load": "the model is read from disk for each card",
    "lookup": "a slow call to another service is made for each card",
    "large": "a client sends far more cards in a request",
    "size": "a new version of the model is many times larger",
    "temperature": "a setting makes all probabilities more alike",
    "unit": "clients send the stats in another unit",
    "gap": "the scanners have stopped reading some stats",
    "labels": "a new version of the model has learned from wrong labels",
    "cache": "one card gets the answer that was kept for another",
    "bias": "a new version of the model prefers one type, whatever the card",
    "fallback": "an error is caught, and a fixed answer is given in its place",
    "renamed": "clients use other names for the stats, and unknown fields are ignored",
}
"""The words for a diagnosis."""

METRICS = {
    "p50_ms": "half of the requests take less",
    "p95_ms": "19 of 20 requests take less",
    "errors": "answers with a status of 500 or more, in a minute",
    "cpu": "share of the processor in use",
    "cards_per_request": "cards in a request, on average",
    "queue_ms": "a request waits for others",
    "load_ms": "reading the model, for a request",
    "lookup_ms": "calls to other services, for a request",
    "predict_ms": "computing the answer, for a request",
    "confidence": "probability of the predicted type",
    "share_fire": "share of cards that are predicted Fire",
    "share_null": "share of stats that were sent as null, or not at all",
    "mean_stat": "mean of the stats that were sent",
    "unknown_fields": "fields that nobody knows, for a card",
    "cache_hits": "share of cards whose answer was kept",
    "fallbacks": "answers that were given in place of an error",
    "release": "number of the release that runs",
    "model": "number of the model that answers",
    "settings": "number of the settings that apply",
}
"""What the service measures; a row of the table for each minute."""

LIMIT, LOST, WRONG = 1_000, 0.5, 2.0
"""Milliseconds after which a client gives up; EUR for a request that is given up, and for a card in a wrong box."""


class Incident(NamedTuple):
    """What somebody on call finds. `requests` has `minute`, `client`, `cards`, `ms`, `wrong` (cards in a wrong box)."""

    alert: str
    metrics: pl.DataFrame  # minute, METRICS
    logs: list[dict]
    requests: pl.DataFrame
    before: dict  # the body of a request of the first minutes
    after: dict  # and of one of the last
    files: dict[str, str]  # service.py, settings.json
    earlier: str  # service.py before the release of this hour
    folder: list[str]  # what else lies beside them


def incidents(seed: int) -> dict[str, Incident]:
    """Return one incident for each of ALERTS. Raises ModuleNotFoundError where submissions are graded."""
    from cardshop.world.truth.incidents import drawn

    return {alert: one.incident for alert, one in drawn(seed).items()}


def shift(metrics: pl.DataFrame, name: str, since: int) -> tuple[float, float]:
    """Return the mean of a metric before the minute `since`, and from it on."""
    early = metrics["minute"] < since
    return float(metrics.filter(early)[name].mean()), float(metrics.filter(~early)[name].mean())


def patched(files: dict[str, str], edits: dict[str, list]) -> dict[str, str]:
    """Return files after edits: for each name pairs of an old text, which occurs once, and a new one.

    Raises ValueError where a file or a text is not there, or occurs twice.
    """
    found = dict(files)
    for name, pairs in edits.items():
        if name not in found:
            raise ValueError(f"there is no file {name!r:.60}; the files are {', '.join(files)}")
        for old, new in pairs:
            if (times := found[name].count(old)) != 1:
                raise ValueError(f"{old!r:.80} occurs {times} times in {name}, and has to occur once")
            found[name] = found[name].replace(old, new)
    return found
