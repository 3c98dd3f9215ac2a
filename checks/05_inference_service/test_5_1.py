"""5.1: right requests get right answers, whatever was sent before; wrong ones get a status and a sentence.

Three clients with a bug each: one sends numbers in quotes, one a body without end, one calls before there is a model.
"""

from hypothesis import given
from hypothesis import strategies as st

from cardshop.scorer import FILE, STAGES, STATS, Scorer
from checks.shared.contract import (
    CARDS,
    FIELD,
    LOAD,
    answered,
    every_field,
    every_shape,
    limit,
    never_breaks,
    refused,
    right,
    spoiled,
)
from checks.shared.services import PATH, drawn
from grader.engine import Request, checks, expect


def made(submission, scorer: Scorer):
    """The running service with this model."""
    return submission.asgi("make_app", submission.folder({FILE: scorer.content}))


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
    with made(submission, scorer := drawn(4)) as client:
        every_field(client, scorer, 2)


@checks("5.1")
def test_shapes(submission):
    """Refuses a body that is JSON and has another shape."""
    with made(submission, scorer := drawn(1)) as client:
        every_shape(client, scorer)


@checks("5.1", weight=2)
def test_not_json(submission):
    """Refuses a body that is no JSON, and never breaks."""
    with made(submission, scorer := drawn(2)) as client:
        never_breaks(client, scorer)


@checks("5.1", weight=2)
def test_too_large(submission):
    """Refuses a body with too many bytes, also one that comes in pieces."""
    with made(submission, scorer := drawn(3)) as client:
        limit(client, scorer, 70)


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
        every_field(client, scorer, 1)
        every_shape(client, scorer)
        never_breaks(client, scorer)
        limit(client, scorer, 50)
    comes_later(submission, seed)
