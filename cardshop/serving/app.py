"""The service as an ASGI app: `create_app(settings)`; uvicorn calls it as a factory."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import orjson
import structlog
from fastapi import FastAPI, HTTPException, Request, Response
from fastapi.responses import FileResponse, PlainTextResponse
from fastapi_offline import FastAPIOffline
from prometheus_client import CONTENT_TYPE_LATEST

from cardshop.serving import problems
from cardshop.serving.batcher import Busy
from cardshop.serving.explanation import Unexplained, explain
from cardshop.serving.guard import DOCS, OPEN, Guard
from cardshop.serving.hooks import PLAIN, Bodies, Hooks
from cardshop.serving.journal import Journal
from cardshop.serving.metrics import Metrics
from cardshop.serving.router import Router
from cardshop.serving.schemas import Explain, Explanation, Feedback, Model, Predict, Predictions, table
from cardshop.serving.settings import Settings

PROBLEMS = problems.described(
    {
        400: "The body is not text in UTF-8.",
        401: "The key is missing or unknown.",
        413: "The body is too large.",
        415: "The body is not said to be JSON.",
        422: "The body breaks the contract; `errors` says where.",
        429: "Too many requests; `Retry-After` says when to come back.",
        503: "There is no model yet, or too many requests wait.",
        504: "The answer took too long.",
    }
)
UNEXPLAINED = problems.described({501: "This model cannot be explained."})
NOT_READY = problems.described({503: "There is no model yet."})
PAGE = Path(__file__).with_name("page.html")


def create_app(settings: Settings | None = None, hooks: Hooks = PLAIN) -> FastAPI:
    """Return the service. Without `settings` they are read from the environment; `hooks` are those of a release."""
    settings = settings or Settings()
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso"),
            structlog.processors.JSONRenderer(serializer=orjson.dumps),
        ],
        wrapper_class=structlog.make_filtering_bound_logger("info"),
        logger_factory=structlog.BytesLoggerFactory(),
        cache_logger_on_first_use=True,
    )
    metrics, journal = Metrics(), Journal(settings.journal)
    metrics.release.set(settings.release)
    router = Router(settings, metrics, hooks)
    holder = router.champion

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        running = asyncio.create_task(router.run())
        yield
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running

    app = FastAPIOffline(  # as FastAPI, and the page at /docs loads nothing from elsewhere
        title="Card types",
        version="1",
        summary="Which box does this card belong in?",
        description="Send cards as the scanner reads them. What it could not read is null or left out.",
        lifespan=lifespan,
        redoc_url=None,
        static_url=DOCS,
    )
    problems.install(app)
    if hooks.body:
        app.add_middleware(Bodies, body=hooks.body)
    app.add_middleware(Guard, settings=settings, metrics=metrics)

    def ready() -> None:
        if holder.predictor is None:
            raise HTTPException(503, holder.why_not, {"Retry-After": "2"})

    @app.post("/v1/predict", response_model=Predictions, responses=PROBLEMS, tags=["cards"])
    async def predict(body: Predict, request: Request) -> Response:
        """Return the type of each card, with the probability of every type. Takes one card or up to a thousand.

        While a new model is rolled out, requests with the same header `X-Customer-Id` get the same model.
        """
        ready()
        request_id = request.state.request_id
        try:
            answers = await router.ask(
                body.cards, request.headers.get("x-customer-id", request_id), request_id
            )
        except Busy:
            raise HTTPException(
                503, "Too many requests wait for the model: try again in a second.", {"Retry-After": "1"}
            ) from None
        model = answers[0].model
        lines = [
            {
                "request_id": request_id,
                "version": model["version"],
                "card": card.model_dump(exclude_none=True),
                "card_type": one.prediction["card_type"],
                "confidence": one.confidence,
            }
            for card, one in zip(body.cards, answers, strict=True)
        ]
        journal.note(lines, metrics.unwritten.inc)
        predictions = [one.prediction for one in answers]
        return json({"predictions": predictions, "model": model, "request_id": request_id})

    @app.post("/v1/explain", response_model=Explanation, responses=PROBLEMS | UNEXPLAINED, tags=["cards"])
    async def why(body: Explain, request: Request) -> Response:
        """Say what each feature of a card added to the score of the type that the model sees in it."""
        ready()
        try:
            found = await asyncio.to_thread(explain, predictor := holder.predictor, table([body.card]))
        except Unexplained as error:
            raise HTTPException(501, str(error)) from None
        return json({**found, "model": predictor.title, "request_id": request.state.request_id})

    @app.post("/v1/feedback", status_code=202, responses=PROBLEMS, tags=["cards"])
    async def feedback(body: Feedback) -> dict[str, str]:
        """Report the type that a person found on a card. It may come weeks after the prediction."""
        if not journal.write("feedback", [body.model_dump()]):
            metrics.unwritten.inc()
            raise HTTPException(
                503, "The label could not be kept: send it again later.", {"Retry-After": "60"}
            )
        router.label(body.request_id, body.card_id, body.card_type)
        return {"status": "kept"}

    @app.get("/health", tags=["service"])
    async def health() -> dict[str, str]:
        """The process lives. It may not be ready yet."""
        return {"status": "alive"}

    @app.get("/ready", responses=NOT_READY, tags=["service"])
    async def is_ready() -> dict[str, str]:
        """There is a model that answers."""
        ready()
        return {"status": "ready"}

    @app.get("/version", responses=NOT_READY, tags=["service"])
    async def version() -> Model:
        """Which model answers, and the data that it learned from."""
        ready()
        return Model(**holder.predictor.title)

    @app.get("/", include_in_schema=False)
    async def page() -> FileResponse:
        """A page on which a person tries the service."""
        return FileResponse(PAGE, media_type="text/html")

    @app.get("/metrics", response_class=PlainTextResponse, tags=["service"])
    async def measured() -> Response:
        """The service's metrics for Prometheus."""
        return Response(metrics.text(), media_type=CONTENT_TYPE_LATEST)

    if settings.api_keys:
        _document_key(app)
    return app


def _document_key(app: FastAPI) -> None:
    """Say in the document which calls need a key, so that the page /docs can send it; the guard checks it."""
    document = app.openapi()
    document["components"]["securitySchemes"] = {
        "key": {"type": "apiKey", "in": "header", "name": "X-API-Key"}
    }
    for path, calls in document["paths"].items():
        if path not in OPEN:
            for call in calls.values():
                call["security"] = [{"key": []}]


def json(body: dict) -> Response:
    """An answer that is not checked against its own schema again: that takes longer than the prediction."""
    return Response(orjson.dumps(body), media_type="application/json")
