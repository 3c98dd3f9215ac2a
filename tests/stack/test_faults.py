"""What goes wrong around the service, and that its answers stay right: files, disks, clients (P-3)."""

import asyncio
import json
import shutil

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cardshop import world
from cardshop.training import MODEL
from cardshop.training.candidates import card_model
from cardshop.training.classifier import LABEL
from cardshop.training.registry import DATA_VERSION

from .conftest import client

CARD = {"card_id": "KND-001", "species_number": 25, "hp": 60}
JSON = {"content-type": "application/json"}
BODY = json.dumps({"cards": [CARD]}).encode()


@pytest.mark.parametrize("fault", ["garbage", "empty", "missing"])
def test_a_corrupted_model_never_serves_and_the_old_one_goes_on(set_up, registry, trained, fault):
    cards = world.load("cards")
    model = card_model(cards.drop(LABEL), cards[LABEL].to_numpy())
    run = {"params": {}, "metrics": {}, "tags": {DATA_VERSION: "none"}}
    version = registry.register(MODEL, model, cards.drop(LABEL).head(5), run, {})
    stored = (registry.kept.parent / "artifacts").rglob("model.skops")
    newest = max(stored, key=lambda file: file.stat().st_mtime_ns)
    if fault == "garbage":
        newest.write_bytes(b"not a model" * 1000)
    elif fault == "empty":
        newest.write_bytes(b"")
    else:
        shutil.rmtree(newest.parent)

    async def scenario():
        async with client(set_up.model_copy(update={"poll": 0.05})) as service:
            before = (await service.get("/version")).json()
            registry.promote(version)
            try:
                for _ in range(20):
                    await asyncio.sleep(0.05)
                    assert (await service.post("/v1/predict", json={"cards": [CARD]})).status_code == 200
                assert (await service.get("/version")).json() == before
            finally:
                registry.promote(trained.version)

    asyncio.run(scenario())


def test_a_full_disk_costs_lines_and_no_answer(set_up, tmp_path):
    (full := tmp_path / "journal").write_text("a file where a folder should be")

    async def scenario():
        async with client(set_up.model_copy(update={"journal": full})) as service:
            answer = await service.post("/v1/predict", json={"cards": [CARD, CARD]})
            await asyncio.sleep(0)  # its lines are written in the loop's next turn
            label = {"request_id": "r", "card_id": "KND-001", "card_type": "Fire"}
            return (
                answer,
                await service.post("/v1/feedback", json=label),
                (await service.get("/metrics")).text,
            )

    answer, label, metrics = asyncio.run(scenario())
    assert answer.status_code == 200 and label.status_code == 503 and "later" in label.json()["detail"]
    assert "cardshop_journal_errors_total 3.0" in metrics


async def slow():
    yield BODY[:10]
    await asyncio.sleep(30)
    yield BODY[10:]


async def endless():
    while True:
        yield b" " * 65_536
        await asyncio.sleep(0)


@pytest.mark.parametrize(
    ("body", "status", "words"), [(slow, 504, "within 0.3 s"), (endless, 413, "at most")]
)
def test_a_client_cannot_hold_the_service(set_up, body, status, words):
    async def scenario():
        async with client(set_up.model_copy(update={"timeout": 0.3})) as service:
            held = asyncio.create_task(service.post("/v1/predict", content=body(), headers=JSON))
            meanwhile = await service.post("/v1/predict", content=BODY, headers=JSON)
            return await held, meanwhile

    held, meanwhile = asyncio.run(scenario())
    assert meanwhile.status_code == 200
    assert held.status_code == status and words in held.json()["detail"]


ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=12,
)
NEARLY = st.fixed_dictionaries(
    {},
    optional={
        "card_id": ANY | st.just("a"),
        "hp": ANY,
        "species_number": ANY,
        "released_on": ANY,
        "text": ANY,
    },
)
BODIES = st.one_of(
    st.binary(max_size=200),
    ANY.map(lambda value: json.dumps(value).encode()),
    st.lists(NEARLY, max_size=3).map(lambda cards: json.dumps({"cards": cards}).encode()),
    NEARLY.map(lambda card: json.dumps({"card": card}).encode()),
)


def test_no_body_is_answered_with_a_failure_of_the_service(set_up):
    sent: list[tuple[str, bytes]] = []

    @settings(max_examples=300, deadline=None, database=None)
    @given(path=st.sampled_from(["/v1/predict", "/v1/explain", "/v1/feedback"]), body=BODIES)
    def gather(path, body):
        sent.append((path, body))

    gather()

    async def scenario():
        async with client(set_up) as service:
            return [await service.post(path, content=body, headers=JSON) for path, body in sent]

    for (path, body), answer in zip(sent, asyncio.run(scenario()), strict=True):
        assert answer.status_code < 500, (path, body, answer.text)
        if answer.status_code >= 400:
            assert answer.headers["content-type"] == "application/problem+json" and answer.json()["detail"]
