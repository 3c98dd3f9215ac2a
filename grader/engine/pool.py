"""Starting workers, talking to them with a limit of time, ending them. The trusted side's view of them."""

import compileall
import io
import json
import os
import select
import shutil
import signal
import socket
import subprocess
import sys
import sysconfig
import tempfile
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from itertools import count
from pathlib import Path
from py_compile import PycInvalidationMode
from typing import Any

from .inside import codec, folders, kernel, sandbox, spawned

LEVELS = ("sandbox", "process")
INTERPRETER_START = 60  # seconds that a fresh interpreter may take until it answers
GRACE = 0.3  # seconds that a worker which hung up has to end by itself
ONE_THREAD = sandbox.threads(1)  # small tables: twice as fast, and times compare
AHEAD = {
    True: 1,
    False: 2,
}  # workers kept ready: where they are forked, where each is an interpreter of its own
_HERE = Path(__file__).parent / "inside"


class IsolationUnavailable(Exception):
    """The requested isolation level is not available on this machine; the text says what to do."""


class WorkerLost(BaseException):
    """A worker hangs, crashed or sent nonsense. Not an ordinary exception, so that nobody shrinks or catches it."""

    def __init__(self, reason: str, sentence: str):
        super().__init__(sentence)
        self.reason, self.sentence = reason, sentence


class GraderBroken(BaseException):
    """The grader's own machinery fails; nothing that a submission should be blamed for."""


class _Gone(Exception):
    """The process that starts workers is not there any more."""


@dataclass(frozen=True)
class _Order:
    """What a worker is to be like. Those that are kept ready are of the default kind."""

    mounts: dict[str, str] = field(default_factory=dict)
    limits: dict[str, int] = field(default_factory=dict)
    profile: str = "minimal"
    threads: int = 1
    without: tuple[str, ...] = ()


class WorkerPool:
    """Starts workers of one isolation level that may import `packages`.

    On Linux a process of its own, the zygote, has imported the libraries and forks them; elsewhere, or with
    `forks=False`, each is started as an interpreter. `level` is the level in use; `weaker_because` says why it is not
    the best of this platform, and `slower_because` why workers are not forked; both are empty otherwise. `root` is a
    folder to build sandboxes on, and `visible` are the folders that they show.
    """

    def __init__(
        self,
        level: str | None,
        packages: tuple[Path, ...],
        hidden: tuple[str, ...],
        preload: tuple[str, ...],
        forks: bool | None = None,
        python: Path | None = None,
    ):
        """`level` None means the best that is available; `python` is the interpreter of an environment of its own.

        Raises IsolationUnavailable.
        """
        self.level = self.weaker_because = self.slower_because = ""
        self.forks = sys.platform == "linux" if forks is None else forks
        self._place = folders.Temporary("dojo-pool-")
        self._view, self.root = self._place.path / "view", self._place.path / "root"
        self._preload = list(preload)
        self._numbers = count()
        self._spares: list[Worker] = []
        self._zygote: subprocess.Popen | None = None
        self._control: socket.socket | None = None
        self._controls: dict[tuple, socket.socket] = {}  # of zygotes in other environments
        self._attached = False
        try:
            self.root.mkdir()
            _make_view(self._view, packages, hidden)
            self._original = None if self.forks else folders.Original(self._view)
            self._python = str(python or sys.executable)
            prefixes, sites = _places_of(self._python)
            self._path = [str(self._view), *sites]
            shown = [*prefixes, *sites, str(self._view)]
            self.visible = list(dict.fromkeys([*shown, *(str(Path(p).resolve()) for p in shown)]))
            self._choose(level)
        except BaseException:
            self.close()
            raise

    def _choose(self, wanted: str | None) -> None:
        if wanted == "sandbox" and not self.forks:
            raise IsolationUnavailable("Isolation level `sandbox` needs Linux; ask for --isolation process.")
        reasons: list[str] = []
        for level in [wanted] if wanted else LEVELS if self.forks else LEVELS[1:]:
            try:
                self._try(level)
            except OSError as error:
                reasons.append(str(error))
                continue
            if reasons:
                self.weaker_because = (
                    f"{_unavailable('sandbox', reasons[0])} Level `{level}` is used instead."
                )
            return
        raise IsolationUnavailable(_unavailable(wanted or "process", reasons[-1]))

    def _try(self, level: str) -> None:
        self.level = level
        if level == "process":
            kernel.hide_process()  # it knows the checks, and their inputs
        if self.forks:
            self._start_zygote()
        else:
            self.prepare()  # and find out when one is needed

    # --- the zygote

    def _start_zygote(self) -> None:
        """Start the process that starts workers. Raises OSError when the level is not available."""
        answer = self._launch_zygote([] if self.slower_because else self._preload)
        if "threads" in answer:
            self.slower_because = (
                f"{answer['threads']}; a process with such threads must not be forked from. Each worker is therefore "
                "started as an interpreter of its own, which takes seconds. Use the library inside a function instead."
            )
            print(self.slower_because, file=sys.stderr)
            answer = self._launch_zygote([])
        if "error" in answer:
            raise OSError(answer["error"])

    def _launch_zygote(self, preload: list[str]) -> dict:
        self._end_zygote()
        self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self._zygote = subprocess.Popen(
                spawned.command(
                    self._python,
                    self._path,
                    "zygote",
                    control=theirs.fileno(),
                    level=self.level,
                    path=self._path,
                    preload=preload,
                    root=str(self.root),
                    visible=self.visible,
                ),
                env=_environment(self.root, {}),
                cwd=self.root,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
                start_new_session=True,
            )
        self._control.settimeout(INTERPRETER_START)
        with suppress(OSError):
            if message := self._control.recv(65536):
                return json.loads(message)
        raise GraderBroken("the process that workers are forked from did not start")

    def _end_zygote(self) -> None:
        for control in self._controls.values():
            control.close()
        self._controls = {}
        if self._control is not None:
            self._control.close()
            self._control = None
        if self._zygote is not None:
            try:
                self._zygote.wait(5)
            except subprocess.TimeoutExpired:
                self._zygote.kill()
                self._zygote.wait()
            self._zygote = None

    def _replace_zygote(self) -> None:
        """Start the zygote once more if it is gone. Raises GraderBroken in a referee, which cannot."""
        if self._zygote is None and self._attached:
            raise GraderBroken("the process that workers are forked from is gone")
        if self._zygote is not None and select.select([self._control], [], [], 0)[0]:  # it has hung up
            self._zygote.kill()
            try:
                self._start_zygote()
            except OSError as error:
                raise GraderBroken(
                    f"the process that workers are forked from did not start: {error}"
                ) from None

    def new_control(self, env: Mapping[str, str] | None = None) -> socket.socket:
        """Return one more socket for orders, to a zygote with these environment variables if they are given.

        A referee has one of its own (see `attach`). When it is closed, the workers ordered on it end.
        """
        for last in (False, True):
            ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
            with theirs:
                try:
                    _send(self._control, {"op": "control", "env": dict(env or {})}, theirs)
                    return ours
                except _Gone:
                    ours.close()
                    if last:
                        raise GraderBroken(
                            "the process that workers are forked from does not stay alive"
                        ) from None
            self._replace_zygote()
        raise AssertionError

    def attach(self, control: socket.socket) -> None:
        """In a referee: give all orders on `control` from now on. The zygote cannot be started again from here."""
        control.settimeout(INTERPRETER_START)
        self._control, self._zygote, self._spares, self._attached = control, None, [], True
        self._controls = {}

    def _control_for(self, env: Mapping[str, str]) -> socket.socket:
        """The socket for orders to the zygote of an environment."""
        key = tuple(sorted(env.items()))
        if key in self._controls and select.select([self._controls[key]], [], [], 0)[0]:  # it has hung up
            self._controls.pop(key).close()
        if key not in self._controls:
            self._controls[key] = self.new_control(env)
            self._controls[key].settimeout(INTERPRETER_START)
        return self._controls[key]

    def new_place(self) -> Path | None:
        """Return a new place for the private folder of a process; None in the sandbox: it disappears with it."""
        return Path(tempfile.mkdtemp(dir=self.root)) if self.level == "process" else None

    # --- workers

    def prepare(self) -> None:
        """Order workers of the default kind ahead. What hinders that is reported when one is asked for."""
        with suppress(OSError, _Gone):
            while len(self._spares) < AHEAD[self._forked]:
                self._spares.append(self._warm(_Order()))

    def warm(
        self,
        mounts: Mapping[str, Path] | None = None,
        limits: Mapping[str, int] | None = None,
        profile: str = "minimal",
        threads: int = 1,
        without: tuple[str, ...] = (),
    ) -> "Worker":
        """Return a worker that has imported its libraries.

        `mounts` are folders that it may read, by their path in its working directory; everybody must be allowed to
        read them. `limits` are fields of `sandbox.Limits` that differ. Profile `service` is for what needs `/proc`.
        `without` are modules that it cannot import.
        Raises OSError when the worker cannot be isolated, GraderBroken when there is none.
        """
        order = _Order(
            {name: str(place) for name, place in (mounts or {}).items()},
            dict(limits or {}),
            profile,
            threads,
            without,
        )
        while self._spares and order == _Order():
            with suppress(EOFError):
                return self._spares.pop(0).welcome()
        return self._started(lambda: self._warm(order))

    def cold(
        self,
        env: Mapping[str, str],
        mounts: Mapping[str, Path] | None = None,
        limits: Mapping[str, int] | None = None,
        profile: str = "minimal",
        threads: int = 1,
        without: tuple[str, ...] = (),
    ) -> "Worker":
        """Return a worker whose interpreter was started with these environment variables.

        In the sandbox it is forked from one that has imported the libraries since; else nothing is imported.
        """
        order = _Order(
            {name: str(place) for name, place in (mounts or {}).items()},
            dict(limits or {}),
            profile,
            threads,
            without,
        )
        if self._forked and self.level == "sandbox":  # elsewhere a worker could spoil what is imported later
            return self._started(lambda: self._fork(order, self._control_for(env)))
        return self._started(lambda: self._spawn(order, env, []))

    def _started(self, start: Any) -> "Worker":
        for last in (False, True):
            try:
                return start().welcome()
            except (EOFError, _Gone):
                if last:
                    raise GraderBroken("workers do not stay alive until they are ready") from None
            self._replace_zygote()
        raise AssertionError

    @property
    def _forked(self) -> bool:
        return self.forks and not self.slower_because

    def _warm(self, order: _Order) -> "Worker":
        if self._forked:
            return self._fork(order, self._control)
        return self._spawn(order, {}, self._preload)

    def _fork(self, order: _Order, control: socket.socket) -> "Worker":
        return self._ordered({"op": "fork", **asdict(order)}, control)

    def _spawn(self, order: _Order, env: Mapping[str, str], preload: list[str]) -> "Worker":
        if self.forks:
            given = {"env": dict(env), "preload": preload}
            return self._ordered({"op": "spawn", **given, **asdict(order)}, self._control)
        self._original.restore()
        place = self.new_place()  # there is no sandbox without fork
        ours, theirs = socket.socketpair()
        with theirs:
            process = spawned.start(
                self._python,
                self._path,
                theirs,
                _environment(self.root, {**sandbox.threads(order.threads), **env}),
                level=self.level,
                preload=preload,
                order=asdict(order),
                root=str(place),
                visible=self.visible,
            )
        return Worker(ours, _Child(process, place))

    def _ordered(self, order: dict, control: socket.socket) -> "Worker":
        ours, theirs = socket.socketpair()
        number = next(self._numbers)
        try:
            with theirs:
                _send(control, {**order, "worker": number}, theirs)
        except _Gone:
            ours.close()
            raise
        return Worker(ours, _Ordered(control, number))

    def close(self) -> None:
        """End every worker and remove the folder that they saw."""
        while self._spares:
            self._spares.pop().close()
        self._end_zygote()
        if not self._attached:
            self._place.close()


def _send(control: socket.socket, order: dict, descriptor: socket.socket | None = None) -> None:
    """Give a zygote an order. Raises _Gone."""
    try:
        with suppress(ValueError):  # closed
            socket.send_fds(
                control, [json.dumps(order).encode()], [descriptor.fileno()] if descriptor else []
            )
    except OSError as error:
        raise _Gone from error


@dataclass
class _Ordered:
    """A worker's process, as the zygote knows it."""

    control: socket.socket
    number: int

    def watch(self) -> None:
        with suppress(_Gone):
            _send(self.control, {"op": "watch", "worker": self.number})

    def kill(self) -> None:
        with suppress(_Gone):  # and so is the worker
            _send(self.control, {"op": "kill", "worker": self.number})

    def end(self, grace: float) -> dict:
        """End it; return how it ended, where there is time to wait for that."""
        try:
            _send(self.control, {"op": "end" if grace else "reap", "worker": self.number, "grace": grace})
            while grace:
                message = self.control.recv(65536)
                if not message:
                    break
                answer = json.loads(message)
                if answer["worker"] == self.number:
                    return answer
        except (_Gone, OSError):
            pass
        return {"killed": True}


@dataclass
class _Child:
    """A worker's process, as its parent knows it."""

    process: subprocess.Popen
    place: Path  # where its private folder is

    def watch(self) -> None:
        """Nobody does: only Linux tells what a family of processes uses."""

    def kill(self) -> None:
        if os.name == "posix":
            with suppress(OSError):
                os.killpg(self.process.pid, signal.SIGKILL)
        self.process.kill()

    def end(self, grace: float) -> dict:
        code = None
        with suppress(subprocess.TimeoutExpired):
            code = self.process.wait(grace)
        self.kill()
        self.process.wait()
        folders.remove(self.place)
        return {"killed": code is None, "signal": max(-(code or 0), 0), "code": max(code or 0, 0)}


class Worker:
    """One process that runs a submission, and the connection to it."""

    def __init__(self, channel: socket.socket, process: _Ordered | _Child):
        self._channel, self._process = _Channel(channel), process
        self._asked = 0
        self.open = True

    def welcome(self) -> "Worker":
        """Wait until it is ready. Raises OSError when it cannot be isolated, EOFError when it died before."""
        try:
            self._channel.deadline = time.monotonic() + INTERPRETER_START
            greeting, _ = codec.read(self._channel)
            if "error" in greeting:
                raise OSError(greeting["error"])
            if not self.alive:
                raise EOFError
            self._process.watch()
        except BaseException:
            self.close()
            raise
        return self

    def ask(self, message: dict, blobs: list[bytes], seconds: float) -> tuple[dict, list[bytes]]:
        """Send a request and return the reply. Raises WorkerLost, and Unsendable for what is too large."""
        self._asked += 1
        self._channel.deadline = time.monotonic() + seconds
        try:
            codec.write(self._channel, {"id": self._asked, **message}, blobs)
            reply, reply_blobs = codec.read(self._channel)
            if type(reply) is not dict or reply.get("id") != self._asked:
                raise codec.Malformed("an answer to another question")
            return reply, reply_blobs
        except TimeoutError:
            self.close()
            raise WorkerLost(
                "timed_out", f"no answer within {seconds:.3g} seconds; the run was stopped"
            ) from None
        except (EOFError, OSError):
            raise WorkerLost("crashed", _ending(self.close(GRACE))) from None
        except codec.Malformed as error:
            self.close()
            raise WorkerLost("crashed", f"the process sent something that is no answer ({error})") from None

    @property
    def alive(self) -> bool:
        """Whether it waits for a request."""
        return self.open and not self._channel.readable_now()

    def kill(self) -> None:
        self._process.kill()

    def close(self, grace: float = 0) -> dict:
        """End the worker; return how it ended."""
        if not self.open:
            return {}
        self.open = False
        self._channel.close()
        return self._process.end(grace)


class _Channel:
    """The trusted end of the connection to a worker: whatever is read or written is late after `deadline`."""

    def __init__(self, connection: socket.socket):
        self._socket = connection
        self._read, self._written = bytearray(), io.BytesIO()
        self.deadline = 0.0

    def read(self, size: int) -> bytes:
        """Return `size` bytes, or fewer at the end. Raises TimeoutError."""
        if size > len(self._read) + 2**16:
            return self._read_large(size)
        while len(self._read) < size:
            part = self._waiting(self._socket.recv, 2**16)
            if not part:
                break
            self._read += part
        data = bytes(self._read[:size])
        del self._read[:size]
        return data

    def _read_large(self, size: int) -> bytes:
        """As `read`. Memory is taken as bytes arrive: what is announced may never come."""
        data, self._read = self._read, bytearray()
        while len(data) < size and (part := self._waiting(self._socket.recv, min(size - len(data), 2**20))):
            data += part
        return bytes(data)

    def write(self, data: bytes) -> None:
        self._written.write(data)

    def flush(self) -> None:
        """Send what was written. Raises TimeoutError."""
        written, self._written = self._written, io.BytesIO()
        self._waiting(self._socket.sendall, written.getbuffer())

    def _waiting(self, call: Any, argument: Any) -> Any:
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError
        self._socket.settimeout(left)
        return call(argument)

    def readable_now(self) -> bool:
        """Whether there is something to read, or the other side has hung up."""
        return bool(self._read or select.select([self._socket], [], [], 0)[0])

    def close(self) -> None:
        self._socket.close()


def _unavailable(level: str, reason: str) -> str:
    return (
        f"Isolation level `{level}` is not available on this machine ({reason}). To allow it, enable unprivileged user "
        "namespaces (sysctl kernel.unprivileged_userns_clone=1, or start the container with --security-opt "
        "seccomp=unconfined), or ask for --isolation process."
    )


def _ending(end: dict) -> str:
    if end.get("excess"):
        return f"the Python process and its children used {end['excess']}; they were stopped"
    if end.get("killed"):
        return "the connection to the Python process was closed from inside"
    if end.get("signal"):
        known = end["signal"] in set(signal.Signals)
        name = signal.Signals(end["signal"]).name if known else f"signal {end['signal']}"
        more = {
            "SIGKILL": " (out of memory, perhaps)",
            "SIGXCPU": " (its processor time was used up)",
            "SIGABRT": " (a library gave up: out of memory, perhaps)",
            "SIGSEGV": " (a library crashed, or gave up for lack of memory)",
        }.get(name, "")
        return f"the Python process crashed with {name}{more}"
    return f"the Python process was ended from inside, with exit code {end.get('code', 0)}"


def _places_of(python: str) -> tuple[list[str], list[str]]:
    """Return the folders that an interpreter itself takes up, and those of its installed packages."""
    program = (  # with `site`, or a virtual environment does not know itself
        "import json, sys, sysconfig; paths = sysconfig.get_paths(); "
        "print(json.dumps([[sys.base_prefix, sys.prefix], [paths['purelib'], paths['platlib']]]))"
    )
    if python == sys.executable:
        paths = sysconfig.get_paths()
        prefixes, sites = [sys.base_prefix, sys.prefix], [paths["purelib"], paths["platlib"]]
    else:
        told = subprocess.run([python, "-I", "-c", program], capture_output=True, timeout=INTERPRETER_START)
        if told.returncode:
            raise GraderBroken(f"{python} does not start")
        prefixes, sites = json.loads(told.stdout)
    return prefixes, list(dict.fromkeys(sites))


def _make_view(view: Path, packages: tuple[Path, ...], hidden: tuple[str, ...]) -> None:
    """Lay out what workers may import: the packages without what is hidden, the stub, the worker itself."""
    for package in packages:
        without = {str(Path(package).parent / part) for part in hidden}

        def leave_out(folder: str, names: list[str], without: set[str] = without) -> list[str]:
            return [name for name in names if name == "__pycache__" or str(Path(folder) / name) in without]

        shutil.copytree(package, view / Path(package).name, ignore=leave_out)
    shutil.copytree(_HERE, view / "dojo_worker", ignore=shutil.ignore_patterns("__pycache__", "stub.py"))
    (view / "grader").mkdir()
    shutil.copy(_HERE / "stub.py", view / "grader" / "__init__.py")
    unchecked = PycInvalidationMode.UNCHECKED_HASH  # whatever the times of files that were put back
    compileall.compile_dir(view, quiet=2, invalidation_mode=unchecked)
    for place in (
        view,
        *view.rglob("*"),
    ):  # the user's umask and the files' own modes are not the workers' affair
        place.chmod(0o755 if place.is_dir() else 0o644)


def _environment(home: Path, extra: Mapping[str, str]) -> dict[str, str]:
    """The environment of a worker: nothing of ours but what an interpreter cannot start without."""
    kept = {
        name: os.environ[name] for name in ("SYSTEMROOT", "PATH", "LD_LIBRARY_PATH") if name in os.environ
    }
    return {
        **kept,
        **ONE_THREAD,
        "HOME": str(home),
        "USER": "learner",
        "LANG": "C.UTF-8",
        "TZ": "UTC",
        "PYTHONHASHSEED": "0",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONWARNINGS": "ignore",
        **extra,
    }
