"""The outermost layer of the service: every request gets an id, limits, a line in the log, and is counted.

It is a plain ASGI layer, because each layer of Starlette's own kind costs a task and a stream for every request.
"""

import asyncio
import hmac
import re
import time
import uuid
from collections import OrderedDict

import structlog
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from cardshop.serving.metrics import CALLS, Metrics
from cardshop.serving.problems import problem
from cardshop.serving.settings import Settings

OPEN = {"/", "/docs", "/health", "/ready", "/metrics", "/version", "/openapi.json"}
"""What everybody may read, key or not."""
DOCS = "/docs-files"
"""Where scripts and styles of the page /docs are; everybody may read them, too."""
GOOD_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
MOST_CLIENTS = 10_000  # whose rate is remembered


class Buckets:
    """A bucket of tokens for each client: `rate` a second flow in, each request takes one, two seconds' worth fit."""

    def __init__(self, rate: float):
        self._rate = rate
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, client: str, now: float) -> float:
        """Take a token and return 0, or return the seconds until there is one."""
        most = max(2 * self._rate, 1)
        left, then = self._left.pop(client, (most, now))
        left = min(most, left + (now - then) * self._rate)
        self._left[client] = (left - 1 if left >= 1 else left, now)
        if len(self._left) > MOST_CLIENTS:
            self._left.popitem(last=False)
        return 0.0 if left >= 1 else (1 - left) / self._rate


class Guard:
    """Checks key, rate, size and time, in this order, and answers with a problem where one is not met."""

    def __init__(self, app: ASGIApp, settings: Settings, metrics: Metrics):
        self._app, self._settings, self._metrics = app, settings, metrics
        self._buckets = Buckets(settings.rate)
        self._log = structlog.get_logger("service")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        start, request = time.perf_counter(), Request(scope)
        given = request.headers.get("x-request-id", "")
        request.state.request_id = given if GOOD_ID.fullmatch(given) else uuid.uuid4().hex
        status = 0

        async def sent(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [
                    *message.get("headers", ()),
                    (b"x-request-id", request.state.request_id.encode()),
                ]
            await send(message)

        try:
            if (refusal := self._refusal(request)) is not None:
                await refusal(scope, receive, sent)
                return
            async with asyncio.timeout(self._settings.timeout):
                await self._app(scope, self._limited(receive), sent)
        except TimeoutError:
            if status:
                raise  # half an answer is gone: only closing the connection says so
            await self._too_late(request)(scope, receive, sent)
        except Exception:
            status = status or 500  # Starlette answers it, outside of this layer
            raise
        finally:
            self._note(request, status, time.perf_counter() - start)

    def _refusal(self, request: Request):
        path, settings = request.scope["path"], self._settings
        if path in OPEN or path.startswith(f"{DOCS}/"):
            return None
        key = request.headers.get("x-api-key", "")
        if settings.api_keys and not any(
            hmac.compare_digest(key.encode(), one.encode()) for one in settings.api_keys
        ):
            return problem(request, 401, "Send one of the service's keys in the header X-API-Key.")
        if settings.rate:
            client = key if settings.api_keys else (request.client.host if request.client else "")
            if wait := self._buckets.take(client, time.monotonic()):
                answer = problem(
                    request, 429, f"{settings.rate:g} requests a second are allowed: wait {wait:.2f} s."
                )
                answer.headers["retry-after"] = str(int(wait) + 1)
                return answer
        length = request.headers.get("content-length", "0")
        if length.isdecimal() and int(length) > settings.body:
            return problem(request, 413, self._most)
        return None

    def _limited(self, receive: Receive) -> Receive:
        left = self._settings.body

        async def limited() -> Message:
            nonlocal left
            message = await receive()
            left -= len(message.get("body", b""))
            if left < 0:
                raise HTTPException(413, self._most)  # FastAPI turns every other error of a body into 400
            return message

        return limited

    @property
    def _most(self) -> str:
        return f"A body has at most {self._settings.body:,} bytes: send fewer cards in a request."

    def _too_late(self, request: Request):
        return problem(
            request,
            504,
            f"There was no answer within {self._settings.timeout:g} s: send the body faster, or fewer cards.",
        )

    def _note(self, request: Request, status: int, seconds: float) -> None:
        route, path = request.scope.get("route"), request.scope["path"]
        # The pattern, so that odd paths make no new series; there is none if it was refused before it was found.
        path = getattr(route, "path", path if path in CALLS else "other")
        self._metrics.requests.labels(path, status).inc()
        self._metrics.seconds.labels(path).observe(seconds)
        if path in OPEN:  # probes and scrapes, every few seconds
            return
        self._log.info(
            "request",
            request_id=request.state.request_id,
            method=request.method,
            path=path,
            status=status,
            milliseconds=round(1000 * seconds, 2),
        )
