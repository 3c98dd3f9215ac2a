"""The contract of a service that predicts types of cards: what breaks it, and what an answer has to say then.

The drivers take a service that runs with a model, and send right requests between the wrong ones.
"""

import json
import re

from hypothesis import strategies as st

from cardshop.scorer import STAGES, STATS, Scorer
from checks.shared.services import PATH, not_raised, same
from grader.engine import Mismatch, Request, Response, expect
from grader.engine.asgi import Client

MOST_BYTES = 20_000
PROMISE = "What does the service promise?"
LOAD = "What happens when many call at once?"
LEFT_OUT = "(left out)"
JSON = {"content-type": "application/json"}


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


def bodies(shape: object, cards: list[dict]) -> object:
    """A body of a shape; "many" and "one" stand for lists of cards."""
    if isinstance(shape, dict) and shape.get("cards") in ("many", "one"):
        number = 101 if shape["cards"] == "many" else 1
        return {**shape, "cards": (cards * number)[:number]}
    return shape


def every_field(client: Client, scorer: Scorer, place: int, **headers: str) -> None:
    """Send each broken value by itself, and right requests between them."""
    cards = [
        {"card_id": name, "stage": stage, **dict.fromkeys(STATS, stat)}
        for name, stage, stat in zip(("K", "k" * 40, "KND-003"), STAGES, (1, 400, 80), strict=True)
    ]
    sent = [Request("POST", PATH, {"cards": spoiled(cards, place, *one)}, headers) for one in BROKEN]
    for (field, value), response in zip(BROKEN, client.gather(sent), strict=True):
        refused(response, field, place, value)
    right(client.post(PATH, json={"cards": cards}, headers=headers), cards, scorer)


def every_shape(client: Client, scorer: Scorer, **headers: str) -> None:
    """Send each wrong shape by itself, and a hundred cards, which are right."""
    cards = [
        {"card_id": f"KND-{at:03}", "stage": "Basic", **dict.fromkeys(STATS, 80 + at)} for at in range(100)
    ]
    for shape, field in SHAPES:
        body = json.dumps(bodies(shape, cards[:1]))
        response = client.post(PATH, body=body, headers={**JSON, **headers})
        refused(response, field, None) if field else answered(response, 422)
    right(client.post(PATH, json={"cards": cards}, headers=headers), cards, scorer)


def never_breaks(client: Client, scorer: Scorer, **headers: str) -> None:
    """Send what is no JSON, and JSON that breaks parsers."""
    cards = [{"card_id": "KND-001", "stage": "Basic", **dict.fromkeys(STATS, 80)}]
    for body in ODD:
        allowed = (400, 422) if body in NOT_JSON else (400, 413, 422)
        answered(client.post(PATH, body=body, headers={**JSON, **headers}), *allowed)
    right(client.post(PATH, json={"cards": cards}, headers=headers), cards, scorer)
    answered(client.get(PATH), 405)


def limit(client: Client, scorer: Scorer, number: int, **headers: str) -> None:
    """Send bodies just below the limit and above it, whole and in pieces."""
    cards = [
        {"card_id": f"KND-{at:03}", "stage": "Basic", **dict.fromkeys(STATS, 80 + at)} for at in range(number)
    ]
    body = json.dumps({"cards": cards}).encode()
    fits, large = body.ljust(MOST_BYTES), body.ljust(MOST_BYTES + 1)
    headers = {**JSON, **headers}
    right(client.post(PATH, body=fits, headers=headers), cards, scorer)
    answered(client.post(PATH, body=large, headers=headers), 413)
    pieces = [large[at : at + 3_000] for at in range(0, len(large), 3_000)]
    response = client.post(PATH, body=pieces, headers=headers)
    expect(
        response.status != 200,
        "the status 413",
        got="200",
        because="the body came in pieces, and no header said how long it is",
        reread=LOAD,
    )
    answered(response, 413)
    right(client.post(PATH, body=[body[:99], body[99:]], headers=headers), cards, scorer)
