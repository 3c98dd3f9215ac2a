"""The loop of a worker: it opens one submission, then answers calls until the other side hangs up."""

import contextlib
import gc
import importlib
import io
import os
import sys
import time
import traceback
import types
import warnings
from pathlib import Path
from typing import Any, BinaryIO

from . import bounds, codec, own, readers, wire
from .loader import Loader
from .notebook import LoadError, Notebook

MAKEABLE = ("sklearn.", "xgboost.")  # what `make` may import
LAID = 1_700_000_000  # seconds; what is laid has this time, so that nothing can be remembered by it


def serve(requests: BinaryIO, replies: BinaryIO, folder: Path) -> None:
    """Answer requests until `requests` ends. `folder` is the private folder of this worker."""
    desk = _Desk(folder)
    while True:
        try:
            request, blobs = wire.read(requests)
        except EOFError:
            return
        blobs_out: list[bytes] = []
        reply = {"id": request["id"], **desk.answer(request, blobs, blobs_out)}
        try:
            wire.write(replies, reply, blobs_out)
        except codec.Unsendable as error:
            wire.write(replies, {"id": request["id"], "error": _described(error)}, [])


class _Desk:
    def __init__(self, folder: Path):
        self.folder = folder
        self.loader: Loader | None = None
        self.own: tuple[str, ...] = ()  # how the names of files begin that are the learner's
        self.laid = folder  # the files that came with the last call
        self.kept: list[object] = []  # what is no data stays here; a handle is its position
        self.called: tuple = ()  # the last call's request, its blobs and the arguments that were made of them
        self.surroundings = _surroundings()  # when the last function was loaded

    def answer(self, request: dict, blobs: list[bytes], blobs_out: list[bytes]) -> dict:
        printed, caught = io.StringIO(), []
        start = time.process_time()
        try:
            with (
                contextlib.redirect_stdout(printed),
                contextlib.redirect_stderr(printed),
                warnings.catch_warnings(record=True) as caught,
            ):
                warnings.simplefilter("always")
                reply = getattr(self, "_" + request["op"])(request, blobs, blobs_out)
        except BaseException as error:  # SystemExit and KeyboardInterrupt too: they are the submission's
            reply = {"error": _described(error, self.own)}
        reply["changed"] = self._changed()
        with contextlib.suppress(Exception):
            reply |= {
                "printed": printed.getvalue()[: bounds.TEXT],
                "warnings": [f"{w.category.__name__}: {w.message}"[:500] for w in caught[:20]],
            }
        return reply | {"cpu": time.process_time() - start}

    def _open(self, request: dict, blobs: list[bytes], blobs_out: list[bytes]) -> dict:
        source, name = request["source"], Path(request["label"]).name
        if isinstance(source, str):
            notebook, self.own = Notebook.parse(source, request["label"]), (request["label"],)
        else:
            notebook, self.own = Notebook.from_cells(source), ("cell ",)
            source = "\n\n\n".join(source)
        file = self._file(name if name.endswith(".py") else "notebook.py", source)
        sys.path.append(str(self.folder))  # last: a module that was handed in hides none of ours
        self.own += (str(self.folder),)
        self.loader = Loader(notebook, "__main__", str(file))  # marimo runs cells as `__main__`, too
        sys.modules.pop("grader", None)
        importlib.import_module("grader").mine = own.mine(request["earlier"], request["others"])
        if request.get("cwd"):
            place = self.folder / request["cwd"]
            place.mkdir(parents=True, exist_ok=True)
            os.chdir(place)
        self.surroundings = _surroundings()
        return {"value": None}

    def _file(self, name: str, text: str) -> Path:
        """The notebook's file, for `__file__`: in the folder with the other files of the submission."""
        file = self.folder / name[-100:]
        if not file.exists():
            file.write_text(text, encoding="utf-8", errors="replace", newline="")
        return file

    def _load(self, request: dict, blobs: list[bytes], blobs_out: list[bytes]) -> dict:
        self._function(request["name"])
        self.surroundings = _surroundings()
        return {"value": None}

    def _call(self, request: dict, blobs: list[bytes], blobs_out: list[bytes]) -> dict:
        return self._apply(self._function(request["name"]), request, blobs, blobs_out)

    def _function(self, name: str) -> Any:
        function = self.loader.load(name)
        if not callable(function):
            raise LoadError(f"`{name}` is a {type(function).__name__}, not a function")
        return function

    def _method(self, request: dict, blobs: list[bytes], blobs_out: list[bytes]) -> dict:
        return self._apply(getattr(self.kept[request["handle"]], request["name"]), request, blobs, blobs_out)

    def _get(self, request: dict, blobs: list[bytes], blobs_out: list[bytes]) -> dict:
        return {"value": self._encode(getattr(self.kept[request["handle"]], request["name"]), blobs_out)}

    def _make(self, request: dict, blobs: list[bytes], blobs_out: list[bytes]) -> dict:
        module, _, name = request["name"].rpartition(".")
        if not request["name"].startswith(MAKEABLE):
            raise LoadError(f"`{request['name']}` cannot be made in a worker")
        return self._apply(
            getattr(importlib.import_module(module), name), request, blobs, blobs_out, keep=True
        )

    def _text(self, request: dict, blobs: list[bytes], blobs_out: list[bytes]) -> dict:
        from .words import words

        return {"value": words(self.loader.notebook, request["name"])}

    def _read(self, request: dict, blobs: list[bytes], blobs_out: list[bytes]) -> dict:
        question = codec.decode(request["question"], blobs, self._kept)
        return {"value": self._encode(readers.read(request["reader"], request["file"], question), blobs_out)}

    # --- an ASGI app

    def _serve(self, request: dict, blobs: list[bytes], blobs_out: list[bytes]) -> dict:
        from .asgi import Server, app_of

        args = codec.decode(request["args"], blobs, self._kept)
        server = Server(app_of(self.loader.load(request["name"]), args))
        server.start()
        return {"value": self._keep(server)}

    def _request(self, request: dict, blobs: list[bytes], blobs_out: list[bytes]) -> dict:
        server = self.kept[request["server"]]
        responses = server.requests(codec.decode(request["requests"], blobs, self._kept))
        for response in responses:
            response["error"] = response["error"] and _described(response["error"], self.own)
        return {"value": self._encode(responses, blobs_out)}

    def _stop(self, request: dict, blobs: list[bytes], blobs_out: list[bytes]) -> dict:
        self.kept[request["server"]].stop()
        return {"value": None}

    # --- files

    def _folder(self, request: dict, blobs: list[bytes], blobs_out: list[bytes]) -> dict:
        return {"value": {"$": "path", "v": str(self._lay(request, blobs))}}

    def _lay(self, request: dict, blobs: list[bytes]) -> Path:
        """Lay the files of a request into a new folder, or over those of an older one."""
        place = Path(request.get("place") or self.folder / f"folder-{request['id']}")
        place.mkdir(parents=True, exist_ok=True)
        for name, content in codec.decode(request["files"], blobs, self._kept).items():
            path = place / name
            path.parent.mkdir(parents=True, exist_ok=True)
            if isinstance(content, bytes):
                path.write_bytes(content)
            elif isinstance(content, str):
                path.write_text(content, encoding="utf-8", newline="")
            elif hasattr(content, "write_parquet"):
                content.write_parquet(path)
            else:
                content.to_parquet(path)
            if not request.get("dated"):
                os.utime(path, (LAID, LAID))
        return place

    def _files(self, request: dict, blobs: list[bytes], blobs_out: list[bytes]) -> dict:
        place = Path(request["place"])
        paths = [path for path in sorted(place.rglob("*")) if path.is_file()]
        content = {path.relative_to(place).as_posix(): path.read_bytes() for path in paths}
        return {"value": self._encode(content, blobs_out)}

    def _apply(
        self, function: Any, request: dict, blobs: list[bytes], blobs_out: list[bytes], keep: bool = False
    ) -> dict:
        self.called = ()  # before the next arguments need room
        if "files" in request:
            self.laid = self._lay(request, blobs)
        args = codec.decode(request["args"], blobs, self._kept)
        kwargs = codec.decode(request["kwargs"], blobs, self._kept)
        self.called = (request, blobs, args, kwargs)
        try:
            result = function(*args, **kwargs)
            if isinstance(result, types.CoroutineType):
                import asyncio

                result = asyncio.run(result)
            return {"value": self._keep(result) if keep else self._encode(result, blobs_out)}
        except BaseException as error:
            blobs_out.clear()
            return {"error": _described(error, self.own)}

    def _mutated(self, request: dict, blobs: list[bytes], blobs_out: list[bytes]) -> dict:
        """Which arguments of the last call are not any more what its request said."""
        return {"value": self._changes(*self.called) if self.called else []}

    def _changes(self, request: dict, blobs: list[bytes], args: tuple, kwargs: dict) -> list[int | str]:
        again: list[bytes] = []
        with contextlib.suppress(Exception):
            trees = [codec.encode(part, self._known, again) for part in (args, kwargs)]
            if trees == [request["args"], request["kwargs"]] and again == blobs:
                return []
        fresh = [codec.decode(request[part], blobs, self._kept) for part in ("args", "kwargs")]
        before, after = ({**dict(enumerate(one)), **two} for one, two in (fresh, (args, kwargs)))
        return [key for key in before if self._digest(before[key]) != self._digest(after[key])]

    def _digest(self, value: object) -> str:
        blobs: list[bytes] = []
        try:
            return codec.digest(codec.encode(value, self._known, blobs), blobs)
        except Exception:
            return "no data any more"

    def _known(self, value: object) -> codec.Tree:
        return {"$": "handle", "v": next(n for n, kept in enumerate(self.kept) if kept is value)}

    def _changed(self) -> list[str]:
        """What of the process is not any more as it was. Variables that a library adds for itself do no harm."""
        try:
            (folder, before), (now, after) = self.surroundings, _surroundings()
            spoiled = any(after.get(name) != value for name, value in before.items())
            added = any(
                name.startswith(("TZ", "LANG", "LC_", "PYTHON")) for name in after.keys() - before.keys()
            )
        except Exception:
            return ["working directory", "environment variables"]
        return ["working directory"] * (now != folder) + ["environment variables"] * (spoiled or added)

    def _encode(self, value: object, blobs_out: list[bytes]) -> codec.Tree:
        return codec.encode(value, self._keep, blobs_out)

    def _keep(self, value: object) -> codec.Tree:
        self.kept.append(value)
        kind = type(value)
        return {
            "$": "handle",
            "v": len(self.kept) - 1,
            "type": f"{kind.__module__}.{kind.__qualname__}"[:200],
        }

    def _kept(self, tree: dict) -> object:
        if tree["$"] == "file":
            return self.laid / tree["v"]
        return self.kept[tree["v"]]


def _surroundings() -> tuple[Path | None, dict[str, str]]:
    """What outlives a call and has a say in the next one: the working directory, the environment."""
    try:
        folder = Path.cwd()
    except OSError:
        folder = None
    return folder, dict(os.environ)


def _described(error: BaseException, own: tuple[str, ...] = ()) -> dict:
    """What the trusted side is told of an exception: names and text, never the object.

    `own` is how the names of files begin whose lines are told.
    """

    def text() -> str:
        try:
            return str(error)[: bounds.TEXT]
        except BaseException:
            return "(its text cannot be read)"

    if isinstance(error, SyntaxError) and isinstance(error.msg, str):
        text = lambda: error.msg  # noqa: E731 - its str() repeats file and line
    elif isinstance(error, ModuleNotFoundError) and error.name and "." not in error.name:
        text = lambda: (  # noqa: E731
            f"{error.msg} (if it is a file of yours, it was not handed in with the notebook)"
        )
    kinds = [kind.__name__ for kind in type(error).__mro__ if kind is not object]
    steps = []
    with contextlib.suppress(Exception):
        frames = traceback.extract_tb(error.__traceback__)
        frames = [frame for frame in frames if frame.filename.startswith(own)]
        steps = [
            [
                frame.filename.removeprefix(f"{own[-1]}{os.sep}"),
                frame.lineno or 0,
                frame.name,
                (frame.line or "")[:200],
            ]
            for frame in frames[-4:]
        ]
    if isinstance(error, SyntaxError):
        steps = [[str(error.filename), error.lineno or 0, "", (error.text or "").strip()[:200]]]
    return {
        "type": kinds[0],
        "types": kinds,
        "message": text(),
        "trace": steps,
        "missing": isinstance(error, LoadError),
    }


def silence() -> None:
    """Point the standard streams at nothing: what C code prints reaches nobody."""
    silent = os.open(os.devnull, os.O_RDWR)
    for number in (0, 1, 2):
        os.dup2(silent, number)
    os.close(silent)


def prepare() -> None:
    """Make this process ready to be a worker's: names that `site` would have set, memory set aside."""
    import site

    site.setquit()
    if (
        "polars" in sys.modules
    ):  # it looks up the end of the stack in /proc, once, or else maps a new stack per query
        sys.modules["polars"].col("").meta.undo_aliases()
    gc.collect()
    gc.freeze()
