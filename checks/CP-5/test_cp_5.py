"""CP-5: three incidents of one night: the cause with a number that shows it, a repair that runs, and the cost.

The incidents are drawn by the seed that the answers name; who grades sees it. Answers are about three incidents
and not a program for all of them, because that is what being on call is; the repair and the cost are judged by
requests that nobody has seen.
"""

import math
import re
from functools import partial

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cardshop.oncall import ALERTS, CAUSES, LIMIT, LOST, METRICS, WRONG, patched, shift
from cardshop.world.truth.incidents import FAULTS, Drawn, answers, bodies, drawn
from checks.shared.seeds import seed_of, told
from grader.engine import Mismatch, Raised, Request, Response, checks, expect, kind_of, remembered

EVIDENCE = "Is anything wrong with what comes in?"
TIME = "Where do the milliseconds go?"
ALERT = pytest.mark.parametrize("alert", list(ALERTS))
CLOSE = 0.02  # of a stated mean, and as much for means near 0
MOST = 100  # cards in a request that has to be answered
MOST_TEXT = 600  # characters, of all edits for an alert
SLOWER = 3  # times, that the broken service takes


@remembered
def night(seed: int) -> dict[str, Drawn]:
    """The incidents of a seed, and the truth about them."""
    return drawn(seed)


def of_seed(answer: object) -> tuple[dict, dict[str, Drawn]]:
    """An answer whose form is right, and the incidents it is about."""
    if not isinstance(answer, dict) or not {"seed", *ALERTS} <= set(answer):
        raise Mismatch(f"a dict with seed, {', '.join(ALERTS)}", got=kind_of(answer))
    return answer, night(seed_of(answer))


# --- CP-5a


def diagnosed(submission, alert: str) -> str:
    """Why a report isn't right, in a sentence; empty if it is."""
    answer, incidents = of_seed(told(submission, "reports"))
    said, true = answer[alert], incidents[alert]
    if not isinstance(said, dict) or not {"cause", "since", "metric", "before", "after"} <= set(said):
        raise Mismatch(f"cause, since, metric, before and after for {alert}", got=f"{said!r:.150}")
    cause, since, metric = said["cause"], said["since"], said["metric"]
    if cause not in CAUSES:
        raise Mismatch(f"one of {', '.join(CAUSES)} as the cause", got=f"{cause!r:.60}")
    if metric not in METRICS:
        raise Mismatch(f"one of {', '.join(METRICS)} as the metric", got=f"{metric!r:.60}")
    metrics = true.incident.metrics
    if isinstance(since, bool) or not isinstance(since, int) or not 1 <= since < metrics.height:
        raise Mismatch(f"a minute from 1 to {metrics.height - 1} as since", got=f"{since!r:.40}")
    for name, value in zip(("before", "after"), shift(metrics, metric, since), strict=True):
        stated = said[name]
        if isinstance(stated, bool) or not isinstance(stated, int | float | np.number):
            raise Mismatch(f"a number as {name}", got=f"{stated!r:.40}")
        if not abs(stated - value) <= CLOSE * max(abs(value), 1 if value > 1 else 0.5):
            return f"the mean of {metric} {name} minute {since} is not {stated:.4g}"
    if cause != true.cause:
        wrong = FAULTS[cause]
        if wrong.alert != alert:
            return f"{cause} is a cause of another alert"
        shown = wrong.shows[0]
        early, late = metrics[shown][true.since - 1], metrics[shown][true.since]
        moved = f"{shown} would have moved in minute {true.since}, and went from {early:.4g} to {late:.4g}"
        return f"{cause} is not the cause: {moved}"
    if metric not in FAULTS[cause].shows:
        return f"{metric} doesn't tell {cause} from the other causes of this alert"
    if abs(since - true.since) > 1:
        early = metrics.filter(minute=min(since, true.since) - 1)[metric].item()
        return f"minute {since} is not the first: look when {metric} left its level of {early:.4g}"
    return ""


@checks("CP-5a", weight=0)
def test_one_report(submission):
    """Is right about one of the three alerts."""
    problems = [diagnosed(submission, alert) for alert in ALERTS]
    expect(not all(problems), "a right report about one alert", because=problems[0], reread=EVIDENCE)


@checks("CP-5a", weight=2)
@ALERT
def test_report(submission, alert):
    """Names cause, minute and evidence of this alert"""
    if problem := diagnosed(submission, alert):
        raise Mismatch(f"a right report about {alert}", because=problem, reread=EVIDENCE)


@checks("CP-5a", weight=6)
def test_all_reports(submission, record_property):
    """Is right about all three."""
    record_property("seed", of_seed(told(submission, "reports"))[0]["seed"])
    wrong = sum(bool(diagnosed(submission, alert)) for alert in ALERTS)
    expect(not wrong, "three right reports", got=f"{wrong} wrong ones")


# --- CP-5b


def files_of(submission, alert: str) -> tuple[Drawn, dict[str, str]]:
    """An incident, and the files of the service after the edits."""
    answer, incidents = of_seed(told(submission, "repairs"))
    edits, true = answer[alert], incidents[alert]
    if not isinstance(edits, dict) or not all(isinstance(pairs, list | tuple) for pairs in edits.values()):
        raise Mismatch(f"a dict from file to a list of edits for {alert}", got=f"{edits!r:.150}")
    for pairs in edits.values():
        for pair in pairs:
            if (
                not isinstance(pair, list | tuple)
                or len(pair) != 2
                or not all(isinstance(one, str) for one in pair)
            ):
                raise Mismatch("pairs of an old text and a new one", got=f"{pair!r:.150}")
    added = sum(len(new) for pairs in edits.values() for _, new in pairs)
    expect(
        added <= MOST_TEXT,
        f"at most {MOST_TEXT} characters of new text for {alert}",
        got=f"{added}",
        because="at night nobody deploys another service",
    )
    try:
        return true, patched(true.incident.files, edits)
    except ValueError as error:
        raise Mismatch(f"edits that can be made for {alert}", because=str(error)) from None


def served(
    submission, true: Drawn, files: dict[str, str], bodies: list[dict]
) -> tuple[list[Response], float]:
    """The responses to requests at the same time, after one that warms up, and the seconds they took.

    The code is started by `serve` as it was handed out, in a process that has nothing else of the submission.
    """
    side = submission.shipped
    side.close()
    folder = side.folder({**true.models, "settings.json": files["settings.json"]})
    try:
        with side.asgi("serve", files["service.py"], folder) as client:
            client.post("/v1/predict", json=bodies[-1])
            responses = client.gather([Request("POST", "/v1/predict", json=body) for body in bodies])
            return responses, client.seconds
    except Raised as error:
        alert = true.incident.alert
        raise Mismatch(
            f"a service for {alert} that starts", because=f"{error.type}: {error.message}"[:300]
        ) from None


def judged(response: Response, body: dict, true: Drawn, what: str) -> None:
    """Expect the answers of the good model."""
    cards = body["cards"]
    if response.error is not None:
        raise Mismatch(
            f"an answer to {what}", because=f"{response.error.type}: {response.error.message}"[:300]
        )
    if len(cards) > MOST and response.status in (413, 422):
        return
    if response.status != 200:
        raise Mismatch(f"an answer to {what}", got=f"{response.status}: {response.text:.150}")
    answer = response.json()
    found = answer.get("predictions") if isinstance(answer, dict) else None
    if not isinstance(found, list) or len(found) != len(cards):
        raise Mismatch(f"{len(cards)} predictions for {what}", got=f"{response.text:.150}")
    right = sum(
        isinstance(one, dict)
        and one.get("card_type") == kind
        and isinstance(one.get("probability"), int | float)
        and abs(one["probability"] - probability) < 1e-4
        for one, (kind, probability) in zip(found, answers(true.models, body), strict=True)
    )
    expect(
        right == len(cards),
        f"type and probability of the good model for all {len(cards)} cards of {what}",
        got=f"{right} right ones",
        because=f"a card got {found[0]!r:.150}" if not right else "",
    )


def mended(submission, alert: str, seed: int) -> None:
    """Expect a repair: right answers to what clients send now and sent before, and in time."""
    true, files = files_of(submission, alert)
    large, sent = FAULTS[true.cause].cards, partial(bodies, true.cause)
    now = sent(seed, 4) if large <= MOST else sent(seed, 2, large) + sent(seed, 4)
    twins = [
        card | {"card_id": first["card_id"]}
        for card, first in zip(sent(seed + 2, 1)[0]["cards"], now[-1]["cards"], strict=True)
    ]
    now.append({"cards": twins})  # cards that were scanned again: other stats under the same ids
    before = sent(seed + 1, 3, hit=False)
    responses, seconds = served(submission, true, files, now + before)
    for number, (response, body) in enumerate(zip(responses, now + before, strict=True)):
        what = "a request of last night" if number < len(now) else "a request as before the incident"
        judged(response, body, true, what)
    if alert == "latency":
        seconds = min(seconds, served(submission, true, files, now + before)[1])  # a busy moment may pass
        _, slow = served(submission, true, true.incident.files, now + before)
        expect(
            SLOWER * seconds <= slow,
            f"a third of the time of the broken service, or less: {slow / SLOWER:.2g} s for {len(responses)} requests",
            got=f"{seconds:.2g} s",
            because="the cause of the delay is still there",
            reread=TIME,
        )


@checks("CP-5b", weight=0)
def test_one_repair(submission):
    """Mends one of the three services."""
    problems = []
    for alert in ("confidence", "fire", "latency"):
        try:
            mended(submission, alert, 1)
            return
        except Mismatch as error:
            problems.append(error)
    raise problems[0]


@checks("CP-5b", weight=2)
@ALERT
def test_repair(submission, alert):
    """Mends this service and harms nobody"""
    mended(submission, alert, 2)


@checks("CP-5b", weight=8, public=False, live=False)
def test_all_repairs(submission, seed, record_property):
    """Mends all three, judged by requests that nobody has seen."""
    record_property("seed", of_seed(told(submission, "repairs"))[0]["seed"])
    for alert in ALERTS:
        mended(submission, alert, seed % 10**9)


# --- CP-5c


def true_impact(rows: list[tuple[int, float, int]], since: int, minutes: int, limit: float = LIMIT) -> float:
    """What the incident has cost, as the task defines it; a request is given up above `limit`."""
    costs = [0.0] * minutes
    for minute, ms, wrong in rows:
        costs[minute] += (LOST if ms > limit else 0) + WRONG * wrong
    return sum(costs[since:]) - (minutes - since) * sum(costs[:since]) / since


@st.composite
def hours(draw: st.DrawFn) -> tuple[list[tuple[int, float, int]], int, int]:
    """Requests with holes, in any order, times at the limit, and an incident at any minute."""
    minutes = draw(st.integers(2, 9))
    row = st.tuples(
        st.integers(0, minutes - 1), st.sampled_from([20.0, 999.0, 1000.0, 1000.5, 2400.0]), st.integers(0, 5)
    )
    return draw(st.lists(row, min_size=1, max_size=12)), draw(st.integers(1, minutes - 1)), minutes


def costs_that(submission, rows: list[tuple[int, float, int]], since: int, minutes: int) -> None:
    table = pl.DataFrame(
        {
            "minute": [row[0] for row in rows],
            "client": ["app"] * len(rows),
            "cards": [20] * len(rows),
            "ms": [row[1] for row in rows],
            "wrong": [row[2] for row in rows],
        }
    )
    answer, true = submission.impact(table, since, minutes), true_impact(rows, since, minutes)
    if isinstance(answer, bool) or not isinstance(answer, int | float | np.number):
        raise Mismatch("a number", got=f"{answer!r:.60}")
    if abs(answer - true) <= 1e-6:
        return
    seen = sorted({row[0] for row in rows})
    cost = [(minute, (LOST if ms > LIMIT else 0) + WRONG * wrong) for minute, ms, wrong in rows]
    late, early = (sum(one for minute, one in cost if (minute >= since) is part) for part in (True, False))
    early_seen, late_seen = (sum((minute >= since) is part for minute in seen) for part in (False, True))
    said = {
        f"a request of exactly {LIMIT} ms isn't given up": true_impact(rows, since, minutes, LIMIT - 1e-9),
        "there are minutes without requests": late - early / max(early_seen, 1) * (minutes - since),
        "there are minutes without requests, ": late - early / max(early_seen, 1) * late_seen,
        "what an ordinary time would have cost was not taken off": late or math.nan,
    }
    because = next((why for why, value in said.items() if abs(answer - value) <= 1e-6), "").rstrip(", ")
    raise Mismatch(f"{true:.2f} EUR", got=f"{answer:.2f}", because=because)


@checks("CP-5c", weight=0)
def test_example(submission):
    """Is right for the example and for a second table."""
    costs_that(submission, [(0, 30.0, 1), (2, 1500.0, 0), (3, 40.0, 5)], 2, 4)
    costs_that(submission, [(0, 30.0, 0), (1, 1500.0, 2), (2, 1500.0, 3)], 2, 3)


@checks("CP-5c", weight=3, examples=(20, 100))
@given(hour=hours())
def test_every_hour(submission, hour):
    """Is right for hours with holes, times at the limit, and incidents at any minute."""
    costs_that(submission, *hour)


@checks("CP-5c", weight=5, public=False, examples=(5, 40))
@given(hour=hours())
def test_other_hours(submission, hour):
    """All rules together, on other hours."""
    costs_that(submission, *hour)


# --- CP-5d

LONG = 80  # words


@checks("CP-5d")
def test_postmortem(submission):
    """Has eighty words or more for a reviewer to read."""
    words = re.findall(r"[^\W\d_]{2,}", submission.text("postmortem").lower())
    expect(len(words) >= LONG, f"{LONG} words or more", got=f"{len(words)} words")
