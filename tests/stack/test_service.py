"""The service as its clients see it, over ASGI, with a model from a registry on disk (P-3)."""

import asyncio
import json
import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cardshop import world
from cardshop.serving.batcher import Batcher, Busy
from cardshop.serving.guard import Buckets
from cardshop.serving.schemas import COLUMNS, Card, table
from cardshop.serving.settings import Settings
from cardshop.training import job

from .conftest import client

PIKACHU = {"card_id": "KND-001", "species_number": 25, "hp": 60, "speed": 90, "text": None}


def test_an_answer_names_type_model_and_request(set_up):
    async def scenario():
        async with client(set_up) as service:
            answer = await service.post(
                "/v1/predict", json={"cards": [PIKACHU] * 3}, headers={"x-request-id": "mine-1"}
            )
            version, metrics = await service.get("/version"), (await service.get("/metrics")).text
            label = {"request_id": "mine-1", "card_id": "KND-001", "card_type": "Lightning"}
            kept = await service.post("/v1/feedback", json=label)
        assert answer.status_code == 200 and answer.headers["x-request-id"] == "mine-1"
        body = answer.json()
        assert body["request_id"] == "mine-1" and body["model"] == version.json()
        assert body["model"]["data_version"] != "unknown" and len(body["predictions"]) == 3
        first = body["predictions"][0]
        assert first["card_type"] == max(first["probabilities"], key=first["probabilities"].get)
        assert abs(sum(first["probabilities"].values()) - 1) < 1e-5
        assert 'cardshop_requests_total{path="/v1/predict",status="200"} 1.0' in metrics
        assert 'cardshop_requests_total{path="/v1/predict",status="503"} 0.0' in metrics
        assert 'cardshop_missing_values_total{column="text"} 3.0' in metrics
        assert kept.status_code == 202

    asyncio.run(scenario())
    lines = [json.loads(line) for file in set_up.journal.iterdir() for line in file.read_text().splitlines()]
    assert {line["request_id"] for line in lines} == {"mine-1"} and len(lines) == 4


def test_an_explanation_adds_up_to_the_score_that_decided(set_up, predictor):
    async def scenario():
        async with client(set_up) as service:
            page = await service.get("/")
            return page, await service.post("/v1/explain", json={"card": PIKACHU})

    page, answer = asyncio.run(scenario())
    assert page.status_code == 200 and "Which box" in page.text
    told = answer.json()
    assert {one["feature"] for one in told["contributions"]} >= {"type_1", "text", "hp_for_its_species"}
    encoded = predictor.model[:-1].transform(table([Card(**PIKACHU)]))
    booster = predictor.model[-1].model_
    score = booster.predict(encoded, output_margin=True)[0, predictor.classes.index(told["card_type"])]
    found = told["average"] + sum(one["effect"] for one in told["contributions"])
    assert found == pytest.approx(score, abs=1e-4)


@pytest.mark.parametrize(
    ("body", "status", "words"),
    [
        (b"{", 422, "JSON"),
        (b"\xff\xfe", 422, "JSON"),
        (b'{"cards": [{"card_id": "\xff"}]}', 400, "UTF-8"),
        (json.dumps({"cards": []}).encode(), 422, "at least 1"),
        (json.dumps({"cards": [PIKACHU] * 1001}).encode(), 422, "at most 1000"),
        (json.dumps({"cards": [PIKACHU | {"hp": "60"}]}).encode(), 422, "cards.0.hp"),
        (json.dumps({"cards": [PIKACHU | {"hp": 60.5}]}).encode(), 422, "cards.0.hp"),
        (json.dumps({"cards": [PIKACHU | {"released_on": 0}]}).encode(), 422, "released_on"),
        (json.dumps({"cards": [PIKACHU | {"released_on": "2021-W05-5"}]}).encode(), 422, "released_on"),
        (json.dumps({"cards": [PIKACHU | {"hp": -1}]}).encode(), 422, "cards.0.hp"),
        (json.dumps({"cards": [PIKACHU | {"speedy": 1}]}).encode(), 422, "cards.0.speedy"),
        (b'{"cards": [{"card_id": "a", "height_m": NaN}]}', 422, "height_m"),
        (b" " * 1_000_001, 413, "1,000,000 bytes"),
    ],
)
def test_a_bad_request_is_told_what_to_change(set_up, body, status, words):
    async def scenario():
        async with client(set_up) as service:
            return await service.post(
                "/v1/predict", content=body, headers={"content-type": "application/json"}
            )

    answer = asyncio.run(scenario())
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    told = answer.json()
    assert told["status"] == status and words in told["detail"] and told["request_id"]


def test_a_body_that_is_not_said_to_be_json_is_told_so(set_up):
    async def scenario():
        async with client(set_up) as service:
            return await service.post("/v1/predict", content=json.dumps({"cards": [PIKACHU]}))

    answer = asyncio.run(scenario())
    assert answer.status_code == 415 and "Content-Type: application/json" in answer.json()["detail"]


def test_keys_and_rates_are_kept(set_up):
    async def scenario():
        limited = set_up.model_copy(update={"api_keys": frozenset({"k"}), "rate": 2.0})
        async with client(limited) as service:
            nobody = await service.post("/v1/predict", json={"cards": [PIKACHU]})
            known = [
                await service.post("/v1/predict", json={"cards": [PIKACHU]}, headers={"x-api-key": "k"})
                for _ in range(5)
            ]
            health = await service.get("/health")
        assert nobody.status_code == 401 and health.status_code == 200
        assert [one.status_code for one in known] == [200] * 4 + [429]
        assert known[-1].headers["retry-after"] == "1"

    asyncio.run(scenario())


def test_the_page_about_the_calls_loads_nothing_from_elsewhere(set_up):
    async def scenario():
        async with client(set_up.model_copy(update={"api_keys": ["secret"]})) as service:
            page = (await service.get("/docs")).text
            loaded = re.findall(r'(?:href|src)="([^"]+)"', page) + re.findall(r"url: '([^']+)'", page)
            return [(place, (await service.get(place)).status_code) for place in loaded]

    found = asyncio.run(scenario())
    assert len(found) == 4 and {status for _, status in found} == {200}
    assert all(place.startswith("/") and not place.startswith("//") for place, _ in found)


def test_without_a_model_it_says_why_and_never_fails(tmp_path):
    async def scenario():
        empty = Settings(registry=f"sqlite:///{tmp_path / 'none.db'}", kept=tmp_path, journal=tmp_path)
        async with client(empty, ready=False) as service:
            answers = [
                await service.get("/ready"),
                await service.get("/version"),
                await service.post("/v1/predict", json={"cards": [PIKACHU]}),
            ]
            assert {one.status_code for one in answers} == {503}
            assert (await service.get("/health")).status_code == 200

    asyncio.run(scenario())


def test_a_new_champion_takes_over_and_serves_on_without_the_registry(set_up, registry):
    async def scenario():
        swift = set_up.model_copy(update={"poll": 0.05})
        async with client(swift) as service:
            before = (await service.get("/version")).json()["version"]
            second = await asyncio.to_thread(job.train, registry, 1)
            registry.promote(second.version)
            answers, version = [], before
            while version == before:
                answer = await service.post("/v1/predict", json={"cards": [PIKACHU]})
                answers.append(answer.status_code)
                version = answer.json()["model"]["version"]
            assert set(answers) == {200} and version == second.version.version
        away = set_up.model_copy(update={"registry": "http://127.0.0.1:9"})
        async with client(away) as service:
            assert (await service.get("/version")).json()["version"] == version
            assert "cardshop_registry_up 0.0" in (await service.get("/metrics")).text

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
        asyncio.run(scenario())


CARDS = st.builds(
    Card,
    card_id=st.text(min_size=1, max_size=40),
    species_number=st.none() | st.integers(0, 100_000),
    rarity=st.none() | st.text(max_size=20),
    legendary=st.none() | st.booleans(),
    text=st.none() | st.text(max_size=20),
    **{
        stat: st.none() | st.integers(0, 1_000)
        for stat in ("hp", "attack", "defense", "special_attack", "special_defense", "speed")
    },
)


@settings(max_examples=40, deadline=None)
@given(cards=st.lists(CARDS, min_size=1, max_size=8))
def test_every_card_that_the_contract_admits_gets_the_same_answer_alone_and_in_company(predictor, cards):
    together = predictor.probabilities(table(cards))
    assert np.isfinite(together).all() and np.allclose(together.sum(axis=1), 1, atol=1e-5)
    alone = np.vstack([predictor.probabilities(table([card])) for card in cards])
    assert np.allclose(together, alone, atol=1e-6)


@settings(max_examples=40, deadline=None)
@given(cards=st.lists(CARDS, min_size=1, max_size=40))
def test_the_compiled_trees_say_what_the_pipeline_says(predictor, cards):
    pipeline = predictor.model.predict_proba(table(cards))
    assert np.allclose(predictor.probabilities(table(cards)), pipeline, atol=1e-6)


def test_the_service_takes_what_the_catalogue_has(predictor):
    cards = world.load("cards").drop("card_type")
    assert dict(cards.schema) == COLUMNS
    sent = [Card.model_validate_json(json.dumps(row, default=str)) for row in cards.head(50).to_dicts()]
    assert table(sent).equals(cards.head(50))


def test_a_batch_that_fails_costs_only_the_request_that_made_it_fail():
    def work(cards):
        if any(card.card_id == "bad" for card in cards):
            raise ValueError("bad")
        return [card.card_id for card in cards]

    async def scenario():
        batcher = Batcher(work, waiting=3)
        asks = [asyncio.create_task(batcher.ask([Card(card_id=name)])) for name in ("a", "bad", "c", "d")]
        await asyncio.sleep(0)
        running = asyncio.create_task(batcher.run())
        answers = await asyncio.gather(*asks, return_exceptions=True)
        running.cancel()
        return answers

    a, bad, c, late = asyncio.run(scenario())
    assert (a, c) == (["a"], ["c"]) and isinstance(bad, ValueError) and isinstance(late, Busy)


@given(rate=st.floats(0.5, 50), gaps=st.lists(st.floats(0, 2), max_size=60))
def test_a_client_never_gets_more_than_its_rate_and_one_burst(rate, gaps):
    buckets, now, taken = Buckets(rate), 0.0, 0
    for gap in gaps:
        now += gap
        taken += buckets.take("me", now) == 0
    assert taken <= max(2 * rate, 1) + rate * now + 1e-6
