"""What a release may change of the service without a copy of its code."""

import json
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import polars as pl
from starlette.types import ASGIApp, Message, Receive, Scope, Send


@dataclass(frozen=True)
class Hooks:
    """Functions of a release that the service calls on the way of a card; without one nothing changes.

    `body` gets the path (`/v1/predict` or `/v1/feedback`) and the JSON object that a client has sent, before it is
    checked. It returns the object that is checked, predicted and kept in the journal.
    `table` gets the cards of a batch as the model would get them, and returns a table with the same rows.
    `probabilities` gets that table, an array with a row for each card, and the types of its columns. It returns an
    array of the same shape. `/v1/explain` calls none of them.
    """

    body: Callable[[str, dict], dict] | None = None
    table: Callable[[pl.DataFrame], pl.DataFrame] | None = None
    probabilities: Callable[[pl.DataFrame, np.ndarray, list[str]], np.ndarray] | None = None


PLAIN = Hooks()
"""The service as it is."""
PATHS = ("/v1/predict", "/v1/feedback")


class Bodies:
    """The layer that shows JSON objects to the hook `body`. What is no object goes on as it came."""

    def __init__(self, app: ASGIApp, body: Callable[[str, dict], dict]):
        self._app, self._body = app, body

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] not in PATHS:
            await self._app(scope, receive, send)
            return
        pieces, more = [], True
        while more:
            message = await receive()
            if message["type"] != "http.request":  # the client has gone
                return
            pieces.append(message.get("body", b""))
            more = message.get("more_body", False)
        content = b"".join(pieces)
        try:
            sent = json.loads(content)
        except ValueError:
            sent = None
        if isinstance(sent, dict):
            content = json.dumps(self._body(scope["path"], sent)).encode()
        waiting: list[Message] = [{"type": "http.request", "body": content, "more_body": False}]

        async def changed() -> Message:
            return waiting.pop() if waiting else await receive()

        await self._app(scope, changed, send)
