"""The monitor as an ASGI app: `create_app(settings)`; uvicorn calls it as a factory."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import httpx
import structlog
from fastapi import FastAPI, HTTPException, Response
from fastapi.responses import HTMLResponse
from prometheus_client import CONTENT_TYPE_LATEST

from cardshop.monitoring import budget, metrics, page
from cardshop.monitoring.settings import Settings
from cardshop.monitoring.watch import Report, Watch


def create_app(settings: Settings | None = None) -> FastAPI:
    """Return the monitor. Without `settings` they are read from the environment."""
    settings = settings or Settings()
    log = structlog.get_logger()
    watch = Watch(settings.journal, settings.reference)
    looking = asyncio.Lock()  # looks and a new reference never run at once
    latest: list[Report] = []

    async def look() -> None:
        async with looking:
            latest[:] = [await asyncio.to_thread(watch.look)]

    async def follow() -> None:
        while True:
            try:
                await look()
            except Exception as error:  # a full disk, a line of another version: what was known stays
                log.warning("journal", error=str(error))
            await asyncio.sleep(settings.look)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        following = asyncio.create_task(follow())
        yield
        following.cancel()
        with suppress(asyncio.CancelledError):
            await following

    def report() -> Report:
        if not latest:
            raise HTTPException(
                503, "The journal has not been read yet: try again in a second.", {"Retry-After": "1"}
            )
        return latest[0]

    app = FastAPI(title="Monitor", version="1", lifespan=lifespan, docs_url=None, redoc_url=None)

    @app.get("/health")
    async def health() -> dict[str, str]:
        """The monitor has read the journal."""
        report()
        return {"status": "alive"}

    @app.get("/metrics")
    async def measured() -> Response:
        """Drift, quality and freshness for Prometheus."""
        return Response(metrics.text(report()), media_type=CONTENT_TYPE_LATEST)

    @app.post("/reference", status_code=202)
    async def renew() -> dict[str, str]:
        """Let the next cards be the reference, as after a new model that has learned from newer cards."""
        async with looking:
            await asyncio.to_thread(watch.renew)
        await look()
        return {"status": "collecting"}

    @app.get("/", include_in_schema=False)
    async def shown() -> HTMLResponse:
        """The same as a page."""
        told = await asyncio.to_thread(_budget, settings.prometheus)
        return HTMLResponse(page.render(report(), time.time(), told))

    return app


def _budget(prometheus: str) -> budget.Uses | str:
    """What was used of the error budgets, or the sentence why that is not known."""
    if not prometheus:
        return (
            "Prometheus counts the calls, and CARDSHOP_PROMETHEUS does not say where it answers. `cardshop up` starts "
            "it where it is installed: `apt-get install prometheus`."
        )
    try:
        return budget.used(prometheus)
    except (httpx.HTTPError, ValueError, LookupError):
        return f"Prometheus counts the calls, and it does not answer at {prometheus}: see `cardshop logs prometheus`."
