"""An ASGI app of a submission, as a check sees it: requests go over, responses come back, both as data."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from .declarations import Mismatch, Raised
from .worker import WorkerLost

if TYPE_CHECKING:
    from .submission import Handle, Submission


@dataclass(frozen=True)
class Request:
    """One request. A `body` in several pieces is streamed; `json` makes a body and its header."""

    method: str
    path: str
    json: object = None
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | str | Sequence[bytes] = b""

    def shown(self) -> dict:
        """What a learner gets to see of it, beside method and path."""
        parts = {"json": self.json, "headers": self.headers or None, "body": self.body or None}
        return {name: part for name, part in parts.items() if part is not None}

    def message(self) -> dict:
        """What the worker gets."""
        headers, body = dict(self.headers), self.body
        if self.json is not None:
            headers, body = {"content-type": "application/json", **headers}, json.dumps(self.json)
        body = body.encode() if isinstance(body, str) else body
        pieces = [body] if isinstance(body, bytes) else list(body)
        if len(pieces) == 1:
            headers = {"content-length": str(len(pieces[0])), **headers}
        return {
            "method": self.method,
            "path": self.path,
            "headers": [[name, value] for name, value in {"host": "testserver", **headers}.items()],
            "body": pieces,
        }


@dataclass(frozen=True)
class Response:
    """One response: `chunks` as the app has sent them. `error` is what the app raised, if it did.

    `status` is 500 where the app raised before it said anything else, as a server would answer. `seconds` were
    measured beside the app, which could falsify them: what points depend on is measured as `Client.seconds`.
    """

    status: int
    headers: Mapping[str, str]  # names in small letters
    chunks: tuple[bytes, ...]
    seconds: float
    error: Raised | None = None

    @property
    def body(self) -> bytes:
        return b"".join(self.chunks)

    @property
    def text(self) -> str:
        return self.body.decode(errors="replace")

    def json(self) -> object:
        """Return the body as JSON. Raises Mismatch when it is something else."""
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):
            raise Mismatch("a body in JSON", because=f"the body begins with {self.text[:80]!r}") from None


class Client:
    """Makes requests to one app. `seconds` is how long the last of them took together, measured on this side."""

    def __init__(self, submission: "Submission", server: "Handle"):
        self._submission, self._server = submission, server
        self.seconds = 0.0

    def request(self, method: str, path: str, **more: object) -> Response:
        """Make one request; see `Request` for what it takes."""
        return self.gather([Request(method, path, **more)])[0]

    def get(self, path: str, **more: object) -> Response:
        return self.request("GET", path, **more)

    def post(self, path: str, **more: object) -> Response:
        return self.request("POST", path, **more)

    def gather(self, requests: Sequence[Request]) -> list[Response]:
        """Make requests at the same time; return the responses in their order."""
        responses = self._submission._responses(self._server, requests)
        self.seconds = self._submission.last.seconds
        return responses


def to_responses(answers: object, number: int) -> list[Response]:
    """Return the responses that a worker has sent. Raises WorkerLost when they are something else."""
    if not isinstance(answers, list) or len(answers) != number:
        raise WorkerLost("crashed", "the process sent something that is not an answer")
    return [_response(answer) for answer in answers]


def _response(answer: object) -> Response:
    match answer:
        case {
            "status": int(status),
            "headers": list(headers),
            "chunks": list(chunks),
            "seconds": float(seconds),
            "error": None | dict() as error,
        } if all(isinstance(chunk, bytes) for chunk in chunks):
            named = {str(name).lower(): str(value) for name, value in filter(_is_pair, headers)}
            raised = Raised(error) if error else None
            return Response(status or 500, named, tuple(chunks), seconds, raised)
    raise WorkerLost("crashed", "the process sent something that is not a response")


def _is_pair(header: object) -> bool:
    return isinstance(header, list) and len(header) == 2
