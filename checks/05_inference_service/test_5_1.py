"""5.1: right requests get right answers, whatever was sent before; wrong ones get a status and a sentence.

Three clients with a bug each: one sends numbers in quotes, one a body without end, one calls before there is a model.
"""

import json
import re

from hypothesis import given
from hypothesis import strategies as st

from cardshop.scorer import FILE, STAGES, STATS, Scorer
from checks.shared.services import PATH, drawn, not_raised, same
from grader.engine import Mismatch, Request, Response, checks, expect

MOST_BYTES = 20_000
PROMISE = "What does the service promise?"
LOAD = "What happens when many call at once?"
LEFT_OUT = "(left out)"


NUMBERS = st.integers(1, 400)
CARD = st.fixed_dictionaries(
    {
        "card_id": st.from_regex(r"[A-Z]{3}-[0-9]{3}", fullmatch=True),
        "stage": st.sampled_from(STAGES),
        **dict.fromkeys(STATS, NUMBERS),
    }
)
CARDS = st.lists(CARD, min_size=1, max_size=5)
NO_NUMBERS = ["60", "many", 60.5, True, None, [60], {}, 0, 401, -7, 10**30]
BROKEN = [
    *((stat, value) for stat in STATS for value in NO_NUMBERS),
    *(("stage", value) for value in ("Stage 3", "basic", "", 1, None, True)),
    *(("card_id", value) for value in ("", "x" * 41, 7, None)),
    *((name, "Fire") for name in ("colour", "card_type")),
    *((name, LEFT_OUT) for name in (*STATS, "stage", "card_id")),
]
FIELD = st.sampled_from(BROKEN)
SHAPES = [
    ({"cards": []}, "cards"),
    ({"cards": None}, "cards"),
    ({"cards": "KND-001"}, "cards"),
    ({"cards": {}}, "cards"),
    ({"cards": [7]}, "cards"),
    ({}, "cards"),
    ({"cards": "many"}, "cards"),
    ({"cards": "one", "limit": 3}, "limit"),
    ([], ""),
    (None, ""),
    (7, ""),
    ("cards", ""),
]
NOT_JSON = [b"", b"{", b"cards", b'{"cards": [', b"\xff\xfe{}", b'{"cards": }', b"\x00", b"<cards/>"]
ODD = [
    *NOT_JSON,
    b"[" * 9_000,
    b'{"cards":' * 1_500,
    b'{"cards": [NaN]}',
    b'{"cards": [{"card_id": "\\ud800", "stage": "Basic"}]}',
    b'{"cards": [{"hp": ' + b"9" * 5_000 + b"}]}",
    b'{"cards": [], "cards": []}',
    b"-" * 30,
]


def answered(response: Response, *allowed: int) -> Response:
    """The response itself, if it has one of these statuses and its body says why."""
    wanted = " or ".join(map(str, allowed))
    not_raised(response, f"the status {wanted}")
    expect(
        response.status in allowed,
        f"the status {wanted}",
        got=f"{response.status}: {response.text:.150}",
        reread=PROMISE,
    )
    if response.status >= 300:
        body = response.json()
        detail = body.get("detail") if isinstance(body, dict) else None
        if not isinstance(detail, str) or len(detail) < 5:
            raise Mismatch(
                'a body {"detail": "…"} whose text says what was wrong',
                got=f"{response.text:.150}",
                because="`detail` is a list, as FastAPI makes it" if isinstance(detail, list) else "",
                reread=PROMISE,
            )
    return response


def right(response: Response, cards: list[dict], scorer: Scorer) -> None:
    """Expect the predictions of the scorer."""
    body = answered(response, 200).json()
    given_ = body.get("predictions") if isinstance(body, dict) else None
    if not isinstance(given_, list) or len(given_) != len(cards):
        raise Mismatch(f"{len(cards)} predictions", got=f"{response.text:.150}")
    for one, true in zip(given_, scorer.predict(cards), strict=True):
        if not same(one, true):
            raise Mismatch(f"{true}", got=f"{one!r:.200}")
    expect(
        body.get("version") == scorer.version,
        f"version {scorer.version!r}",
        got=f"{body.get('version')!r:.60}",
    )


def spoiled(cards: list[dict], place: int, field: str, value: object) -> list[dict]:
    """The cards, one of them with another value in a field, or without it."""
    card = {**cards[place], field: value}
    if value == LEFT_OUT:
        del card[field]
    return [*cards[:place], card, *cards[place + 1 :]]


def refused(response: Response, field: str, place: int | None, value: object = None) -> None:
    """Expect a 422 whose sentence says where."""
    expect(
        response.status != 200,
        "the status 422",
        got="200",
        because=f"`{field}` is {value!r:.60}, and the service took it" if place is not None else "",
        reread=PROMISE,
    )
    detail = answered(response, 422).json()["detail"]
    expect(
        re.search(rf"(?<!\w){re.escape(field)}(?!\w)", detail) is not None,
        f"a `detail` that names `{field}`",
        got=f"{detail:.200}",
        reread=PROMISE,
    )
    if place is not None:
        expect(
            re.search(rf"(?<!\d){place}(?!\d)", detail) is not None,
            f"a `detail` that says which card: number {place}, counted from 0",
            got=f"{detail:.200}",
            reread=PROMISE,
        )
    if place is not None and value != LEFT_OUT and field in STATS:
        expect(
            not all(re.search(rf"(?<!\w){stat}(?!\w)", detail) for stat in STATS),
            f"a `detail` that names `{field}` and not every field that there is",
            got=f"{detail:.200}",
            reread=PROMISE,
        )
    if field == "stage" and value != LEFT_OUT:
        expect(
            all(one in detail for one in STAGES),
            f"a `detail` that names the stages that there are: {', '.join(STAGES)}",
            got=f"{detail:.200}",
            reread=PROMISE,
        )


def made(submission, scorer: Scorer):
    """The running service with this model."""
    return submission.asgi("make_app", submission.folder({FILE: scorer.content}))


def bodies(shape: object, cards: list[dict]) -> object:
    """A body of a shape; "many" and "one" stand for lists of cards."""
    if isinstance(shape, dict) and shape.get("cards") in ("many", "one"):
        number = 101 if shape["cards"] == "many" else 1
        return {**shape, "cards": (cards * number)[:number]}
    return shape


@checks("5.1", weight=0)
def test_right_requests(submission):
    """Answers a right request with what the model predicts."""
    scorer = drawn(5)
    cards = [
        {"card_id": f"KND-00{at}", "stage": stage, **dict.fromkeys(STATS, 60 + 40 * at)}
        for at, stage in enumerate(STAGES)
    ]
    with made(submission, scorer) as client:
        right(client.post(PATH, json={"cards": cards}), cards, scorer)


@checks("5.1", weight=2)
def test_fields(submission):
    """Refuses a card that breaks a rule, and says which field of which card."""
    every_field(submission, 4, 2)


def every_field(submission, seed: int, place: int) -> None:
    """Send each broken value by itself, and right requests between them."""
    scorer = drawn(seed)
    cards = [
        {"card_id": name, "stage": stage, **dict.fromkeys(STATS, stat)}
        for name, stage, stat in zip(("K", "k" * 40, "KND-003"), STAGES, (1, 400, 80), strict=True)
    ]
    with made(submission, scorer) as client:
        sent = [Request("POST", PATH, json={"cards": spoiled(cards, place, *one)}) for one in BROKEN]
        for (field, value), response in zip(BROKEN, client.gather(sent), strict=True):
            refused(response, field, place, value)
        right(client.post(PATH, json={"cards": cards}), cards, scorer)


@checks("5.1")
def test_shapes(submission):
    """Refuses a body that is JSON and has another shape."""
    every_shape(submission, 1)


def every_shape(submission, seed: int) -> None:
    """Send each wrong shape by itself, and a hundred cards, which are right."""
    scorer = drawn(seed)
    cards = [
        {"card_id": f"KND-{at:03}", "stage": "Basic", **dict.fromkeys(STATS, 80 + at)} for at in range(100)
    ]
    header = {"content-type": "application/json"}
    with made(submission, scorer) as client:
        for shape, field in SHAPES:
            body = json.dumps(bodies(shape, cards[:1]))
            response = client.post(PATH, body=body, headers=header)
            refused(response, field, None) if field else answered(response, 422)
        right(client.post(PATH, json={"cards": cards}), cards, scorer)


@checks("5.1", weight=2)
def test_not_json(submission):
    """Refuses a body that is no JSON, and never breaks."""
    never_breaks(submission)


def never_breaks(submission) -> None:
    """Send what is no JSON, and JSON that breaks parsers."""
    scorer = drawn(2)
    cards = [{"card_id": "KND-001", "stage": "Basic", **dict.fromkeys(STATS, 80)}]
    with made(submission, scorer) as client:
        for body in ODD:
            allowed = (400, 422) if body in NOT_JSON else (400, 413, 422)
            answered(client.post(PATH, body=body, headers={"content-type": "application/json"}), *allowed)
        right(client.post(PATH, json={"cards": cards}), cards, scorer)
        answered(client.get(PATH), 405)


@checks("5.1", weight=2)
def test_too_large(submission):
    """Refuses a body with too many bytes, also one that comes in pieces."""
    limit(submission, 70)


def limit(submission, number: int) -> None:
    """Send bodies just below the limit and above it, whole and in pieces."""
    scorer = drawn(3)
    cards = [
        {"card_id": f"KND-{at:03}", "stage": "Basic", **dict.fromkeys(STATS, 80 + at)} for at in range(number)
    ]
    body = json.dumps({"cards": cards}).encode()
    fits, large = body.ljust(MOST_BYTES), body.ljust(MOST_BYTES + 1)
    header = {"content-type": "application/json"}
    with made(submission, scorer) as client:
        right(client.post(PATH, body=fits, headers=header), cards, scorer)
        answered(client.post(PATH, body=large, headers=header), 413)
        pieces = [large[at : at + 3_000] for at in range(0, len(large), 3_000)]
        response = client.post(PATH, body=pieces, headers=header)
        expect(
            response.status != 200,
            "the status 413",
            got="200",
            because="the body came in pieces, and no header said how long it is",
            reread=LOAD,
        )
        answered(response, 413)
        right(client.post(PATH, body=[body[:99], body[99:]], headers=header), cards, scorer)


@checks("5.1", weight=2)
def test_no_model(submission):
    """Says 503 while there is no good model, and answers as soon as there is one."""
    comes_later(submission, 4)


def comes_later(submission, seed: int) -> None:
    """Ask without a model, with half of one, and with a whole one."""
    scorer = drawn(seed, "late")
    cards = [{"card_id": "KND-001", "stage": "Stage 1", **dict.fromkeys(STATS, 80)}]
    folder = submission.folder({"readme.txt": "the model comes later"})
    with submission.asgi("make_app", folder) as client:
        for content in (None, scorer.content[:90], b"{}", scorer.content[:-1] + b"!"):
            if content is not None:
                submission.folder({FILE: content}, folder)
            answered(client.post(PATH, json={"cards": cards}), 503)
            answered(client.get("/ready"), 503)
            answered(client.get("/health"), 200)
        submission.folder({FILE: scorer.content}, folder)
        expect(
            (status := client.post(PATH, json={"cards": cards}).status) != 503,
            "an answer as soon as the model is there",
            got=f"{status}",
            because="the service looked for its model once, and remembers that there was none",
            reread=LOAD,
        )
        right(client.post(PATH, json={"cards": cards}), cards, scorer)
        answered(client.get("/ready"), 200)


@checks("5.1")
def test_when_to_come_back(submission):
    """Says in how many seconds to come back, while there is no model."""
    cards = [{"card_id": "KND-001", "stage": "Basic", **dict.fromkeys(STATS, 80)}]
    with submission.asgi("make_app", submission.folder({"readme.txt": "no model"})) as client:
        said = answered(client.post(PATH, json={"cards": cards}), 503).headers.get("retry-after", "")
        expect(
            said.isdecimal(),
            "the header `Retry-After` with a number of seconds beside 503",
            got=said or "no such header",
            because="a client that doesn't know when to come back comes back at once",
            reread=LOAD,
        )


@checks("5.1", weight=11, public=False, live=False, examples=(2, 6))
@given(cards=CARDS, seed=st.integers(0, 2**32), wrong=st.lists(FIELD, min_size=3, max_size=3))
def test_all_of_it(submission, cards, seed, wrong):
    """Right and wrong requests at the same time, bodies of all kinds, and a model that comes later."""
    scorer = drawn(seed)
    with made(submission, scorer) as client:
        mixed = [Request("POST", PATH, json={"cards": cards})]
        for field, value in wrong:
            mixed += [
                Request("POST", PATH, json={"cards": spoiled(cards, len(cards) - 1, field, value)}),
                Request("POST", PATH, json={"cards": cards[::-1]}),
            ]
        said = client.gather(mixed)
        right(said[0], cards, scorer)
        for at, (field, value) in enumerate(wrong):
            refused(said[1 + 2 * at], field, len(cards) - 1, value)
            right(said[2 + 2 * at], cards[::-1], scorer)
    every_field(submission, seed, 1)
    every_shape(submission, seed)
    never_breaks(submission)
    limit(submission, 50)
    comes_later(submission, seed)
