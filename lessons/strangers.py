"""What strangers send to a service, and what comes back; and code that looks innocent, beside a careful way."""

import asyncio
import json
from concurrent.futures import ThreadPoolExecutor
from functools import cache, lru_cache

import httpx
import polars as pl
from fastapi import FastAPI, Request
from pydantic import BaseModel, ConfigDict, ValidationError

from cardshop import world
from cardshop.scorer import STATS, Scorer, fit

CARD = {"card_id": "KND-001", "stage": "Basic"} | dict(zip(STATS, (60, 62, 63, 80, 80, 60), strict=True))
BODIES = {
    "the phone app: a card": {"cards": [CARD]},
    "the phone app: HP in quotes": {"cards": [CARD | {"hp": "60"}]},
    "the sorting machine: HP not read": {"cards": [CARD | {"hp": None}]},
    "the sorting machine: a damaged lens": {"cards": [CARD | {"hp": -60_000}]},
    "a partner: a stage of their own": {"cards": [CARD | {"stage": "VMAX"}]},
    "a partner: half a body": '{"cards": [{"card_id": "KND-',
}


@cache
def scorer() -> Scorer:
    """The small model, fitted on the shop's cards."""
    return fit(world.load("cards"))


def naive() -> FastAPI:
    """A service that believes everything."""
    service = FastAPI()

    @service.post("/v1/predict")
    async def predict(request: Request) -> dict:
        asked = await request.json()
        return {"predictions": scorer().predict(asked["cards"])}

    return service


def ask(service: FastAPI, body: object, path: str = "/v1/predict") -> tuple[int, str]:
    """Send a body to a service, a text as it is; return the status and the text of the answer."""
    way = httpx.ASGITransport(service, raise_app_exceptions=False)
    sent = body if isinstance(body, str) else json.dumps(body)

    async def answered() -> httpx.Response:
        async with httpx.AsyncClient(transport=way, base_url="http://service") as client:
            return await client.post(path, content=sent, headers={"content-type": "application/json"})

    with ThreadPoolExecutor(1) as thread:  # a notebook has an event loop of its own
        response = thread.submit(asyncio.run, answered()).result()
    return response.status_code, response.text


def outcomes() -> pl.DataFrame:
    """What the naive service answers to each of BODIES."""
    rows = []
    for who, body in BODIES.items():
        status, text = ask(naive(), body)
        said = json.loads(text)["predictions"][0] if status == 200 else {}
        told = f"{said['card_type']}, probability {said['probability']}" if said else text[:40]
        rows.append({"who sends what": who, "status": status, "answer": told})
    return pl.DataFrame(rows)


# --- pitfalls


class Lax(BaseModel):
    hp: int


class Strict(BaseModel):
    model_config = ConfigDict(strict=True)
    hp: int


def true_is_one():
    return [Lax(hp=value).hp for value in ("60", True, 60.0)]


def true_is_no_number():
    refused = []
    for value in ("60", True, 60.0):
        try:
            Strict(hp=value)
        except ValidationError:
            refused.append(value)
    return f"refused: {refused}"


def nan_is_json():
    return json.loads('{"hp": NaN}')["hp"] > 400, json.loads('{"hp": NaN}')["hp"] < 1


def nan_is_refused():
    try:
        Strict.model_validate_json('{"hp": NaN}')
    except ValidationError as error:
        return error.errors()[0]["msg"]


MODEL = {"version": 1}


@lru_cache
def answer(hp):
    return f"model {MODEL['version']} says: {'Fire' if hp > 50 else 'Water'}"


def kept_answer():
    answer.cache_clear()
    said = [answer(60)]
    MODEL["version"] = 2  # the training has registered a new model
    said.append(answer(60))
    MODEL["version"] = 1
    return said


@lru_cache
def answer_of(version, hp):
    return f"model {version} says: {'Fire' if hp > 50 else 'Water'}"


def kept_by_version():
    said = [answer_of(1, 60)]
    said.append(answer_of(2, 60))
    return said
