"""Takes the body as an argument, with a handler for refusals, the model as a dependency, and an ASGI middleware around all."""

import math
import re
import secrets
import string
import time
from typing import Annotated, Literal

from cardshop.scorer import STATS, Scorer
from fastapi import Depends, FastAPI, HTTPException
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, PlainTextResponse
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from pydantic import BaseModel, ConfigDict, Field, create_model
from starlette.datastructures import Headers, MutableHeaders

Stat = Annotated[int, Field(ge=1, le=400)]
Entry = create_model(
    "Entry",
    __config__=ConfigDict(extra="forbid", strict=True),
    card_id=(Annotated[str, Field(min_length=1, max_length=40)], ...),
    stage=(Literal["Basic", "Stage 1", "Stage 2"], ...),
    **{stat: (Stat, ...) for stat in STATS},
)


class Body(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)
    cards: Annotated[list[Entry], Field(min_length=1, max_length=100)]


class Holder:
    def __init__(self, folder):
        self.folder, self.good, self.followed = folder, None, False

    def look(self):
        self.followed = False
        try:
            name = (self.folder / "champion").read_text(encoding="utf-8").strip()
            found = Scorer.read(self.folder / "versions" / name)
        except Exception:
            return self.good
        numbers = found.weights.sum() + found.bias.sum()
        if found.version == name and math.isfinite(float(numbers)):
            self.good, self.followed = found, True
        return self.good

    def collect(self):
        good = self.look()
        info = GaugeMetricFamily("sorter_model_info", "the model", labels=["version"])
        if good:
            info.add_metric([good.version], 1)
        yield info
        yield GaugeMetricFamily("sorter_champion_broken", "broken", value=int(not self.followed))


class Around:
    """Asks for the key, limits bodies, counts and times answers, and gives them ids."""

    def __init__(self, app, key, answers, seconds):
        self.app, self.key, self.answers, self.seconds = app, key, answers, seconds

    async def __call__(self, scope, receive, send):
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        counts = scope["method"] == "POST" and scope["path"] == "/v1/predict"
        headers = Headers(scope=scope)
        given = headers.get("x-request-id", "")
        start = time.perf_counter()
        if not re.fullmatch(r"[\w-]{1,64}", given, re.ASCII):
            given = "".join(secrets.choice(string.ascii_letters) for _ in range(20))

        async def sent(message):
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message)["x-request-id"] = given
                if counts:
                    self.answers.labels(str(message["status"])).inc()
                    self.seconds.observe(time.perf_counter() - start)
            await send(message)

        known = secrets.compare_digest(headers.get("x-api-key", "").encode(), self.key.encode())
        if counts and not known:
            refusal = JSONResponse({"detail": "no key, or a wrong one"}, 401)
            return await refusal(scope, receive, sent)
        kept, size, more = [], 0, counts
        while more:
            kept.append(message := await receive())
            size, more = size + len(message.get("body", b"")), message.get("more_body", False)
            if size > 20_000:
                refusal = JSONResponse({"detail": "the body has more than 20000 bytes"}, 413)
                return await refusal(scope, receive, sent)

        async def received():
            return kept.pop(0) if kept else await receive()

        return await self.app(scope, received, sent)


def make_app(folder, key):
    registry = CollectorRegistry()
    answers = Counter("sorter_requests_total", "answers", ["status"], registry=registry)
    for status in ("200", "401", "422", "500", "503"):
        answers.labels(status)
    seconds = Histogram(
        "sorter_request_seconds", "time", buckets=[0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10], registry=registry
    )
    by_type = Counter("sorter_cards_total", "cards", ["card_type"], registry=registry)
    registry.register(holder := Holder(folder))

    app = FastAPI()

    @app.exception_handler(RequestValidationError)
    async def refused(_, error):
        said = [f"{'.'.join(str(part) for part in one['loc'])}: {one['msg']}" for one in error.errors()]
        return JSONResponse({"detail": " / ".join(said[:5])}, 422)

    def champion():
        if (found := holder.look()) is None:
            raise HTTPException(503, "come back later: no model", {"Retry-After": "10"})
        return found

    Model = Annotated[Scorer, Depends(champion)]

    @app.get("/health")
    def health():
        return "alive"

    @app.get("/ready")
    @app.get("/version")
    def version(model: Model):
        return {"version": model.version, "ready": True}

    @app.get("/metrics", response_class=PlainTextResponse)
    def metrics():
        return generate_latest(registry).decode()

    @app.post("/v1/predict")
    def predict(body: Body):
        model = champion()
        predictions = model.predict(body.model_dump()["cards"])
        for one in predictions:
            by_type.labels(one["card_type"]).inc()
        return {"predictions": predictions, "version": model.version}

    app.add_middleware(Around, key=key, answers=answers, seconds=seconds)
    return app
