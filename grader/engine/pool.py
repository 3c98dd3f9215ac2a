"""Starting workers, talking to them with a limit of time, ending them. The trusted side's view of them."""

import compileall
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
import threading
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO

from .inside import codec

LEVELS = ("sandbox", "process")
INTERPRETER_START = 60  # seconds that a fresh interpreter may take until it answers
GRACE = 0.3  # seconds that a worker which hung up has to end by itself
ONE_THREAD = {
    "POLARS_MAX_THREADS": "1",
    "OMP_NUM_THREADS": "1",
}  # small tables: twice as fast, and times compare
FORKS = sys.platform == "linux"
_HERE = Path(__file__).parent / "inside"


class IsolationUnavailable(Exception):
    """The wanted isolation is not to be had here; the text says what to do."""


class WorkerLost(BaseException):
    """A worker hangs, crashed or talks nonsense. No ordinary exception, so that nobody shrinks or catches it."""

    def __init__(self, reason: str, sentence: str):
        super().__init__(sentence)
        self.reason, self.sentence = reason, sentence


class GraderBroken(BaseException):
    """The grader's own machinery fails; nothing that a submission should be blamed for."""


class WorkerPool:
    """Gives out workers of one isolation level that may import `packages`; forked where that is safe."""

    def __init__(
        self, level: str | None, packages: tuple[Path, ...], hidden: tuple[str, ...], preload: tuple[str, ...]
    ):
        """`level` None means the best there is. Raises IsolationUnavailable."""
        self._temporary = tempfile.TemporaryDirectory(prefix="dojo-", ignore_cleanup_errors=True)
        place = Path(self._temporary.name)
        place.chmod(0o755)
        self._view, self._root = place / "view", place / "root"
        self._root.mkdir()
        _make_view(self._view, packages, hidden)
        sites = list(dict.fromkeys(sysconfig.get_paths()[key] for key in ("purelib", "platlib")))
        self._path = [str(self._view), *sites]
        shown = [sys.base_prefix, sys.prefix, *sites, str(self._view)]
        self._options = {
            "root": str(self._root),
            "preload": list(preload),
            "visible": list(dict.fromkeys([*shown, *(str(Path(p).resolve()) for p in shown)])),
        }
        self._zygote: tuple[subprocess.Popen, socket.socket] | None = None
        self._spare: Worker | None = None
        self.level = ""
        try:
            if FORKS:
                self._start_zygote()
            self.level = self._choose(level)
        except BaseException:
            self.close()
            raise

    def _choose(self, wanted: str | None) -> str:
        reason = "it needs the namespaces of Linux"
        for level in [wanted] if wanted else LEVELS:
            if not FORKS and level == "sandbox":
                continue
            try:
                self.level = level
                self.warm().close()
                return level
            except OSError as error:
                reason = str(error)
        raise IsolationUnavailable(
            f"isolation level `{wanted or LEVELS[-1]}` is not to be had here ({reason}). Allow unprivileged user "
            "namespaces (sysctl kernel.unprivileged_userns_clone=1, or a container with --security-opt "
            "seccomp=unconfined), or ask for --isolation process."
        )

    def _start_zygote(self) -> None:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            options = {**self._options, "control": theirs.fileno()}
            process = subprocess.Popen(
                self._command("zygote", options),
                env=_environment(self._root, {}),
                cwd=self._root,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
                start_new_session=True,
            )
        self._zygote = process, ours
        ours.settimeout(INTERPRETER_START)
        if not ours.recv(65536):
            raise GraderBroken("the process that workers are forked from did not start")

    def _command(self, module: str, options: dict) -> list[str]:
        program = (
            f"import sys; sys.path[:0] = {self._path!r}; from dojo_worker import {module}; import json; "
            f"{module}.main(**json.loads(sys.argv[1]))"
        )
        return [sys.executable, "-S", "-P", "-s", "-c", program, json.dumps(options)]

    def prepare(self) -> None:
        """Have a worker ready before it is asked for. What hinders that is reported when one is asked for."""
        if self._spare is None:
            with suppress(OSError, GraderBroken):
                self._spare = self._new()

    def warm(self) -> "Worker":
        """Return a worker that has its libraries imported. Raises OSError when it cannot be isolated."""
        spare, self._spare = self._spare, None
        if spare is not None:
            if spare.alive:
                return spare
            spare.close()
        return self._new()

    def _new(self) -> "Worker":
        if self._zygote is None:
            return self._spawn({}, self._options["preload"])
        ours, theirs = socket.socketpair()
        with theirs:
            order = {"op": "fork", "level": self.level}
            answer, descriptors = self._order(order, theirs) or self._order(order, theirs) or ({}, [])
        if not answer:
            raise GraderBroken("the process that workers are forked from does not stay alive")
        if "error" in answer:
            ours.close()
            raise OSError(answer["error"])

        def end(grace: float) -> dict:
            ours.close()
            ended = self._order({"op": "end", "worker": answer["worker"], "grace": grace})
            return ended[0] if ended else {}

        return Worker(ours.makefile("wb"), ours.makefile("rb"), descriptors[0], end)

    def _order(self, order: dict, channel: socket.socket | None = None) -> tuple[dict, list[int]] | None:
        """Give the zygote an order; None when it was gone (a new one is there for the next order)."""
        process, control = self._zygote
        try:
            socket.send_fds(control, [json.dumps(order).encode()], [channel.fileno()] if channel else [])
            message, descriptors, _, _ = socket.recv_fds(control, 65536, 1)
            if message:
                return json.loads(message), descriptors
        except OSError:
            pass
        process.kill()
        process.wait()
        control.close()
        self._start_zygote()
        return None

    def cold(self, env: Mapping[str, str]) -> "Worker":
        """Return a worker in a fresh interpreter with these environment variables and nothing imported."""
        return self._spawn(env, [])

    def _spawn(self, env: Mapping[str, str], preload: list[str]) -> "Worker":
        posix = os.name == "posix"
        heard, told = os.pipe() if posix else (None, None)
        options = {**self._options, "level": self.level, "preload": preload, "report": told, "limits": {}}
        process = subprocess.Popen(
            self._command("spawned", options),
            env=_environment(self._root, env),
            cwd=self._root,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            pass_fds=[told] if posix else (),
            start_new_session=posix,
        )
        killer = None
        if posix:
            os.close(told)
            with os.fdopen(heard) as lines:
                report = lines.readline()
            if FORKS and report:
                killer = os.pidfd_open(json.loads(report)["process"])

        def end(grace: float) -> dict:
            with suppress(OSError):
                process.stdin.close()
            try:
                code = process.wait(grace)
            except subprocess.TimeoutExpired:
                code = None
                _kill(killer, process)
                process.kill()
                process.wait()
            process.stdout.close()
            return {"killed": code is None, "signal": max(-(code or 0), 0), "code": max(code or 0, 0)}

        return Worker(process.stdin, process.stdout, killer, end, process)

    def close(self) -> None:
        """End every worker and remove the folder that they saw."""
        if self._spare is not None:
            self._spare.close()
            self._spare = None
        if self._zygote is not None:
            process, control = self._zygote
            control.close()
            try:
                process.wait(5)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            self._zygote = None
        self._temporary.cleanup()


class Worker:
    """One process that runs a submission, and the two streams to it."""

    def __init__(
        self,
        requests: BinaryIO,
        replies: BinaryIO,
        killer: int | None,
        end: Any,
        process: subprocess.Popen | None = None,
    ):
        self._requests, self._replies = requests, replies
        self._killer, self._end, self._process = killer, end, process
        self._asked = 0
        self._late = False
        self.open = True

    def ask(self, message: dict, blobs: list[bytes], seconds: float) -> tuple[dict, list[bytes]]:
        """Send a request and return the reply. Raises WorkerLost, and Unsendable for what is too large."""
        self._asked += 1
        watchdog = threading.Timer(seconds, self._kill)
        watchdog.daemon = True
        watchdog.start()
        try:
            codec.write(self._requests, {"id": self._asked, **message}, blobs)
            reply, reply_blobs = codec.read(self._replies)
            if type(reply) is not dict or reply.get("id") != self._asked:
                raise codec.Malformed("an answer to another question")
            return reply, reply_blobs
        except (EOFError, OSError):
            end = self.close(GRACE)
            if self._late:
                raise WorkerLost(
                    "timed_out", f"no answer within {seconds:.3g} seconds; the run was stopped"
                ) from None
            raise WorkerLost("crashed", _ending(end)) from None
        except codec.Malformed as error:
            self.close()
            raise WorkerLost("crashed", f"the process sent something that is no answer ({error})") from None
        finally:
            watchdog.cancel()

    @property
    def alive(self) -> bool:
        if self._killer is not None:  # readable when its process has ended
            return not select.select([self._killer], [], [], 0)[0]
        return self._process.poll() is None

    def _kill(self) -> None:
        self._late = True
        _kill(self._killer, self._process)

    def close(self, grace: float = 0) -> dict:
        """End the worker; return how it ended."""
        if not self.open:
            return {}
        self.open = False
        for stream in (self._requests, self._replies):
            with suppress(OSError, ValueError):
                stream.close()
        end = self._end(grace)
        if not end:  # the process that would have ended it is gone
            _kill(self._killer, self._process)
        if self._killer is not None:
            os.close(self._killer)
            self._killer = None
        return end


def _kill(killer: int | None, process: subprocess.Popen | None) -> None:
    """Kill by process descriptor, which cannot hit a stranger; by number where there are none."""
    if killer is not None:
        with suppress(ProcessLookupError):
            signal.pidfd_send_signal(killer, signal.SIGKILL)
    elif process is not None:
        process.kill()


def _ending(end: dict) -> str:
    if end.get("signal"):
        name = (
            signal.Signals(end["signal"]).name if end["signal"] in set(signal.Signals) else str(end["signal"])
        )
        more = {
            "SIGKILL": " (out of memory, perhaps)",
            "SIGXCPU": " (its processor time was used up)",
            "SIGABRT": " (a library gave up: out of memory, perhaps)",
        }.get(name, "")
        return f"the Python process crashed with {name}{more}"
    if end.get("killed"):
        return "the connection to the Python process was closed from inside"
    return f"the Python process was ended from inside, with exit code {end.get('code', 0)}"


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
    compileall.compile_dir(view, quiet=2)


def _environment(home: Path, extra: Mapping[str, str]) -> dict[str, str]:
    """The environment of a worker: nothing of ours but what an interpreter cannot start without."""
    kept = {
        name: os.environ[name] for name in ("SYSTEMROOT", "PATH", "LD_LIBRARY_PATH") if name in os.environ
    }
    return {
        **kept,
        **ONE_THREAD,
        "HOME": str(home),
        "LANG": "C.UTF-8",
        "TZ": "UTC",
        "PYTHONHASHSEED": "0",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONWARNINGS": "ignore",
        **extra,
    }
