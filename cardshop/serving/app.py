"""The service as an ASGI app: `create_app(settings)`; uvicorn calls it as a factory."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import structlog
from fastapi import FastAPI, HTTPException, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST

from cardshop.serving import problems
from cardshop.serving.answers import Answers
from cardshop.serving.batcher import Batcher, Busy
from cardshop.serving.guard import Guard
from cardshop.serving.holder import Holder
from cardshop.serving.journal import Journal
from cardshop.serving.metrics import Metrics
from cardshop.serving.schemas import Feedback, Model, Predict, Predictions, Problem
from cardshop.serving.settings import Settings

PROBLEMS = {
    status: {"model": Problem, "description": text, "content": {problems.MEDIA_TYPE: {}}}
    for status, text in {
        401: "The key is missing or unknown.",
        413: "The body is too large.",
        422: "The body breaks the contract; `errors` says where.",
        429: "Too many requests; `Retry-After` says when to come back.",
        503: "There is no model yet, or too many requests wait.",
        504: "The answer took too long.",
    }.items()
}


def create_app(settings: Settings | None = None) -> FastAPI:
    """Return the service. Without `settings` they are read from the environment."""
    settings = settings or Settings()
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso"),
            structlog.processors.JSONRenderer(),
        ],
        logger_factory=structlog.PrintLoggerFactory(),
        cache_logger_on_first_use=True,
    )
    metrics, journal = Metrics(), Journal(settings.journal)
    holder = Holder(settings, metrics)

    batcher = Batcher(Answers(holder, metrics), settings.waiting)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        tasks = [asyncio.create_task(one) for one in (batcher.run(), holder.follow())]
        yield
        for task in tasks:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    app = FastAPI(
        title="Card types",
        version="1",
        summary="Which box does this card belong in?",
        description="Send cards as the scanner reads them. What it could not read is null or left out.",
        lifespan=lifespan,
        redoc_url=None,
    )
    problems.install(app)
    app.add_middleware(Guard, settings=settings, metrics=metrics)

    def ready() -> None:
        if holder.predictor is None:
            raise HTTPException(503, holder.why_not, {"Retry-After": "2"})

    @app.post("/v1/predict", responses=PROBLEMS, tags=["cards"])
    async def predict(body: Predict, request: Request) -> Predictions:
        """Return the type of each card, with the probability of every type. Takes one card or up to a thousand."""
        ready()
        try:
            answers = await batcher.ask(body.cards)
        except Busy:
            raise HTTPException(
                503, "Too many requests wait for the model: try again in a second.", {"Retry-After": "1"}
            ) from None
        request_id = request.state.request_id
        result = Predictions(
            predictions=[prediction for prediction, _ in answers], model=answers[0][1], request_id=request_id
        )
        lines = [
            {
                "request_id": request_id,
                "version": result.model.version,
                "card": card.model_dump(exclude_none=True),
                "card_type": one.card_type,
                "confidence": one.probabilities[one.card_type],
            }
            for card, one in zip(body.cards, result.predictions, strict=True)
        ]
        if not journal.write("predictions", lines):
            metrics.unwritten.inc(len(lines))
        return result

    @app.post("/v1/feedback", status_code=202, responses=PROBLEMS, tags=["cards"])
    async def feedback(body: Feedback) -> dict[str, str]:
        """Report the type that a person found on a card. It may come weeks after the prediction."""
        if not journal.write("feedback", [body.model_dump()]):
            metrics.unwritten.inc()
            raise HTTPException(
                503, "The label could not be kept: send it again later.", {"Retry-After": "60"}
            )
        return {"status": "kept"}

    @app.get("/health", tags=["service"])
    async def health() -> dict[str, str]:
        """The process lives. It may not be ready yet."""
        return {"status": "alive"}

    @app.get("/ready", responses={503: PROBLEMS[503]}, tags=["service"])
    async def is_ready() -> dict[str, str]:
        """There is a model that answers."""
        ready()
        return {"status": "ready"}

    @app.get("/version", responses={503: PROBLEMS[503]}, tags=["service"])
    async def version() -> Model:
        """Which model answers, and the data that it learned from."""
        ready()
        one = holder.predictor
        return Model(name=one.name, version=one.version, data_version=one.data_version)

    @app.get("/metrics", tags=["service"])
    async def measured() -> Response:
        """The service's metrics for Prometheus."""
        return Response(metrics.text(), media_type=CONTENT_TYPE_LATEST)

    return app
