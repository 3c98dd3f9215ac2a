"""What a release may change of the service, and that a failure of it is counted."""

import asyncio

import numpy as np

from cardshop.serving.hooks import Hooks

from .conftest import client

CARD = {"card_id": "KND-001", "species": 25, "hp": 60}


def body(path, sent):
    for card in sent.get("cards", []):
        card["species_number"] = card.pop("species")
    return sent | {"card_type": sent["card_type"].title()} if "card_type" in sent else sent


def sure(cards, shares, types):
    assert cards["species_number"].to_list() == [25] * len(shares)
    return np.eye(len(types))[[types.index("Dragon")] * len(shares)]


def test_hooks_see_what_was_sent_and_what_is_answered(set_up, tmp_path):
    settings = set_up.model_copy(update={"journal": tmp_path})

    async def scenario():
        async with client(settings, hooks=Hooks(body, lambda cards: cards, sure)) as service:
            ids = {"x-request-id": "one"}
            answer = await service.post("/v1/predict", json={"cards": [CARD]}, headers=ids)
            label = {"request_id": "one", "card_id": "KND-001", "card_type": "dragon"}
            await service.post("/v1/feedback", json=label)
            broken = [
                await service.post(
                    "/v1/predict", content=content, headers={"content-type": "application/json"}
                )
                for content in (b"{", b"[]", b"")
            ]
            failed = await service.post("/v1/predict", json={"cards": [{"card_id": "KND-002"}]})
            return answer, broken, failed, (await service.get("/metrics")).text

    answer, broken, failed, metrics = asyncio.run(scenario())
    found = answer.json()["predictions"][0]
    assert found["card_type"] == "Dragon" and found["probabilities"]["Dragon"] == 1
    assert 'cardshop_feedback_total{alias="champion",correct="true"} 1.0' in metrics
    assert {one.status_code for one in broken} == {422}
    assert failed.status_code == 500 and "Its log has the cause" in failed.json()["detail"]
    assert 'cardshop_requests_total{path="/v1/predict",status="500"} 1.0' in metrics
    (kept,) = tmp_path.glob("predictions-*.jsonl")
    assert '"species_number":25' in kept.read_text() and '"species":' not in kept.read_text()
