"""A rollout in a running service: shares, shadows, a bad model that goes back, and one that breaks (P-4)."""

import asyncio
from dataclasses import dataclass

import numpy as np
import pytest
from sklearn.dummy import DummyClassifier
from sklearn.pipeline import make_pipeline

from cardshop import world
from cardshop.features import CardFeatures
from cardshop.rollout.policies import Plan
from cardshop.rollout.sequential import Tally
from cardshop.rollout.state import Rollout, State
from cardshop.serving.metrics import Metrics
from cardshop.serving.predictor import Predictor
from cardshop.serving.router import Router
from cardshop.serving.schemas import COLUMNS, Card
from cardshop.training import MODEL
from cardshop.training.classifier import LABEL
from cardshop.training.encoding import Encoder
from cardshop.training.registry import DATA_VERSION

from .conftest import client


@pytest.fixture(scope="module")
def guessing(registry, trained):
    """A challenger that takes every card for the most frequent type; the version of the champion, and its own."""
    cards = world.load("cards")
    model = make_pipeline(CardFeatures(), Encoder(), DummyClassifier()).fit(
        cards.drop(LABEL), cards[LABEL].to_numpy()
    )
    run = {"params": {}, "metrics": {}, "tags": {DATA_VERSION: "none"}}
    version = registry.register(MODEL, model, cards.drop(LABEL).head(5), run, {})
    registry.promote(version, "challenger")
    return trained.version.version, version.version


def requests(number):
    """Cards as they are sent, each with the type that a person finds on it later."""
    for row in world.load("cards").sample(number, seed=5).to_dicts():
        yield {name: str(row[name]) if name == "released_on" else row[name] for name in COLUMNS}, row[LABEL]


async def ask(service, card, number):
    headers = {"x-customer-id": f"customer {number}", "x-request-id": f"request-{number}"}
    return await service.post("/v1/predict", json={"cards": [card]}, headers=headers)


async def tell(service, card, label, number):
    told = {"request_id": f"request-{number}", "card_id": card["card_id"], "card_type": label}
    assert (await service.post("/v1/feedback", json=told)).status_code == 202


def settings_for(set_up, folder):
    return set_up.model_copy(update={"poll": 0.05, "rollout": folder, "journal": folder / "journal"})


async def until_both_are_there(service):
    while 'alias="challenger"' not in (await service.get("/metrics")).text:
        await asyncio.sleep(0.02)
    await asyncio.sleep(0.2)  # and the plan was read


def test_a_bad_canary_goes_back_by_itself_and_no_request_fails(set_up, guessing, tmp_path):
    champion, challenger = guessing
    state = State(tmp_path)
    state.begin(Rollout(Plan("canary", "spring", 0.5), champion, challenger), "a test")

    async def scenario():
        answers = []
        async with client(settings_for(set_up, tmp_path)) as service:
            await until_both_are_there(service)
            for number, (card, label) in enumerate(requests(400)):
                answers.append(await ask(service, card, number))
                await tell(service, card, label, number)
                if state.read() is None:
                    break
            await asyncio.sleep(0.2)
            last = await ask(service, card, "last")
            return answers, last

    answers, last = asyncio.run(scenario())
    assert {one.status_code for one in answers} == {200}
    versions = [one.json()["model"]["version"] for one in answers]
    assert 0.3 < versions.count(challenger) / len(versions) < 0.7
    assert last.json()["model"]["version"] == champion
    assert state.audit()[-1]["action"] == "rollback" and "is worse" in state.audit()[-1]["reason"]


def test_a_shadow_predicts_and_is_never_heard(set_up, guessing, tmp_path):
    champion, challenger = guessing
    State(tmp_path).begin(Rollout(Plan("shadow", "spring"), champion, challenger), "a test")

    async def scenario():
        async with client(settings_for(set_up, tmp_path)) as service:
            await until_both_are_there(service)
            sent = list(enumerate(requests(20)))
            answers = [await ask(service, card, number) for number, (card, _) in sent]
            await asyncio.sleep(0.2)
            for number, (card, label) in sent:
                await tell(service, card, label, number)
            return answers, (await service.get("/metrics")).text

    answers, metrics = asyncio.run(scenario())
    assert {one.json()["model"]["version"] for one in answers} == {champion}
    counted = [
        float(line.split()[1]) for line in metrics.splitlines() if line.startswith("cardshop_shadow_total")
    ]
    assert sum(counted) == 20
    assert 'cardshop_feedback_total{alias="challenger"' in metrics


@dataclass
class Broken:
    """A model that was fine when it was loaded."""

    classes_: np.ndarray

    def predict_proba(self, cards):
        raise MemoryError("no more")


def test_where_the_challenger_fails_the_champion_answers(set_up, guessing, tmp_path):
    champion, challenger = guessing
    State(tmp_path).begin(Rollout(Plan("canary", "spring", 1.0), champion, challenger), "a test")

    async def scenario():
        router = Router(settings_for(set_up, tmp_path), Metrics())
        running = asyncio.create_task(router.run())
        desk = router.desks["challenger"].holder
        while router.champion.predictor is None or desk.predictor is None or router._plan() is None:
            await asyncio.sleep(0.02)
        desk.predictor = Predictor(Broken(np.array(["Fire"])), MODEL, challenger, "none")
        answers = [await router.ask([Card(card_id="a")], str(n), f"request {n}") for n in range(60)]
        await asyncio.sleep(0.2)
        running.cancel()
        return answers

    answers = asyncio.run(scenario())
    assert {one.model["version"] for (one,) in answers} == {champion}
    assert "predictions failed" in State(tmp_path).audit()[-1]["reason"]


def test_a_label_that_comes_late_does_not_count_in_the_next_rollout(set_up, guessing, tmp_path):
    champion, challenger = guessing
    state = State(tmp_path)
    state.begin(Rollout(Plan("canary", "spring", 1.0), champion, challenger), "a test")

    async def scenario():
        router = Router(settings_for(set_up, tmp_path), Metrics())
        running = asyncio.create_task(router.run())
        while router.champion.predictor is None or router._plan() is None:
            await asyncio.sleep(0.02)
        await router.ask([Card(card_id="a")], "somebody", "early")
        before = router.counts
        state.begin(Rollout(Plan("canary", "summer", 1.0), champion, challenger), "a test")
        while router.counts is before:
            await asyncio.sleep(0.02)
        (late,) = await router.ask([Card(card_id="a")], "somebody", "late")
        for request in ("early", "late"):
            router.label(request, "a", late.prediction["card_type"])
        running.cancel()
        return router.counts["challenger"].tally

    assert asyncio.run(scenario()) == Tally(1, 1)
