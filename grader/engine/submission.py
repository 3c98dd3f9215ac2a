"""Submission: the one interface through which a check sees the code of a learner."""

import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from copy import copy
from dataclasses import asdict, dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from .asgi import Client, Request, Response, to_responses
from .assignment import FULL, Budget, Earlier, Submitted, Task
from .declarations import Raised
from .inside import bounds, codec, sandbox, wire
from .likeness import Likeness, Reply, likeness
from .pool import WorkerPool
from .worker import GraderBroken, Worker, WorkerLost

RUNNING = ("call", "method", "get", "request")  # what runs code that was found and loaded before


class File:
    """As an argument: the path of a file that is sent with the call (see `call_on_files`)."""

    def __init__(self, name: str):  # not a dataclass, which would be sent as data
        self.name = name


@dataclass
class Call:
    """The last call of a submission: what went in, what came out, what else was noticed."""

    name: str = ""
    args: tuple = ()
    kwargs: dict[str, Any] = field(default_factory=dict)
    value: object = None
    error: Raised | None = None
    changed: list[str] = field(default_factory=list)  # of the process, since the function was loaded
    printed: str = ""
    warnings: list[str] = field(default_factory=list)
    cpu: float = 0
    seconds: float = 0  # from the request to the reply, as the trusted side sees it
    files: Mapping[Path, object] = field(default_factory=dict, repr=False)  # what `folder` laid, to be shown
    request: tuple[dict, list[bytes]] | None = field(default=None, repr=False)
    reply: Reply = field(default=({}, []), repr=False)
    find_mutated: Callable[[], list[int | str]] = field(default=list, repr=False)

    @cached_property
    def mutated(self) -> list[int | str]:
        """Which arguments the call has changed: positions and names. Looked up when a check asks for it."""
        return self.find_mutated()


@dataclass(frozen=True)
class Handle:
    """Something of a submission that is not plain data. Its methods are called where it lives."""

    _submission: "Submission" = field(repr=False)
    _worker: Worker = field(repr=False)
    _number: int = field(repr=False)
    type: str

    def __repr__(self) -> str:
        return f"<{self.type}>"

    def __getattr__(self, name: str) -> Callable:
        if name.startswith("__"):
            raise AttributeError(name)
        return lambda *args, **kwargs: self._submission._apply(
            {"op": "method", "handle": self._number, "name": name}, args, kwargs
        )

    def get(self, name: str) -> object:
        """Return an attribute (`model.get("coef_")`)."""
        return self._submission._ask({"op": "get", "handle": self._number, "name": name}, [])


class Submission:
    """Calls the functions of one notebook: `submission.clean_cards(cards)`.

    Every call may raise Raised (the submission's own exception) and WorkerLost.
    """

    def __init__(
        self,
        pool: WorkerPool,
        submitted: Submitted,
        label: str,
        budget: Budget = FULL,
        shipped: "Submission | None" = None,
        earlier: tuple[Earlier, ...] = (),
    ):
        self._pool, self._submitted, self._label, self._budget = pool, submitted, label, budget
        self._shipped, self._earlier = shipped, earlier
        self._hides: tuple[str, ...] = ()
        self._profile = "minimal"
        self._env: Mapping[str, str] | None = None  # of a cold worker
        self._apart = False
        self._cwd = ""
        self._spent = 0.0
        self.losses = 0
        self._reset()

    def _reset(self) -> None:
        self.last = Call()
        self._worker: Worker | None = None
        self._loaded: set[str] = set()
        self._files: dict[Path, object] = {}
        self._handles = False  # something that is no data lives in the worker
        self._reader: Submission | None = None

    # --- what checks use

    def __getattr__(self, name: str) -> "Function":
        if name.startswith("_"):
            raise AttributeError(name)
        return Function(self, name)

    def make(self, name: str, /, *args: object, **kwargs: object) -> Handle:
        """Make an object of an allowed library over there: `make("sklearn.linear_model.Ridge", alpha=1)`."""
        return self._apply({"op": "make", "name": name}, args, kwargs)

    def folder(self, files: Mapping[str, object], place: Path | None = None, dated: bool = False) -> Path:
        """Lay files (text, bytes, or a frame as Parquet) into a folder over there; return its path.

        The folder is new, or `place`: one that was laid before, where files of the same name are replaced. All
        files are equally old, or `dated`: as old as they are.
        """
        blobs: list[bytes] = []
        tree = codec.encode(dict(files), self._unknown, blobs)
        place = self._ask({"op": "folder", "files": tree, "place": str(place or ""), "dated": dated}, blobs)
        if not isinstance(place, Path):
            raise WorkerLost("crashed", "the process sent something other than an answer")
        files = {**self._files.get(place, {}), **files}
        self._files |= {place: files, **{place / name: content for name, content in files.items()}}
        return place

    def files(self, place: Path) -> object:
        """Return what is in a folder over there now: a dict from relative path to bytes, unless it is forged."""
        return self._ask({"op": "files", "place": str(place)}, [])

    @property
    def shipped(self) -> "Submission":
        """The notebook as it was handed out, in a worker of the same kind: the given, slow version."""
        if self._shipped is None:
            raise AttributeError("this submission is the shipped one")
        return self._shipped

    @contextmanager
    def cold(self, env: Mapping[str, str] | None = None, cwd: str = "") -> "Iterator[Submission]":
        """The same notebook in a fresh interpreter with other environment variables and working directory."""
        other = self.again()
        other._env, other._cwd = env or {}, cwd
        try:
            yield other
        finally:
            self.last = replace(other.last, request=None)  # elsewhere it may rightly have another answer
            self._spent, self.losses = other._spent, other.losses
            other.close()

    def file(self, name: str) -> str:
        """Return a text file of the submission, at most a megabyte of UTF-8. Raises Raised when there is none."""
        content = self._submitted.contents.get(name)
        if self._submitted.problem:
            raise self._missing(self._submitted.problem)
        if content is None:
            found = name in self._submitted.contents
            raise self._missing(
                f"`{name}` is not a text file in UTF-8 of at most 1 MB"
                if found
                else f"the submission has no `{name}`"
            )
        return content

    def text(self, cell: str) -> str:
        """Return the words of a named cell: what it shows with `mo.md`, else its code."""
        return self._text_of(self._ask({"op": "text", "name": cell}, []))

    def artifact(self, name: str) -> object:
        """Open a file of the submission beside its code: `submission.artifact("artifacts/model.joblib").predict(X)`."""
        return self._read("", name, {})

    def read(self, reader: str, name: str, content: bytes | None = None, **question: object) -> object:
        """Return what one of our readers finds in a file: `submission.read("mlflow_runs", "mlruns.db")`.

        It runs in a process that has seen nothing of the notebook (see `inside/readers`). The file is that of the
        submission, or has `content`; `question` are further arguments of the reader.
        """
        if self._reader is None:
            self._reader = self.again()
            self._reader._submitted = replace(self._submitted, notebook="", others={})
        self._reader._spent = self._spent
        try:
            if content is not None:
                name = str(self._reader.folder({Path(name).name: content}) / Path(name).name)
            return self._reader._read(reader, name, question)
        finally:
            self._spent = self._reader._spent

    def read_made(self, reader: str, place: Path, name: str) -> object:
        """Return what one of our readers finds in a file that the submission has written into a folder over there."""
        made = self.files(place)
        content = made.get(name) if isinstance(made, dict) else None
        if not isinstance(content, bytes):
            raise self._missing(f"There is no file {name} in the folder.")
        return self.read(reader, name, content)

    @contextmanager
    def asgi(self, name: str, *args: object) -> Iterator[Client]:
        """Serve an ASGI app of the notebook, or what a function returns that takes `args`, while the block runs.

        with submission.asgi("app") as client:
            response = client.post("/v1/predict", json={"cards": []})
        """
        blobs: list[bytes] = []
        tree = codec.encode(args, self._unknown, blobs)
        server = self._ask({"op": "serve", "name": name, "args": tree}, blobs, name)
        if not isinstance(server, Handle):
            raise WorkerLost("crashed", "the process sent something that is not an answer")
        yield Client(self, server)
        if server._worker is self._worker:
            self._ask({"op": "stop", "server": server._number}, [])

    def call_on_files(
        self, name: str, args: tuple, files: Mapping[str, bytes], limit: float | None = None
    ) -> object:
        """Call a function on files that nobody over there sees before; `File(name)` among `args` is a path.

        `limit`: seconds for this call, where the task's own limit is not meant.
        """
        return self._apply({"op": "call", "name": name}, args, {}, files, limit)

    # --- what the runner uses

    @property
    def running(self) -> bool:
        """Whether it has a process."""
        return self._worker is not None

    def begin(self, task: Task, live: bool, apart: bool = False) -> None:
        """Start the account of a task: its limits, its losses. A worker of another kind than it needs is ended.

        `apart`: each call has a worker of its own, unless folders or handles of an earlier call live in the worker.
        """
        for one in (self, self._shipped):
            if one is not None:
                one._apart = apart
                before = one._kind
                one._budget, one._hides, one._profile = (
                    task.live if live else task.full,
                    task.hides,
                    task.profile,
                )
                one._spent, one.losses = 0.0, 0
                if one._kind != before:
                    one.close()

    def again(self) -> "Submission":
        """The same submission without a process and without what checks remember of it, on the same account."""
        other = copy(self)
        other._reset()
        return other

    def replay(self) -> Likeness | None:
        """How like its answer the answer to the last call is in a fresh worker; None where that cannot be asked."""
        if self.last.request is None or _bound(self.last.request[0]):
            return None
        fresh, last = self.again(), self.last
        try:
            return likeness(fresh._send(*last.request, name=last.name), last.reply)
        except (WorkerLost, GraderBroken):  # its processes may be what keeps a fresh one from starting
            return None
        finally:
            self._spent = fresh._spent
            fresh.close()

    def renew(self) -> None:
        """Forget the worker after it was lost."""
        self.close()
        self.last = Call()

    def close(self) -> None:
        if self._worker is not None:
            self._worker.close()
            self._worker = None
        if self._reader is not None:
            self._reader.close()
            self._reader = None
        self._loaded.clear()
        self._files, self._handles = {}, False

    # --- asking

    def _apply(
        self,
        target: dict,
        args: tuple,
        kwargs: dict[str, Any],
        files: Mapping[str, bytes] | None = None,
        limit: float | None = None,
    ) -> object:
        blobs: list[bytes] = []
        shown = {Path(name): content for name, content in (files or {}).items()} or self._files
        named = tuple(Path(part.name) if isinstance(part, File) else part for part in args)
        self.last = call = Call(target["name"], named, kwargs, files=shown)
        message = {
            **target,
            "args": codec.encode(tuple(args), self._unknown, blobs),
            "kwargs": codec.encode(dict(kwargs), self._unknown, blobs),
        }
        if files is not None:
            message["files"] = codec.encode(dict(files), self._unknown, blobs)
        if self._apart and not (self._files or self._handles):
            self.close()
        start = time.perf_counter()
        reply, reply_blobs = self._send(message, blobs, target["name"], limit)
        call.seconds = time.perf_counter() - start
        if target["op"] == "call":
            call.request, call.reply = (message, blobs), (reply, reply_blobs)
        call.find_mutated = self._mutated
        call.changed = wire.texts(reply.get("changed"))
        call.printed = wire.text(reply.get("printed"))
        call.warnings = wire.texts(reply.get("warnings"))
        call.cpu = reply["cpu"] if isinstance(reply.get("cpu"), float) else 0.0
        try:
            call.value = self._value(reply, reply_blobs)
        except Raised as error:
            call.error = error
            raise
        return call.value

    def _mutated(self) -> list[int | str]:
        found = self._ask({"op": "mutated"}, [])
        return [key for key in found[:50] if isinstance(key, int | str)] if isinstance(found, list) else []

    def _ask(self, message: dict, blobs: list[bytes], name: str = "") -> object:
        return self._value(*self._send(message, blobs, name))

    def _read(self, reader: str, name: str, question: dict[str, object]) -> object:
        if self._submitted.problem:
            raise self._missing(self._submitted.problem)
        blobs: list[bytes] = []
        asked = codec.encode(question, self._unknown, blobs)
        return self._ask({"op": "read", "reader": reader, "file": name, "question": asked}, blobs)

    def _responses(self, server: Handle, requests: Sequence[Request]) -> list[Response]:
        first, *others = requests
        name = f"{len(requests)} requests at the same time" if others else f"{first.method} {first.path}"
        self.last = call = Call(name, kwargs={} if others else first.shown())
        if server._worker is not self._worker:
            raise WorkerLost("crashed", "the process that served the app is gone")
        blobs: list[bytes] = []
        tree = codec.encode([one.message() for one in requests], self._unknown, blobs)
        start = time.perf_counter()
        answers = self._ask({"op": "request", "server": server._number, "requests": tree}, blobs)
        call.seconds = time.perf_counter() - start
        responses = to_responses(answers, len(requests))
        call.value = [f"{one.status} {one.body[:500].decode(errors='replace')}" for one in responses]
        return responses

    def _missing(self, sentence: str) -> Raised:
        return Raised({"type": "LookupError", "message": sentence, "missing": True})

    def _text_of(self, value: object) -> str:
        if not isinstance(value, str):
            raise WorkerLost("crashed", "the process sent something that is not an answer")
        return value

    def _send(
        self, message: dict, blobs: list[bytes], name: str = "", limit: float | None = None
    ) -> tuple[dict, list[bytes]]:
        start = time.monotonic()
        try:
            if self._worker is None:
                self._worker = self._started()
                self._worker.ask(
                    {
                        "op": "open",
                        "source": self._submitted.notebook,
                        "label": self._label,
                        "cwd": self._cwd,
                        "earlier": [asdict(one) for one in self._earlier],
                        "others": self._submitted.others,
                    },
                    [],
                    self._budget.first + 10,
                )
            if message["op"] in ("call", "serve") and name not in self._loaded:
                answer = self._worker.ask({"op": "load", "name": name}, [], self._budget.first)
                if "error" in answer[0]:
                    return answer
                self._loaded.add(name)
            limit = limit or self._budget.call
            left = self._budget.total - self._spent - (time.monotonic() - start)
            if left > 0:
                try:
                    reply = self._worker.ask(message, blobs, min(limit, left))
                    if message["op"] in RUNNING and isinstance(error := reply[0].get("error"), dict):
                        error["missing"] = False  # what is called is there: these are not our words
                    return reply
                except WorkerLost as error:
                    if error.reason != "timed_out" or left > limit:
                        raise
            self.close()
            raise WorkerLost(
                "timed_out", f"all calls together took more than {self._budget.total:.3g} seconds"
            )
        except WorkerLost:
            self.losses += 1
            self._worker = None
            raise
        finally:
            self._spent += time.monotonic() - start

    def _started(self) -> Worker:
        try:
            if self._env is not None:
                return self._pool.cold(self._env, **self._kind)
            return self._pool.warm(**self._kind)
        except OSError as error:
            raise GraderBroken(f"a worker did not start: {error}") from None

    @property
    def _kind(self) -> dict[str, Any]:
        """What the pool has to know of the worker."""
        kind: dict[str, Any] = {
            "threads": self._budget.threads,
            "profile": self._profile,
            "without": self._hides,
        }
        if self._submitted.files is not None:
            tops = {name.partition("/")[0] for name in self._submitted.contents}
            kind["mounts"] = {name: self._submitted.files / name for name in sorted(tops)}
        limits = {
            "cpu": max(int(self._budget.total * self._budget.threads), sandbox.Limits.cpu),
            "memory": int(self._budget.memory * sandbox.GIGABYTE),
        }
        kind["limits"] = {
            name: most for name, most in limits.items() if most != getattr(sandbox.Limits, name)
        }
        return kind

    def _value(self, reply: dict, blobs: list[bytes]) -> object:
        if "error" in reply:
            raise Raised(reply["error"] if isinstance(reply["error"], dict) else {})
        try:
            return codec.decode(reply.get("value"), blobs, self._handle)
        except codec.Malformed as error:
            raise Raised(
                {"type": "Unreadable", "message": f"the answer could not be read: {error}"}
            ) from None

    def _handle(self, tree: dict) -> Handle:
        if type(tree["v"]) is not int:
            raise codec.Malformed("a handle without a number")
        self._handles = True
        return Handle(self, self._worker, tree["v"], wire.text(tree["type"], bounds.NAME))

    def _unknown(self, value: object) -> codec.Tree:
        if isinstance(value, File):
            return {"$": "file", "v": value.name}
        if not isinstance(value, Handle):
            raise codec.Unsendable(
                f"a {type(value).__name__} is not plain data and cannot be given to a submission"
            )
        if value._worker is not self._worker:
            raise codec.Unsendable(f"the {value.type} was made in a worker that is gone")
        return {"$": "handle", "v": value._number}


@dataclass(frozen=True)
class Function:
    """A function of a submission."""

    submission: Submission
    name: str

    def __call__(self, *args: object, **kwargs: object) -> object:
        return self.submission._apply({"op": "call", "name": self.name}, args, kwargs)


def kind_of(value: object) -> str:
    """Return what a value is, for a sentence: "a list", "an int", "a generator"."""
    name = value.type.rpartition(".")[2] if isinstance(value, Handle) else type(value).__name__
    return f"an {name}" if name[:1] in "aeiouAEIOU" else f"a {name}"


def _bound(message: dict) -> bool:
    """Whether a request speaks of things that exist in its worker only: paths and handles."""
    text = json.dumps([message["args"], message["kwargs"]])
    return '{"$": "path"' in text or '{"$": "handle"' in text
