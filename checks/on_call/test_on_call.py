"""An incident in the running stack: the cause with its evidence, a repair that runs, and the post-mortem.

The incident is drawn by a symptom and a seed that the answers name; who grades sees them. What the learner has measured
was live and cannot be computed again, so it is judged by its direction. The repair is judged as code: it is started
beside the sound model, and gets what clients send in this incident, what they sent before, and what nobody may send.
"""

import json
import re
import time
import tomllib
from datetime import datetime
from math import isfinite

import numpy as np

from cardshop.incidents import CAUSES, METRICS, SYMPTOMS
from cardshop.world.truth.breakages import FAULTS, drawn, fault
from cardshop.world.truth.breakages.fault import Fault
from checks.shared.releases import Sent, before, files, lines, requests
from checks.shared.seeds import seed_of, told
from grader.engine import Mismatch, Raised, Request, Response, checks, expect, kind_of

DOWN = ("accuracy", "confidence")
"""Metrics that fall when something is wrong; the others rise."""
MOVED = 0.1  # of the larger of both means
EARLY, LATE = 1, 3  # minutes by which `since` may miss what the machine has recorded
CLOSE = 1e-3  # of a probability
SLOWER = 3  # times, that the broken release takes
READY = 10  # seconds until a release has its model


# --- I1a


def reported(submission) -> tuple[dict, Fault]:
    """A report whose form is right, and the incident it is about."""
    answer = told(submission, "report")
    wanted = {"symptom", "seed", "cause", "since", "metric", "before", "after"}
    if not isinstance(answer, dict) or not wanted <= set(answer):
        raise Mismatch(f"a dict with {', '.join(sorted(wanted))}", got=kind_of(answer))
    for name, known in (("symptom", SYMPTOMS), ("cause", CAUSES), ("metric", METRICS)):
        if not isinstance(answer[name], str) or answer[name] not in known:
            raise Mismatch(f"one of {', '.join(known)} as the {name}", got=f"{answer[name]!r:.60}")
    for name in ("before", "after"):
        value = answer[name]
        number = isinstance(value, int | float | np.number) and not isinstance(value, bool)
        if not number or not isfinite(value):
            raise Mismatch(f"a number as {name}", got=f"{value!r:.40}")
    return answer, drawn(seed_of(answer), answer["symptom"])


def wrong_cause(answer: dict, true: Fault) -> str:
    """Why a cause isn't the right one, in a sentence; empty if it is."""
    said = answer["cause"]
    if said == true.cause:
        return ""
    if FAULTS[said][0] != true.symptom:
        return f"{said} is a cause of another symptom"
    shows = fault(answer["seed"], said).shows
    moved = [name for name in shows if name not in true.shows and name not in true.after]
    if moved:
        return f"{said} is not the cause: with it {moved[0]} would have moved when the alert came up"
    return f"{said} is not the cause: it would show in {shows[-1]}, so look at what exactly changed there"


def wrong_metric(answer: dict, true: Fault) -> str:
    metric = answer["metric"]
    if metric in true.shows:
        return ""
    if metric in true.after:
        return f"{metric} moves whatever the cause of {true.symptom} is: it doesn't tell {true.cause} from the others"
    return f"{metric} doesn't tell {true.cause} from the other causes of {true.symptom}"


def wrong_direction(answer: dict) -> str:
    metric, early, late = answer["metric"], answer["before"], answer["after"]
    if abs(late - early) < MOVED * max(abs(early), abs(late)) or early == late:
        return f"{metric} hardly moved from {early:.4g} to {late:.4g}: then it is no evidence"
    if metric in ("release", "model"):  # numbers without a direction
        return ""
    falls = metric in DOWN
    if (late < early) != falls:
        way = "falls" if falls else "rises"
        return f"{metric} {way} when something is wrong, and yours goes from {early:.4g} to {late:.4g}"
    return ""


def wrong_time(submission, answer: dict) -> str:
    since = answer["since"]
    if not isinstance(since, str) or not re.fullmatch(r"([01]?\d|2[0-3]):[0-5]\d", since.strip()):
        return f"{since!r:.40} is not a time such as 14:31"
    record = recorded(submission)
    if not record or not record["began"]:
        return ""  # nothing was handed in yet
    hour, minute = map(int, since.strip().split(":"))
    began, alerted = minutes(record["began"]), minutes(record["alerted"] or record["began"])
    late = (60 * hour + minute - began + 720) % 1440 - 720  # the nearest day
    if -EARLY <= late <= (alerted - began) % 1440 + LATE:
        return ""
    side = "before" if late < 0 else "after"
    return f"{since} (UTC) is {abs(late)} minutes {side} the incident began, as your machine has recorded it"


def minutes(moment: str) -> int:
    """The minute of the day, UTC."""
    seconds = datetime.fromisoformat(moment).timestamp()
    return int(seconds // 60) % 1440


def no(problem: str, wanted: str) -> None:
    if problem:
        raise Mismatch(wanted, because=problem)


@checks("I1a", weight=0)
def test_cause(submission):
    """Names the cause."""
    answer, true = reported(submission)
    no(wrong_cause(answer, true), "the cause of this incident")


@checks("I1a", weight=3)
def test_metric(submission):
    """Names a metric that tells this cause from the others."""
    no(wrong_metric(*reported(submission)), "a metric that only this cause moves")


@checks("I1a", weight=1)
def test_direction(submission):
    """States means that went where the cause moves them."""
    no(wrong_direction(reported(submission)[0]), "a metric that moved when the incident began")


@checks("I1a", weight=1)
def test_since(submission):
    """States the minute in which it began."""
    no(wrong_time(submission, reported(submission)[0]), "the minute in which it began")


@checks("I1a", weight=6)
def test_report(submission, record_property):
    """Is right in all parts."""
    answer, true = reported(submission)
    record_property("seed", answer["seed"])
    record_property("symptom", answer["symptom"])
    wrong = [
        wrong_cause(answer, true),
        wrong_metric(answer, true),
        wrong_direction(answer),
        wrong_time(submission, answer),
    ]
    record = recorded(submission)
    if record and (record["symptom"], record["seed"]) != (answer["symptom"], answer["seed"]):
        wrong.append("the repair is about another incident")
    no("; ".join(filter(None, wrong)), "a report that is right in all parts")


# --- I1b


def recorded(submission) -> dict:
    """What the learner's machine has recorded of the incident; empty where nothing was handed in. Raises Mismatch."""
    try:
        record = tomllib.loads(submission.file("repair/incident.toml"))
    except Raised:
        return {}
    except tomllib.TOMLDecodeError as error:
        raise Mismatch(
            "repair/incident.toml as `dojo incident submit` writes it", because=str(error)
        ) from None
    if not record:
        return {}
    kinds = {name: str for name in ("symptom", "began", "alerted", "quiet", "champion_before")} | {
        "seed": int
    }
    if strange := [name for name, kind in kinds.items() if type(record.get(name)) is not kind]:
        raise Mismatch(
            f"{strange[0]} in repair/incident.toml", because="`dojo incident submit` writes this file"
        )
    if record["symptom"] not in SYMPTOMS:
        raise Mismatch(f"one of {', '.join(SYMPTOMS)} as the symptom", got=f"{record['symptom']!r:.60}")
    for name in ("began", "alerted", "quiet"):
        try:
            _ = record[name] and datetime.fromisoformat(record[name])
        except ValueError:
            raise Mismatch(f"a time as {name} in repair/incident.toml", got=f"{record[name]!r:.60}") from None
    return record


def repaired(submission) -> tuple[Fault, dict[str, str | bytes]]:
    """The incident, and the repaired release with the sound model. Raises Mismatch where another model would serve."""
    record = recorded(submission)
    if not record:
        raise Mismatch(
            "a repair that `dojo incident submit` has copied", because="repair/incident.toml is empty"
        )
    true, sound = drawn(seed_of(record), record["symptom"]), record["champion_before"]
    served = "".join(
        line for line in submission.file("repair/champion").splitlines() if not line.startswith("#")
    ).strip()
    if served != sound:
        to_blame = f"{served!r:.40} serves"
        raise Mismatch(f"version {sound!r:.40} as the champion, as before the incident", because=to_blame)
    release = (submission.file(f"repair/{name}") for name in ("service.py", "settings.env"))
    return true, files(*release, sound)


class Served:
    """What a release made of requests: its responses, the seconds they took, and what is in its journal."""

    def __init__(
        self, submission, content: dict[str, str | bytes], sent: list[Request], after=lambda responses: []
    ):
        side = submission.shipped
        side.close()
        folder = side.folder(content)
        try:
            with side.asgi("serve", folder) as client:
                self._wait(client)
                client.post("/v1/predict", json={"cards": [{"card_id": "first"}]})
                self.responses = client.gather(sent)
                self.seconds = client.seconds
                self.later = client.gather(then) if (then := after(self.responses)) else []
            self.journal = side.files(folder / "journal")
        except Raised as error:
            raise Mismatch("a release that starts", because=f"{error.type}: {error.message}"[:300]) from None

    @staticmethod
    def _wait(client) -> None:
        until = time.monotonic() + READY
        while (answer := client.get("/ready")).status != 200:
            if answer.error is not None or time.monotonic() > until:
                raise Mismatch("a release that gets ready", got=f"{answer.status}: {answer.text:.150}")
            time.sleep(0.05)

    def kept(self, kind: str) -> list[dict]:
        """The lines of the journal of this kind."""
        found = []
        for name, content in self.journal.items() if isinstance(self.journal, dict) else ():
            if name.startswith(kind) and isinstance(content, bytes):
                found += [json.loads(line) for line in content.splitlines()]
        return found


def predict(sent: Sent) -> Request:
    return Request("POST", "/v1/predict", json={"cards": sent.cards})


def answered(response: Response, sent: Sent) -> str:
    """The id of a request whose cards all got the answers of the sound model. Raises Mismatch."""
    what = f"{len(sent.cards)} cards from {sent.what}"
    if response.error is not None:
        raise Mismatch(
            f"an answer to {what}", because=f"{response.error.type}: {response.error.message}"[:300]
        )
    if response.status != 200:
        raise Mismatch(f"an answer to {what}", got=f"{response.status}: {response.text:.300}")
    body = response.json()
    found = body.get("predictions") if isinstance(body, dict) else None
    if (
        not isinstance(found, list)
        or len(found) != len(sent.cards)
        or not isinstance(body.get("request_id"), str)
    ):
        raise Mismatch(f"{len(sent.cards)} predictions for {what}", got=f"{response.text:.150}")
    judged = [
        (one, share)
        for one, share, seen in zip(found, sent.shares, sent.seen, strict=True)
        if seen is not None
    ]
    wrong = [(one, share) for one, share in judged if not same(one, share)]
    if wrong:
        one, share = wrong[0]
        best = max(share, key=share.get)
        given = one.get("card_type") if isinstance(one, dict) else one
        raise Mismatch(
            f"the sound model's answer for all {len(judged)} cards of {what}",
            got=f"{len(wrong)} other ones",
            because=f"a card got {given!r:.40} where the model says {best} with probability {share[best]:.3f}",
        )
    return body["request_id"]


def same(one: object, share: dict[str, float]) -> bool:
    """Whether a prediction is that of the sound model."""
    best = max(share, key=share.get)
    if (
        not isinstance(one, dict)
        or one.get("card_type") != best
        or not isinstance(one.get("probabilities"), dict)
    ):
        return False
    said = one["probabilities"]
    return set(said) == set(share) and all(
        isinstance(said[kind], int | float) and abs(said[kind] - share[kind]) <= CLOSE for kind in share
    )


def recovered(submission, seed: int) -> None:
    """Expect that what clients send in this incident is answered, and in time."""
    true, content = repaired(submission)
    sent = requests(true, seed, 4)
    now = Served(submission, content, [predict(one) for one in sent])
    for response, one in zip(now.responses, sent, strict=True):
        answered(response, one)
    if true.symptom == "latency":
        quick = min(now.seconds, Served(submission, content, [predict(one) for one in sent]).seconds)
        broken = files(true.broken.service, lines(true.broken.settings), "1")
        slow = Served(submission, broken, [predict(one) for one in sent]).seconds
        expect(
            SLOWER * quick <= slow,
            f"a third of the time of the broken release, or less: {slow / SLOWER:.2g} s for {len(sent)} requests",
            got=f"{quick:.2g} s",
            because="the cause of the delay is still there",
        )


def harmless(submission, seed: int) -> None:
    """Expect that what came before the incident is answered as before, and that the contract holds."""
    true, content = repaired(submission)
    sent = before(true, seed, 3)
    card = requests(true, seed, 1)[0].seen[0]
    wrong = [
        card | {"colour": "red"},
        card | {"hp": "sixty"},
        {name: card[name] for name in card if name != "card_id"},
    ]
    refused = [Request("POST", "/v1/predict", json={"cards": [one]}) for one in wrong]
    others = [Request("GET", "/health"), Request("GET", "/metrics")]
    now = Served(submission, content, [predict(one) for one in sent] + refused + others)
    for response, one in zip(now.responses, sent, strict=False):
        answered(response, one)
    *_, unknown, text, nobody, health, metrics = now.responses
    named = {"an unknown field `colour`": unknown, "the text `sixty` as HP": text, "no `card_id`": nobody}
    for what, response in named.items():
        if response.status != 422:
            got = "500" if response.error else f"{response.status}"
            raise Mismatch(
                f"the status 422 for a card with {what}",
                got=got,
                because="the contract doesn't hold any more",
            )
    expect(health.status == 200, "200 from /health", got=f"{health.status}")
    expect(
        "cardshop_requests_total" in metrics.text,
        "the metrics of the service at /metrics",
        got=f"{metrics.text:.100}",
    )


def journaled(submission, seed: int) -> None:
    """Expect that predictions and labels are in the journal, as the monitor needs them."""
    true, content = repaired(submission)
    sent = requests(true, seed, 2)
    ids: list[str] = []

    def labels(responses: list[Response]) -> list[Request]:
        ids.extend(answered(response, one) for response, one in zip(responses, sent, strict=True))
        return [
            Request(
                "POST",
                "/v1/feedback",
                json={
                    "request_id": request_id,
                    "card_id": one.cards[place]["card_id"],
                    "card_type": true.spell(one.kinds[place]) if true.spell else one.kinds[place],
                },
            )
            for request_id, one in zip(ids, sent, strict=True)
            for place in range(3)
        ]

    now = Served(submission, content, [predict(one) for one in sent], labels)
    for response in now.later:
        expect(response.status == 202, "202 for a label", got=f"{response.status}: {response.text:.200}")
    told_labels = {(line["request_id"], line["card_id"]): line["card_type"] for line in now.kept("feedback")}
    lines_of = {(line["request_id"], line["card"]["card_id"]): line for line in now.kept("predictions")}
    for request_id, one in zip(ids, sent, strict=True):
        for place in range(3):
            key = request_id, one.cards[place]["card_id"]
            expect(key in told_labels, "each label in the journal", because="labels are dropped")
            expect(
                told_labels[key] == one.kinds[place],
                f"{one.kinds[place]!r} in the journal for a label",
                got=f"{told_labels[key]!r:.60}",
                because="the monitor would take the prediction for wrong",
            )
        for card, seen in zip(one.cards, one.seen, strict=True):
            line = lines_of.get((request_id, card["card_id"]))
            expect(line is not None, "each predicted card in the journal", because="predictions are dropped")
            if seen is None:
                continue
            kept = {name: value for name, value in line["card"].items() if value is not None}
            differs = next(
                (name for name in sorted({*kept, *seen}) if kept.get(name) != seen.get(name)), None
            )
            if differs:
                raise Mismatch(
                    f"{differs} = {seen.get(differs)!r:.60} in the journal for a card from {one.what}",
                    got=f"{kept.get(differs)!r:.60}",
                    because="the monitor doesn't see what the model has to see, so its alert stays",
                )


@checks("I1b", weight=0)
def test_recovery(submission):
    """Answers what clients send in this incident, and in time."""
    recovered(submission, 1)


@checks("I1b", weight=2)
def test_harm(submission):
    """Answers what came before as before, and refuses what the contract forbids."""
    harmless(submission, 1)


@checks("I1b", weight=2)
def test_journal(submission):
    """Keeps predictions and labels for the monitor."""
    journaled(submission, 1)


@checks("I1b", weight=8, public=False, live=False)
def test_repair(submission, seed, record_property):
    """Does all of this for cards that nobody has seen."""
    record = recorded(submission)
    record_property("seed", record.get("seed"))
    record_property("symptom", record.get("symptom"))
    if record.get("alerted") and record.get("quiet"):
        times = [datetime.fromisoformat(record[name]) for name in ("alerted", "quiet")]
        record_property("minutes_to_mitigate", round((times[1] - times[0]).total_seconds() / 60, 1))
    for part in (recovered, harmless, journaled):
        part(submission, seed % 10**9)


# --- I1c

LONG = 80  # words


@checks("I1c")
def test_postmortem(submission):
    """Has eighty words or more for a reviewer to read."""
    words = re.findall(r"[^\W\d_]{2,}", submission.text("postmortem").lower())
    expect(len(words) >= LONG, f"{LONG} words or more", got=f"{len(words)} words")
