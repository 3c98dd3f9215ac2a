"""CP-6a: the contract of 5.1, and what a service needs when nobody watches it: metrics, ids, a key, and a champion that
may change, break and come back while it runs.
"""

import math
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

import numpy as np
from prometheus_client.parser import text_string_to_metric_families

from cardshop.scorer import FILE, STAGES, STATS, Scorer
from checks.shared.contract import JSON, answered, every_field, every_shape, limit, never_breaks, right
from checks.shared.services import PATH, drawn
from grader.engine import Mismatch, Request, Response, checks, expect
from grader.engine.asgi import Client

BUCKETS = (0.05, 0.1, 0.25, 0.5, 1, 2.5, math.inf)
FROM_THE_START = ("200", "401", "422", "500", "503")
WATCH = "What does a service say about itself?"
FOLLOW = "How does a model get to the service, and back?"
KEY = "k-9a4e17d20c"


class World(NamedTuple):
    """Two good versions of a model, and cards."""

    old: Scorer
    new: Scorer
    cards: list[dict]


def world(seed: int) -> World:
    rng = np.random.default_rng(seed)
    first, second = rng.choice(np.arange(10, 99), 2, replace=False)
    cards = [
        {"card_id": f"KND-{at:03}", "stage": str(rng.choice(STAGES))}
        | {stat: int(rng.integers(20, 250)) for stat in STATS}
        for at in range(6)
    ]
    return World(drawn(seed, str(first)), drawn(seed + 1, str(second)), cards)


def file_of(scorer: Scorer, version: str = "") -> dict[str, bytes]:
    """The file of a version."""
    return {f"versions/{version or scorer.version}/{FILE}": scorer.content}


class Service:
    """A running service, its folder, and the key that it was given."""

    def __init__(self, client: Client, submission, folder, key: str) -> None:
        self.client, self.submission, self.folder, self.key = client, submission, folder, key

    def lay(self, files: dict[str, object]) -> None:
        self.submission.folder(files, self.folder)

    def ask(self, cards: list[dict], **headers: str) -> Response:
        return self.client.post(PATH, json={"cards": cards}, headers={"x-api-key": self.key, **headers})

    def predicts(self, cards: list[dict], scorer: Scorer, why: str) -> None:
        """Expect the answers of this version, and that all routes know of it."""
        response = self.ask(cards)
        answered(response, 200)
        said = response.json()
        if isinstance(said, dict) and said.get("version") != scorer.version:
            raise Mismatch(
                f"an answer of version {scorer.version!r}",
                got=f"one of version {said.get('version')!r:.40}",
                because=why,
                reread=FOLLOW,
            )
        right(response, cards, scorer)
        self.knows(scorer, why)

    def knows(self, scorer: Scorer, why: str) -> None:
        answered(self.client.get("/health"), 200)
        answered(self.client.get("/ready"), 200)
        said = answered(self.client.get("/version"), 200).json()
        version = said.get("version") if isinstance(said, dict) else None
        if version != scorer.version:
            raise Mismatch(
                f"`version` {scorer.version!r} at /version",
                got=f"{version!r:.40}",
                because=why,
                reread=FOLLOW,
            )

    def metrics(self) -> "Metrics":
        return read(self.client.get("/metrics"))


@contextmanager
def running(submission, files: dict[str, object], key: str = KEY) -> Iterator[Service]:
    """The service over a folder with these files."""
    folder = submission.folder(files)
    with submission.asgi("make_app", folder, key) as client:
        yield Service(client, submission, folder, key)


def serving(submission, some: World, key: str = KEY):
    """The service with both versions, the old one of which is the champion."""
    return running(submission, {"champion": some.old.version, **file_of(some.old), **file_of(some.new)}, key)


# --- metrics


class Metrics(NamedTuple):
    """What /metrics says: kinds by name, and samples (name, labels, value)."""

    kinds: dict[str, str]
    samples: list[tuple[str, dict[str, str], float]]

    def values(self, name: str, label: str) -> dict[str, float]:
        """The sums of a metric by one of its labels; "" collects series that don't have it."""
        found: dict[str, float] = {}
        for one, labels, value in self.samples:
            if one == name:
                found[labels.get(label, "")] = found.get(labels.get(label, ""), 0) + value
        return found

    def value(self, name: str) -> float:
        found = [value for one, _, value in self.samples if one == name]
        if not found:
            raise Mismatch(
                f"the metric `{name}`", got=f"no such metric among {len(self.kinds)}", reread=WATCH
            )
        return sum(found)

    def series(self) -> set[str]:
        return {
            f"{name}{sorted(labels.items())}"
            for name, labels, _ in self.samples
            if name.startswith("sorter_")
        }


def read(response: Response) -> Metrics:
    """The metrics of an answer. Raises Mismatch where Prometheus could not read it."""
    answered(response, 200)
    kind = response.headers.get("content-type", "")
    expect(
        kind.startswith("text/plain"),
        "a content type that begins with text/plain",
        got=kind or "no such header",
        because="FastAPI makes JSON of what a route returns, unless it is a Response"
        if "json" in kind
        else "",
        reread=WATCH,
    )
    try:
        families = list(text_string_to_metric_families(response.text))
    except (ValueError, KeyError, IndexError, TypeError) as error:
        raise Mismatch("Prometheus' text format", because=f"{error}"[:200], reread=WATCH) from None
    kinds = {one.name: one.type for one in families}
    samples = [(each.name, dict(each.labels), each.value) for one in families for each in one.samples]
    return Metrics(kinds, samples)


def histogram(found: Metrics, count: int, most: float) -> None:
    """Expect a histogram of so many calls, which took at most so many seconds together."""
    name = "sorter_request_seconds"
    buckets: dict[float, float] = {}
    for label, value in found.values(f"{name}_bucket", "le").items():
        try:
            buckets[float(label)] = value
        except ValueError:
            raise Mismatch(f"buckets of `{name}` with a number as `le`", got=f"{label!r:.40}") from None
    missing = [f"{one:g}" for one in BUCKETS if one not in buckets]
    expect(
        not missing,
        f"the buckets of BUCKETS and +Inf in `{name}`",
        got=f"none for {', '.join(missing)}",
        reread=WATCH,
    )
    rising = [buckets[one] for one in sorted(buckets)]
    expect(
        rising == sorted(rising),
        f"buckets of `{name}` that count all calls up to their limit",
        got=f"{rising}",
    )
    for what, value in (("_count", found.value(f"{name}_count")), ('_bucket{le="+Inf"}', buckets[math.inf])):
        expect(value == count, f"{count} calls in `{name}{what}`", got=f"{value:g}", reread=WATCH)
    total = found.value(f"{name}_sum")
    expect(
        0 < total <= most,
        f"at most {most:.3g} s in `{name}_sum`, the time that the calls took from outside, and more than 0",
        got=f"{total:.3g}",
        because="these are milliseconds" if total / 1000 <= most < total else "",
        reread=WATCH,
    )


def counted(found: Metrics, wanted: dict[str, int]) -> None:
    """Expect these answers by status; the series that are there from the start may be at 0."""
    by_status = found.values("sorter_requests_total", "status")
    for status in FROM_THE_START:
        expect(
            status in by_status,
            f'the series `sorter_requests_total{{status="{status}"}}` from the start',
            got=f"series for {', '.join(sorted(by_status)) or 'no status'}",
            because="Prometheus counts an increase between two values, so a first value of 1 is none",
            reread=WATCH,
        )
    for status in sorted({*by_status, *wanted}):
        true, value = wanted.get(status, 0), by_status.get(status, 0)
        expect(
            value == true,
            f"{true} answers with the status {status} in `sorter_requests_total`",
            got=f"{value:g}",
            reread=WATCH,
        )


def types_of(kinds: dict[str, str]) -> None:
    wanted = {
        "sorter_requests": "counter",
        "sorter_request_seconds": "histogram",
        "sorter_cards": "counter",
        "sorter_model_info": "gauge",
        "sorter_champion_broken": "gauge",
    }
    for name, kind in wanted.items():
        shown = f"{name}_total" if kind == "counter" else name
        expect(name in kinds, f"the metric `{shown}`", got="no such metric", reread=WATCH)
        expect(kinds[name] == kind, f"`# TYPE {shown} {kind}`", got=kinds[name], reread=WATCH)


def answers_are_counted(submission, some: World) -> None:
    """Ask in every way, then compare what /metrics says with what was asked."""
    few, many = some.cards[:2], some.cards * 3
    with serving(submission, some) as one:
        counted(found := one.metrics(), {})
        types_of(found.kinds)
        took = 0.0
        for cards, headers in (
            (few, {}),
            (many, {}),
            (few, {"x-api-key": "none"}),
            ([], {}),
            ([7], {}),
            (few, {}),
        ):
            one.ask(cards, **headers)
            took += one.client.seconds
        one.client.post(PATH, body=b"x" * 20_001, headers={"x-api-key": one.key})
        took += one.client.seconds
        for path in ("/health", "/ready", "/version", "/elsewhere", PATH):
            one.client.get(path)
        found = one.metrics()
        counted(found, {"200": 3, "401": 1, "413": 1, "422": 2})
        histogram(found, 7, took)
        true: dict[str, int] = {}
        for card in some.old.predict(few + many + few):
            true[card["card_type"]] = true.get(card["card_type"], 0) + 1
        said = {
            name: value for name, value in found.values("sorter_cards_total", "card_type").items() if value
        }
        expect(said == true, f"{true} in `sorter_cards_total`", got=f"{said}"[:150], reread=WATCH)
        gauges(found, some.old, 0)
        with serving(submission, some, "k-other") as other:
            counted(other.metrics(), {})
            one.ask(few)
            counted(other.metrics(), {})


def gauges(found: Metrics, scorer: Scorer | None, broken: int) -> None:
    """Expect which version answers, and whether the champion can be followed."""
    versions = found.values("sorter_model_info", "version")
    true = {scorer.version: 1.0} if scorer else {}
    expect(
        versions == true,
        f'`sorter_model_info{{version="{scorer.version}"}} 1` alone'
        if scorer
        else "no series of `sorter_model_info`",
        got=f"{versions}"[:100],
        because="the series of a version stays when another one answers"
        if true.items() < versions.items()
        else "",
        reread=WATCH,
    )
    value = found.value("sorter_champion_broken")
    expect(value == broken, f"`sorter_champion_broken {broken}`", got=f"{value:g}", reread=WATCH)


def strangers_make_no_series(submission, some: World) -> None:
    """Ask with names that nobody has seen; a label for each of them would fill Prometheus."""
    with serving(submission, some) as one:
        one.ask(some.cards)
        one.ask([])
        one.ask(some.cards, **{"x-api-key": "wrong"})
        before = one.metrics().series()
        for at in range(4):
            name = f"STRANGER{at}"
            one.client.get(f"/{name}")
            one.client.post(f"{PATH}/{name}", json={})
            one.client.request(name, PATH)
            one.ask([{**some.cards[0], "card_id": name}], **{"x-request-id": name, "user-agent": name})
            one.ask([{**some.cards[0], "stage": name}])
        new = sorted(one.metrics().series() - before)
        strange = [series for series in new if "STRANGER" in series]
        expect(
            not strange,
            "no series for what a client sends",
            got=f"{strange[0]}"[:120] if strange else "",
            because="somebody who sends other names all day fills Prometheus' memory",
            reread=WATCH,
        )


# --- ids, keys, secrets


FINE_IDS = ("scan-31", "A", "z_9-", "f" * 64)
ODD_IDS = ("", "f" * 65, "scan 31", 'scan"31', "scän", "a/b", "<b>", "a;b", "..")


def ids_are_echoed(submission, some: World) -> None:
    with serving(submission, some) as one:
        asked = [
            Request(method, path)
            for method, path in (
                ("GET", "/health"),
                ("GET", "/metrics"),
                ("GET", "/elsewhere"),
                ("PUT", PATH),
            )
        ]
        asked.append(Request("POST", PATH, {"cards": some.cards}, {"x-api-key": one.key}))
        asked.append(Request("POST", PATH, {"cards": []}, {"x-api-key": one.key}))
        asked.append(Request("POST", PATH, {"cards": some.cards}))
        seen = set()
        for request in asked:
            for given in (*FINE_IDS, *ODD_IDS, None):
                headers = dict(request.headers) | ({} if given is None else {"x-request-id": given})
                response = one.client.request(
                    request.method, request.path, json=request.json, headers=headers
                )
                said = response.headers.get("x-request-id", "")
                where = f"the answer {response.status} to {request.method} {request.path}"
                if given in FINE_IDS:
                    expect(
                        said == given,
                        f"the id {given!r:.20} in {where}",
                        got=f"{said!r:.40}" if said else "none",
                    )
                    continue
                fine = (
                    1 <= len(said) <= 64
                    and said.isascii()
                    and said.replace("-", "").replace("_", "").isalnum()
                )
                expect(
                    fine and said != given,
                    f"a new id in {where}",
                    got=f"{said!r:.80}" if said else "none",
                    because=f"{given!r:.20} came in, and an id that goes into logs may not hold anything a client likes"
                    if said == given
                    else "",
                )
                expect(said not in seen, "an id of its own for each request", got=f"{said!r:.40} twice")
                seen.add(said)


def key_is_asked_for(submission, some: World) -> None:
    with serving(submission, some) as one:
        body = {"cards": some.cards}
        for given in ("", "k", KEY[:-1], KEY + "x", KEY.upper(), "schlüssel", "x" * 500, None):
            headers = {} if given is None else {"x-api-key": given}
            response = one.client.post(PATH, json=body, headers=headers)
            said = "no key" if given is None else f"the key {given!r:.20}"
            expect(response.status != 200, f"the status 401 for {said}", got="200")
            answered(response, 401)
        for body in (b"{", b'{"cards": []}', b"x" * 30_000):
            response = one.client.post(PATH, body=body, headers=JSON)
            expect(
                response.status == 401,
                "the status 401 without the key, whatever the body is",
                got=f"{response.status}",
                because="who has no key learns nothing about the contract"
                if response.status in (413, 422)
                else "",
            )
        answered(one.ask(some.cards), 200)
        with serving(submission, some, "k-other") as other:
            answered(other.ask(some.cards), 200)
            answered(other.ask(some.cards, **{"x-api-key": one.key}), 401)


def nothing_leaks(submission, some: World) -> None:
    """Collect answers of all kinds, before there is a model and with a broken one."""
    with running(submission, {"champion": "7", "versions/7/notes.txt": "no model"}) as one:
        responses = [one.ask(some.cards), one.client.get("/ready"), one.client.get("/version")]
        for content in (b"{", b'{"weights": 7}'):
            one.lay({f"versions/7/{FILE}": content})
            responses += [one.ask(some.cards), one.client.get("/ready"), one.client.get("/metrics")]
        one.lay({"champion": some.old.version, **file_of(some.old)})
        responses += [one.ask(some.cards), one.ask([]), one.ask([{**some.cards[0], "hp": one.key[:3]}])]
        responses += [one.client.post(PATH, json={}, headers={"x-api-key": "wrong"})]
        responses += [
            one.client.get(path)
            for path in ("/", "/health", "/metrics", "/version", "/openapi.json", "/docs")
        ]
        responses += [one.client.post(PATH, body=b"{", headers={"x-api-key": one.key})]
        for response in responses:
            told = f"{response.text} {dict(response.headers)}"
            for secret, what, why in (
                (one.key, "the key", ""),
                (str(one.folder), "a path of the server", "a stranger learns where the files lie"),
                ("Traceback", "a traceback", "a stranger learns how the service is built"),
            ):
                expect(
                    secret not in told,
                    f"an answer without {what}",
                    got=f"{response.status}: {response.text:.150}",
                    because=why,
                )


# --- the champion


def follows(submission, some: World) -> None:
    """Promote, roll back, promote again, with another form of the file each time."""
    with serving(submission, some) as one:
        one.predicts(some.cards, some.old, "")
        gauges(one.metrics(), some.old, 0)
        for scorer, form in ((some.new, "{}\n"), (some.old, "  {}  \r\n"), (some.new, "{}")):
            one.lay({"champion": form.format(scorer.version)})
            why = f"`champion` has named version {scorer.version!r} since before the request"
            one.knows(scorer, why)
            gauges(one.metrics(), scorer, 0)
            one.predicts(some.cards, scorer, why)
        asked = [Request("POST", PATH, {"cards": some.cards[at:]}, {"x-api-key": KEY}) for at in range(5)]
        one.lay({"champion": some.old.version})
        for at, response in enumerate(one.client.gather(asked)):
            right(response, some.cards[at:], some.old)


def spoiled_versions(some: World) -> dict[str, tuple[str, dict[str, object], str]]:
    """Champions that can't be followed: what is wrong, the files, and the name in `champion`."""
    weights = some.new.weights.copy()
    weights[1, 2] = math.nan
    endless = some.new.bias.copy()
    endless[0] = math.inf
    name = some.new.version
    good = some.new.content
    return {
        "the version doesn't exist": ({}, "404"),
        "the version has no model": ({"versions/405/notes.txt": "soon"}, "405"),
        "the file is damaged": ({f"versions/406/{FILE}": good[:80]}, "406"),
        "the file holds something else": ({f"versions/407/{FILE}": b"[]"}, "407"),
        "a weight is not a number": (file_of(Scorer("408", some.new.types, weights, some.new.bias)), "408"),
        "a bias is infinite": (file_of(Scorer("409", some.new.types, some.new.weights, endless)), "409"),
        "the file is that of another version": (file_of(some.new, "410"), "410"),
        "`champion` is empty": ({}, ""),
        "`champion` is not text": ({}, b"\xff\xfe\x00" + name.encode()),
        "`champion` holds a zero byte": ({}, b"7\x00"),
        "`champion` holds a text of 5,000 letters": ({}, "7" * 5_000),
    }


def outlives(submission, some: World) -> None:
    """Let the champion break in every way, and mend it."""
    with serving(submission, some) as one:
        one.predicts(some.cards, some.old, "")
        for why, (files, name) in spoiled_versions(some).items():
            one.lay({**files, "champion": name})
            because = f"{why}, and the last good model was {some.old.version!r}"
            response = one.ask(some.cards)
            if response.error is not None or response.status != 200:
                raise Mismatch(
                    "the answer of the last good model",
                    got=f"{response.error.type}: {response.error.message}"[:150]
                    if response.error
                    else f"{response.status}",
                    because=because,
                    reread=FOLLOW,
                )
            one.predicts(some.cards, some.old, because)
            expect(
                one.metrics().value("sorter_champion_broken") == 1,
                "`sorter_champion_broken 1`",
                got="0",
                because=why,
                reread=WATCH,
            )
        gauges(one.metrics(), some.old, 1)
        repaired = drawn(int(some.new.version) + 500, "406")
        one.lay({"champion": "406"})
        one.ask(some.cards)
        one.lay(file_of(repaired))
        gauges(one.metrics(), repaired, 0)
        one.predicts(
            some.cards, repaired, "version '406' was damaged when it was first read, and is good now"
        )
        one.lay({"champion": "404"})
        one.predicts(some.cards, repaired, "the version doesn't exist, and the last good model was '406'")
        one.lay({"champion": some.old.version})
        one.predicts(some.cards, some.old, "`champion` names an earlier version again")
        gauges(one.metrics(), some.old, 0)


def comes_later(submission, some: World) -> None:
    """Ask without a champion, with a broken one, and with a good one."""
    with running(submission, {"readme.txt": "the model comes later"}) as one:
        steps = [
            {},
            {"champion": "12\n"},
            {f"versions/12/{FILE}": some.old.content[:90]},
            file_of(some.old, "12"),
        ]
        for files in steps:
            one.lay(files)
            for response in (one.ask(some.cards), one.client.get("/ready"), one.client.get("/version")):
                said = answered(response, 503).headers.get("retry-after", "")
                expect(
                    said.isdecimal(),
                    "the header `Retry-After` with a number of seconds beside 503",
                    got=said or "no such header",
                    because="a client that doesn't know when to come back comes back at once",
                )
            answered(one.client.get("/health"), 200)
            gauges(one.metrics(), None, 1)
        one.lay({"champion": some.old.version, **file_of(some.old)})
        response = one.ask(some.cards)
        expect(
            response.status != 503,
            "an answer as soon as the model is there",
            got="503",
            because="the service looked for its model once, and remembers that there was none",
            reread=FOLLOW,
        )
        one.predicts(some.cards, some.old, "")
        found = one.metrics()
        gauges(found, some.old, 0)
        counted(found, {"200": 2, "503": len(steps)})


# --- CP-6a


@checks("CP-6a", weight=0)
def test_right_requests(submission):
    """Answers a right request with the key by the champion's predictions."""
    some = world(7)
    with serving(submission, some) as one:
        response = one.ask(some.cards)
        right(response, some.cards, some.old)
    files = {"champion": some.new.version, **file_of(some.old), **file_of(some.new)}
    with running(submission, files) as one:
        right(one.ask(some.cards[:2]), some.cards[:2], some.new)


@checks("CP-6a", weight=2)
def test_contract(submission):
    """Refuses what breaks the contract, is not JSON, or has too many bytes, with a sentence."""
    contract(submission, world(11), 70)


def contract(submission, some: World, number: int) -> None:
    key = {"x-api-key": KEY}
    with serving(submission, some) as one:
        every_field(one.client, some.old, 2, **key)
        every_shape(one.client, some.old, **key)
        never_breaks(one.client, some.old, **key)
        limit(one.client, some.old, number, **key)


@checks("CP-6a")
def test_key(submission):
    """Answers nobody without the key."""
    key_is_asked_for(submission, world(12))


@checks("CP-6a")
def test_ids(submission):
    """Gives each answer an id: that of the request, or a new one."""
    ids_are_echoed(submission, world(13))


@checks("CP-6a")
def test_secrets(submission):
    """Shows no key, no path and no traceback."""
    nothing_leaks(submission, world(14))


@checks("CP-6a", weight=2)
def test_follows(submission):
    """Follows a promotion and a rollback without a restart."""
    follows(submission, world(15))


@checks("CP-6a", weight=2)
def test_outlives(submission):
    """Keeps the last good model while the champion is broken, and says so in its metrics."""
    outlives(submission, world(16))


@checks("CP-6a")
def test_no_model(submission):
    """Says 503 and when to come back while there was no good model, and answers as soon as there is one."""
    comes_later(submission, world(17))


@checks("CP-6a", weight=2)
def test_metrics(submission):
    """Counts answers, seconds and cards in Prometheus' text format."""
    answers_are_counted(submission, world(18))


@checks("CP-6a")
def test_strangers(submission):
    """Makes no series of what strangers send."""
    strangers_make_no_series(submission, world(19))


@checks("CP-6a", weight=20, public=False, live=False)
def test_all_of_it(submission, seed):
    """All rules together, with models, versions and cards that nobody has seen."""
    some = world(seed % 10**9)
    contract(submission, some, 50)
    key_is_asked_for(submission, some)
    ids_are_echoed(submission, some)
    nothing_leaks(submission, some)
    follows(submission, some)
    outlives(submission, some)
    comes_later(submission, some)
    answers_are_counted(submission, some)
    strangers_make_no_series(submission, some)
