"""An incident in the running stack: the cause with its evidence, a repair that runs, and the post-mortem.

The incident is drawn by a symptom and a seed that the answers name; who grades sees them. What the learner has measured
was live and cannot be computed again, so it is judged by its direction. The repair is judged as code: it is started
beside the sound model, and gets what clients send in this incident, what they sent before, and what nobody may send.
"""

import json
import re
import time
import tomllib
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import datetime
from math import isfinite

import numpy as np

from cardshop.incidents import CAUSES, METRICS, SYMPTOMS
from cardshop.world.truth.breakages import FAULTS, SOUND, drawn, fault
from cardshop.world.truth.breakages.fault import Fault
from checks.shared.releases import Sent, files, lines, sent, sent_before
from checks.shared.seeds import seed_of, told
from grader.engine import Mismatch, Raised, Request, Response, checks, expect, kind_of

DOWN = ("accuracy", "confidence")
"""Metrics that fall when something is wrong; the others rise."""
MOVED = 0.1  # of the larger of both means
EARLY, LATE = 1, 3  # minutes by which `since` may miss what the machine has recorded
CLOSE = 1e-3  # of a probability
SLOWER = 2.5  # times, that the broken release takes; where the processor is busy both do more than wait
QUICK, SLUGGISH = 2, 5  # seconds that no repair is too slow with, and times that the sound release takes
READY = 25  # seconds until a release has its model


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
        is_share = answer["metric"] in DOWN or "share" in answer["metric"]
        if value < 0 or (is_share and value > 1):
            wanted = "a share from 0 to 1" if is_share else "a number of 0 or more"
            raise Mismatch(f"{wanted} as {name}", got=f"{value:.4g}")
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
    if wrong := wrong_incident(record, answer):
        return wrong
    hour, minute = map(int, since.strip().split(":"))
    began, alerted = minutes(record["began"]), minutes(record["alerted"] or record["began"])
    late = (60 * hour + minute - began + 720) % 1440 - 720  # the nearest day
    if -EARLY <= late <= (alerted - began) % 1440 + LATE:
        return ""
    side = "before" if late < 0 else "after"
    return f"{since} (UTC) is {abs(late)} minutes {side} the incident began, as your machine has recorded it"


def wrong_incident(record: dict, answer: dict) -> str:
    if not record:
        return f"{RECORD} is empty: `dojo incident submit` writes down when your incident began"
    if [record[name] for name in ("symptom", "seed")] == [answer["symptom"], answer["seed"]]:
        return ""
    return (
        f"the report is about {answer['symptom']} {answer['seed']}, and the incident that was handed in is "
        f"{record['symptom']} {record['seed']}"
    )


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


@checks("I1a", weight=6, live=False)
def test_report(submission, record_property):
    """Is right in all parts, and about the incident that was handed in."""
    answer, true = reported(submission)
    record_property("seed", answer["seed"])
    record_property("symptom", answer["symptom"])
    wrong = [
        wrong_incident(recorded(submission), answer),
        wrong_cause(answer, true),
        wrong_metric(answer, true),
        wrong_direction(answer),
        wrong_time(submission, answer),
    ]
    no("; ".join(dict.fromkeys(filter(None, wrong))), "a report that is right in all parts")


# --- I1b

RECORD = "repair/incident.toml"
ISO = ("began", "alerted", "quiet")


def recorded(submission) -> dict:
    """What the learner's machine has recorded of the incident; empty where nothing was handed in. Raises Mismatch."""
    try:
        record = tomllib.loads(submission.file(RECORD))
    except Raised:
        return {}
    except tomllib.TOMLDecodeError as error:
        raise Mismatch(f"{RECORD} as `dojo incident submit` writes it", because=str(error)) from None
    kinds = {name: str for name in ("symptom", "champion_before", *ISO)} | {"seed": int, "registered": list}
    if record and (strange := [name for name, kind in kinds.items() if type(record.get(name)) is not kind]):
        raise Mismatch(f"{strange[0]} in {RECORD}", because="`dojo incident submit` writes this file")
    if record and record["symptom"] not in SYMPTOMS:
        raise Mismatch(f"one of {', '.join(SYMPTOMS)} as the symptom", got=f"{record['symptom']!r:.60}")
    if record and not re.fullmatch(r"[0-9]{1,9}", record["champion_before"]):  # becomes part of a path
        raise Mismatch(f"a number as champion_before in {RECORD}", got=f"{record['champion_before']!r:.60}")
    if record and record["champion_before"] in record["registered"]:
        raise Mismatch(
            f"another champion_before in {RECORD}",
            because=f"the incident itself has registered version {record['champion_before']}",
        )
    for name in ISO if record else ():
        try:
            _ = record[name] and datetime.fromisoformat(record[name]).timestamp()
        except (ValueError, OverflowError):
            raise Mismatch(f"a time as {name} in {RECORD}", got=f"{record[name]!r:.60}") from None
    return record


class Repair:
    """What was handed in: which incident it is about, and the release with the model that served before.

    Raises Mismatch where another model would serve.
    """

    def __init__(self, submission):
        record = recorded(submission)
        if not record:
            raise Mismatch("a repair that `dojo incident submit` has copied", because=f"{RECORD} is empty")
        self.submission, self.seed = submission, seed_of(record)
        self.true, sound = drawn(self.seed, record["symptom"]), record["champion_before"]
        lines_ = submission.file("repair/champion").splitlines()
        served = "".join(line for line in lines_ if not line.startswith("#")).strip()
        expect(
            served == sound,
            f"version {sound:.40} of the model, which answered before the incident",
            because=f"version {served:.40} is the champion",
        )
        release = (submission.file(f"repair/{name}") for name in ("service.py", "settings.env"))
        self.files = files(*release, sound)

    def sent(self, seed: int, many: int) -> list[Sent]:
        """What clients send in this incident."""
        return sent(self.true, self.seed, seed, many)


class Served:
    """What a release made of requests at the same time, and of those that `after` makes of its responses.

    It runs in a process that has nothing else of the submission; `serve` starts it as it was handed out.
    """

    def __init__(
        self,
        submission,
        content: dict[str, str | bytes],
        asked: list[Request],
        after: Callable[[list[Response]], list[Request]] = lambda responses: [],
    ):
        side = submission.shipped
        side.close()
        folder = side.folder(content)
        try:
            with side.asgi("serve", folder) as client:
                self._wait(client)
                client.post("/v1/predict", json={"cards": [{"card_id": "first"}]})
                self.responses = client.gather(asked)
                self.seconds = client.seconds
                then = after(self.responses)
                self.later = client.gather(then) if then else []
            self._journal = side.files(folder / "journal")
        except Raised as error:
            raise Mismatch("a release that starts", because=f"{error.type}: {error.message}"[:300]) from None

    @staticmethod
    def _wait(client) -> None:
        until = time.monotonic() + READY
        while (answer := client.get("/ready")).status != 200:
            if answer.error is not None or time.monotonic() > until:
                raise Mismatch("a release that gets ready", got=f"{answer.status}: {answer.text:.150}")
            time.sleep(0.05)

    def kept(self, kind: str) -> Iterator[dict]:
        """The lines of the journal of this kind that can be read."""
        for name, content in self._journal.items() if isinstance(self._journal, dict) else ():
            if name.startswith(kind) and isinstance(content, bytes):
                for line in content.splitlines():
                    with suppress(ValueError):
                        if isinstance(read := json.loads(line), dict):
                            yield read


def predict(one: Sent) -> Request:
    return Request("POST", "/v1/predict", json={"cards": one.cards})


def answered(response: Response, one: Sent) -> str:
    """The id of a request whose cards all got the answers of the sound model. Raises Mismatch."""
    what = f"{len(one.cards)} cards of the client {one.client}"
    if (error := response.error) is not None:
        raise Mismatch(f"an answer to {what}", because=f"{error.type}: {error.message}"[:300])
    if response.status != 200:
        raise Mismatch(f"an answer to {what}", got=f"{response.status}: {response.text:.300}")
    body = response.json()
    found, request_id = (
        (body.get("predictions"), body.get("request_id")) if isinstance(body, dict) else (None, None)
    )
    if not isinstance(found, list) or len(found) != len(one.cards) or not isinstance(request_id, str):
        raise Mismatch(f"{len(one.cards)} predictions for {what}", got=f"{response.text:.150}")
    judged = zip(found, one.shares, one.seen, strict=True)
    wrong = [(got, share) for got, share, seen in judged if seen is not None and not same(got, share)]
    if wrong:
        got, share = wrong[0]
        best = max(share, key=share.get)
        raise Mismatch(
            f"the answers of the sound model for {what}",
            got=f"{len(wrong)} other ones",
            because=f"a card got {stated(got)}, and the sound model says {best} with {share[best]:.3f}",
        )
    return request_id


def same(got: object, share: dict[str, float]) -> bool:
    """Whether a prediction is that of the sound model."""
    said = got.get("probabilities") if isinstance(got, dict) else None
    if not isinstance(said, dict) or set(said) != set(share):
        return False
    close = all(
        isinstance(said[kind], int | float) and abs(said[kind] - share[kind]) <= CLOSE for kind in share
    )
    return close and share.get(str(got.get("card_type")), 0) >= max(share.values()) - CLOSE


def stated(got: object) -> str:
    """The type and its probability that a card got."""
    kind, shares = (got.get("card_type"), got.get("probabilities")) if isinstance(got, dict) else (got, None)
    share = shares.get(kind) if isinstance(shares, dict) and isinstance(kind, str) else None
    return f"{kind:.40} with {share:.3f}" if isinstance(share, int | float) else f"{kind!r:.40}"


def recovers(repair: Repair, seed: int) -> None:
    """Expect that what clients send in this incident is answered, and in time."""
    slow = repair.true.symptom == "latency"
    every = repair.sent(seed, 12 if slow else 40)
    asked = [predict(one) for one in every]
    now = Served(repair.submission, repair.files, asked)
    for response, one in zip(now.responses, every, strict=True):
        answered(response, one)
    if slow:
        seconds = min(
            now.seconds, Served(repair.submission, repair.files, asked).seconds
        )  # a busy moment may pass
        broken = files(repair.true.broken.service, lines(repair.true.broken.settings), "1")
        limit = Served(repair.submission, broken, asked).seconds / SLOWER
        expect(
            seconds <= limit,
            f"at most {1 / SLOWER:.0%} of the time of the broken release: {limit:.2g} s for {len(asked)} requests",
            got=f"{seconds:.2g} s",
            because="the cause of the delay is still there",
        )
    elif now.seconds > QUICK:
        sound = files(SOUND.service, lines(SOUND.settings), "1")
        limit = max(QUICK, SLUGGISH * Served(repair.submission, sound, asked).seconds)
        seconds = min(now.seconds, Served(repair.submission, repair.files, asked).seconds)
        expect(
            seconds <= limit,
            f"at most {limit:.2g} s for {len(asked)} requests at the same time",
            got=f"{seconds:.2g} s",
            because="the repair makes every call slow",
        )


UNKNOWN = ("colour", "edition", "owner", "shelf", "weight")


def harms_nobody(repair: Repair, seed: int) -> None:
    """Expect that what came before the incident is answered as before, and that the contract holds."""
    every = (
        [] if repair.true.cause == "unit" else sent_before(repair.true, seed, 20)
    )  # it would mean something else
    card = repair.sent(seed, 1)[0].cards[0]
    nameless = {name: value for name, value in card.items() if name != "card_id"}
    unknown = f"{UNKNOWN[seed % len(UNKNOWN)]}_{seed % 97}"
    wrong = {
        f"with an unknown field `{unknown}`": card | {unknown: "red"},
        "with the text `sixty` as HP": card | {"hp": "sixty"},
        "without `card_id`": nameless,
    }
    refused = [Request("POST", "/v1/predict", json={"cards": [one]}) for one in wrong.values()]
    asked = [*map(predict, every), *refused, Request("GET", "/health"), Request("GET", "/metrics")]
    *responses, first, second, third, health, metrics = Served(
        repair.submission, repair.files, asked
    ).responses
    for response, one in zip(responses, every, strict=True):
        answered(response, one)
    for response, what in zip((first, second, third), wrong, strict=True):
        error = response.error
        expect(
            response.status == 422,
            f"the status 422 for a card {what}",
            got=f"{response.status}",
            because=f"{error.type}: {error.message}"[:300] if error else "the contract doesn't hold any more",
        )
    expect(health.status == 200, "200 from /health", got=f"{health.status}")
    expect("cardshop_requests_total" in metrics.text, "metrics at /metrics", got=f"{metrics.text:.100}")


LABELS = 2  # of a request


def keeps_a_journal(repair: Repair, seed: int) -> None:
    """Expect that predictions and labels are in the journal, as the monitor needs them."""
    every, ids, spell = repair.sent(seed, 12), [], repair.true.spell or str

    def labels(responses: list[Response]) -> list[Request]:
        ids.extend(answered(response, one) for response, one in zip(responses, every, strict=True))
        return [
            Request(
                "POST",
                "/v1/feedback",
                json={"request_id": name, "card_id": card["card_id"], "card_type": spell(kind)},
            )
            for name, one in zip(ids, every, strict=True)
            for card, kind in list(zip(one.cards, one.kinds, strict=True))[:LABELS]
        ]

    now = Served(repair.submission, repair.files, [*map(predict, every)], labels)
    for response in now.later:
        expect(response.status == 202, "202 for a label", got=f"{response.status}: {response.text:.200}")
    told_ = {
        (line.get("request_id"), line.get("card_id")): line.get("card_type") for line in now.kept("feedback")
    }
    kept = {
        (line.get("request_id"), line["card"].get("card_id")): line["card"]
        for line in now.kept("predictions")
        if isinstance(line.get("card"), dict)
    }
    for name, one in zip(ids, every, strict=True):
        for card, kind in list(zip(one.cards, one.kinds, strict=True))[:LABELS]:
            got = told_.get((name, card["card_id"]))
            expect(got is not None, "every label in the journal", because="labels are dropped")
            expect(
                got == kind,
                f"the label {kind!r} in the journal",
                got=f"{got!r:.60}",
                because="the monitor takes right predictions for wrong ones",
            )
        for card, seen in zip(one.cards, one.seen, strict=True):
            got = kept.get((name, card["card_id"]))
            expect(got is not None, "every predicted card in the journal", because="predictions are dropped")
            differs = seen and next(
                (field for field in sorted({*got, *seen}) if got.get(field) != seen.get(field)), None
            )
            if differs:
                raise Mismatch(
                    f"{differs} = {seen.get(differs)!r:.60} in the journal for a card of the client {one.client}",
                    got=f"{got.get(differs)!r:.60}",
                    because="the monitor doesn't see what the model has to see, so its alert stays",
                )


@checks("I1b", weight=0)
def test_recovery(submission):
    """Answers what clients send in this incident, and in time."""
    recovers(Repair(submission), 1)


@checks("I1b", weight=2)
def test_harm(submission):
    """Answers what came before as before, and refuses what the contract forbids."""
    harms_nobody(Repair(submission), 1)


@checks("I1b", weight=2)
def test_journal(submission):
    """Keeps predictions and labels for the monitor."""
    keeps_a_journal(Repair(submission), 1)


@checks("I1b", weight=8, public=False, live=False)
def test_repair(submission, seed, record_property):
    """Does all of this for cards that nobody has seen."""
    record = recorded(submission)
    record_property("seed", record.get("seed"))
    record_property("symptom", record.get("symptom"))
    if record.get("alerted") and record.get("quiet"):
        alerted, quiet = (datetime.fromisoformat(record[name]).timestamp() for name in ("alerted", "quiet"))
        record_property("minutes_to_mitigate", round((quiet - alerted) / 60, 1))
    for part in (recovers, harms_nobody, keeps_a_journal):
        part(Repair(submission), seed % 10**9)


# --- I1c

LONG = 80  # words


@checks("I1c")
def test_postmortem(submission):
    """Has eighty words or more for a reviewer to read."""
    words = re.findall(r"[^\W\d_]{2,}", submission.text("postmortem").lower())
    expect(len(words) >= LONG, f"{LONG} words or more", got=f"{len(words)} words")
