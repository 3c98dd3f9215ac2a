"""An ASGI app inside a worker: its lifespan, and requests to it, on one event loop that moves only while one asks."""

import asyncio
import inspect
import time
from collections.abc import Callable
from contextlib import suppress
from urllib.parse import unquote

from .notebook import LoadError

_VERSION = {"version": "3.0", "spec_version": "2.4"}


def app_of(value: object, args: tuple = ()) -> Callable:
    """Return the app itself, or what a function returns that takes `args` and nothing else."""
    if inspect.isfunction(value) and (
        args or not [p for p in inspect.signature(value).parameters.values() if p.default is p.empty]
    ):
        value = value(*args)
    if not callable(value):
        raise LoadError(f"a {type(value).__name__} is not an ASGI app")
    return value


class Server:
    """One app that is served until `stop`."""

    def __init__(self, app: Callable):
        self._app = app
        self._loop = asyncio.new_event_loop()
        self._state: dict = {}
        self._lifespan: asyncio.Task | None = None
        self._orders: asyncio.Queue = asyncio.Queue()
        self._said: list[dict] = []
        self._news = asyncio.Event()

    def start(self) -> None:
        """Run the startup of the app's lifespan, if it has one. Raises what the app raises there."""
        self._loop.run_until_complete(self._start())

    def requests(self, batch: list[dict]) -> list[dict]:
        """Make requests at the same time; return the responses in their order."""

        async def every() -> list[dict]:
            return await asyncio.gather(*(self._request(**one) for one in batch))

        return self._loop.run_until_complete(every())

    def stop(self) -> None:
        """Run the shutdown of the app's lifespan, and end what it left running. Raises what the app raises there."""
        try:
            self._loop.run_until_complete(self._stop())
        finally:
            for task in asyncio.all_tasks(self._loop):
                task.cancel()
            self._loop.run_until_complete(self._loop.shutdown_asyncgens())
            self._loop.run_until_complete(self._loop.shutdown_default_executor())
            self._loop.close()

    # --- lifespan

    async def _start(self) -> None:
        scope = {"type": "lifespan", "asgi": _VERSION, "state": self._state}
        self._lifespan = asyncio.ensure_future(self._app(scope, self._orders.get, self._say))
        await self._order("startup")
        if self._lifespan.done():  # an app that knows requests alone: it may refuse in any way
            with suppress(Exception):
                self._lifespan.result()
            self._lifespan = None

    async def _stop(self) -> None:
        if self._lifespan is not None:
            await self._order("shutdown")
            await self._lifespan

    async def _say(self, message: dict) -> None:
        self._said.append(message)
        self._news.set()

    async def _order(self, phase: str) -> None:
        self._news.clear()
        await self._orders.put({"type": f"lifespan.{phase}"})
        news = asyncio.ensure_future(self._news.wait())
        await asyncio.wait({news, self._lifespan}, return_when=asyncio.FIRST_COMPLETED)
        news.cancel()
        if self._said and self._said[-1]["type"] == f"lifespan.{phase}.failed":
            trace = str(self._said[-1].get("message", "")).strip().splitlines()
            raise RuntimeError(f"the app's {phase} failed{': ' if trace else ''}{trace[-1] if trace else ''}")

    # --- requests

    async def _request(self, method: str, path: str, headers: list, body: list[bytes]) -> dict:
        """Make one request. What the app raises is part of the response."""
        path, _, query = path.partition("?")
        scope = {
            "type": "http",
            "asgi": _VERSION,
            "http_version": "1.1",
            "method": method,
            "scheme": "http",
            "path": unquote(path),
            "raw_path": path.encode(),
            "query_string": query.encode(),
            "root_path": "",
            "headers": [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers],
            "client": ("127.0.0.1", 50000),
            "server": ("testserver", 80),
            "state": dict(self._state),
        }
        response = {"status": 0, "headers": [], "chunks": [], "seconds": 0.0, "error": None}
        left, over = list(body) or [b""], asyncio.Event()

        async def receive() -> dict:
            if left:
                await asyncio.sleep(0)
                return {"type": "http.request", "body": left.pop(0), "more_body": bool(left)}
            await over.wait()
            return {"type": "http.disconnect"}

        async def send(message: dict) -> None:
            if message["type"] == "http.response.start":
                response["status"] = int(message["status"])
                response["headers"] = [
                    [name.decode("latin-1"), value.decode("latin-1")]
                    for name, value in message.get("headers", [])
                ]
            elif message["type"] == "http.response.body":
                if message.get("body"):
                    response["chunks"].append(bytes(message["body"]))
                if not message.get("more_body"):
                    over.set()

        start = time.perf_counter()
        try:
            await self._app(scope, receive, send)
        except Exception as error:
            response["error"] = error
        response["seconds"] = time.perf_counter() - start
        return response
