"""Keeps all good versions, wraps its routes in one class, and checks a version by what it answers."""

import secrets
import time
from string import ascii_letters, digits

import numpy as np
from cardshop.scorer import STAGES, STATS, Scorer
from fastapi import APIRouter, FastAPI, Request
from fastapi.responses import JSONResponse, PlainTextResponse
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from pydantic import BaseModel, ConfigDict, Field, ValidationError, conint, constr
from typing import Literal

FINE = set(ascii_letters + digits + "-_")
TRIAL = [
    {"card_id": "trial", "stage": stage, **dict.fromkeys(STATS, stat)}
    for stage in STAGES
    for stat in (1, 400)
]


class Card(BaseModel):
    model_config = ConfigDict(extra="forbid")
    card_id: constr(strict=True, min_length=1, max_length=40)
    stage: Literal["Basic", "Stage 1", "Stage 2"]
    hp: conint(strict=True, ge=1, le=400)
    attack: conint(strict=True, ge=1, le=400)
    defense: conint(strict=True, ge=1, le=400)
    special_attack: conint(strict=True, ge=1, le=400)
    special_defense: conint(strict=True, ge=1, le=400)
    speed: conint(strict=True, ge=1, le=400)


class Asked(BaseModel):
    model_config = ConfigDict(extra="forbid")
    cards: list[Card] = Field(min_length=1, max_length=100)


class Sorter:
    def __init__(self, folder, key):
        self.folder, self.key = folder, key
        self.versions, self.name = {}, None
        self.registry = registry = CollectorRegistry(auto_describe=True)
        self.answers = Counter("sorter_requests", "-", ["status"], registry=registry)
        for status in range(200, 600):
            if status in (200, 401, 422, 500, 503):
                self.answers.labels(status)
        self.seconds = Histogram(
            "sorter_request_seconds", "-", registry=registry, buckets=(0.05, 0.1, 0.25, 0.5, 1, 2.5)
        )
        self.types = Counter("sorter_cards", "-", ["card_type"], registry=registry)
        self.info = Gauge("sorter_model_info", "-", ["version"], registry=registry)
        self.broken = Gauge("sorter_champion_broken", "-", registry=registry)

    def model(self):
        try:
            name = (self.folder / "champion").read_text("utf-8").split()[0]
            if name not in self.versions:
                found = Scorer.read(self.folder / "versions" / name)
                with np.errstate(all="ignore"):
                    answers = found.predict(TRIAL)
                assert found.version == name
                assert all(0 <= one["probability"] <= 1 for one in answers)
                self.versions[name] = found
            if name != self.name and self.name is not None:
                self.info.remove(self.name)
            self.name = name
            self.info.labels(name).set(1)
            self.broken.set(0)
        except (OSError, ValueError, IndexError, AssertionError):
            self.broken.set(1)
        return self.versions.get(self.name)

    async def answer(self, request):
        if not secrets.compare_digest(request.headers.get("X-API-Key", "").encode(), self.key.encode()):
            return said(401, "who are you? X-API-Key doesn't fit")
        pieces, size = [], 0
        async for piece in request.stream():
            pieces.append(piece)
            size += len(piece)
            if size > 20_000:
                return said(413, "too many bytes")
        try:
            asked = Asked.model_validate_json(b"".join(pieces))
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False)[0]
            return said(422, f"at {' > '.join(str(part) for part in first['loc'])}: {first['msg']}")
        if (model := self.model()) is None:
            return away()
        found = model.predict([card.model_dump() for card in asked.cards])
        for one in found:
            self.types.labels(one["card_type"]).inc()
        return JSONResponse({"predictions": found, "version": model.version})

    async def predict(self, request: Request):
        start = time.monotonic()
        response = await self.answer(request)
        self.answers.labels(response.status_code).inc()
        self.seconds.observe(time.monotonic() - start)
        return response

    async def ready(self):
        return away() if self.model() is None else JSONResponse({"version": self.name})

    async def metrics(self):
        self.model()
        return PlainTextResponse(generate_latest(self.registry))


def said(status, detail, **headers):
    return JSONResponse(
        {"detail": detail}, status, {name.replace("_", "-"): value for name, value in headers.items()}
    )


def away():
    return said(503, "no model", retry_after="2")


def make_app(folder, key):
    sorter, app, router = Sorter(folder, key), FastAPI(docs_url=None), APIRouter()
    router.add_api_route("/v1/predict", sorter.predict, methods=["POST"])
    router.add_api_route("/ready", sorter.ready)
    router.add_api_route("/version", sorter.ready)
    router.add_api_route("/metrics", sorter.metrics)
    router.add_api_route("/health", lambda: {"status": "fine"})
    app.include_router(router)

    @app.middleware("http")
    async def name_it(request, call_next):
        response = await call_next(request)
        given = request.headers.get("X-Request-Id") or " "
        fine = len(given) <= 64 and not set(given) - FINE
        response.headers["X-Request-Id"] = given if fine else secrets.token_urlsafe(12)
        return response

    return app
