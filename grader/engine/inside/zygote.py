"""The process that workers are forked from: it has imported the libraries and has seen no submission.

It takes orders as single messages on sockets, one socket for each process that needs workers; when such a socket is
closed, the workers ordered on it end. A worker is known by a number that whoever orders it has chosen:

    control   the descriptor that comes along is one more socket for orders: orders to this process, or to another
              zygote that is started with the environment variables `env`
    fork      start a worker; it answers on the descriptor that comes along
    spawn     the same in an interpreter of its own, with the environment variables `env`
    kill      kill the worker
    end       end it after `grace` seconds and answer how it ended
    reap      kill and forget it
    watch     it runs a submission from now on: end it when it and its children use too much

Only `end` is answered. Linux only; elsewhere every worker is started by the trusted process (`spawned.py`).
"""

import contextlib
import importlib
import json
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from . import codec, folders, kernel, processes, sandbox, serve, spawned
from .nursery import Nursery

LOOK = 0.002  # seconds between two looks at workers that are about to end
WATCH, AGAIN = (
    0.05,
    0.01,
)  # seconds between two looks at what the others use, and after one that found too much


@dataclass
class _Worker:
    number: int  # chosen by whoever ordered it
    process: int
    limits: sandbox.Limits
    place: Path | None  # where its private folder is; None: it disappears with it
    watched: bool = False
    shown: int = 0  # the number of its process in /proc
    suspect: bool = False  # it used too much at the last look: while a child starts, its memory counts twice
    excess: str = ""  # what it used too much of


@dataclass
class _Control:
    """A socket for orders, and the workers that were ordered on it."""

    socket: socket.socket
    workers: dict[int, _Worker] = field(default_factory=dict)  # by number


@dataclass
class _Other:
    """A zygote that was started with other environment variables."""

    process: subprocess.Popen
    control: socket.socket


@dataclass
class _Ending:
    """A worker that is to end; `asked` is told how, if anybody."""

    worker: _Worker
    until: float
    asked: _Control | None
    killed: bool = False


def main(
    control: int, level: str, path: list[str], root: str, visible: list[str], preload: list[str]
) -> None:
    """Serve orders on the socket `control` until it is closed. Its first message is `{}`, or what is wrong."""
    control = socket.socket(fileno=control)
    if level == "process":
        kernel.hide_process()
    try:
        nursery = Nursery(level)
        _try(nursery, level, root, visible)
    except OSError as error:
        control.send(json.dumps({"error": str(error)}).encode())
        os._exit(1)
    if threads := _import(preload):
        control.send(json.dumps({"threads": threads}).encode())
        os._exit(1)
    _rehearse()
    serve.prepare()
    try:
        control.send(b"{}")
    except OSError:  # whoever started this has ended
        os._exit(0)
    options = {"level": level, "path": path, "root": root, "visible": visible, "preload": preload}
    _Zygote(nursery, options).run(control)
    os._exit(0)  # at once: the libraries have nothing to tidy up, and some complain when they do


def _try(nursery: Nursery, level: str, root: str, visible: list[str]) -> None:
    """Raise OSError when a worker of this level cannot be started."""
    heard, told = os.pipe()
    process = nursery.start(os.fork)
    if process == 0:
        try:
            sandbox.enter(level, root, visible, sandbox.Limits())
            for folder in visible:
                next(Path(folder).iterdir())
        except OSError as error:
            os.write(told, str(error).encode())
        finally:
            os._exit(0)
    os.close(told)
    with os.fdopen(heard, errors="replace") as lines:
        problem = lines.read()
    os.waitpid(process, 0)
    if problem:
        raise OSError(problem)


def _import(names: list[str]) -> str:
    """Import modules; return a sentence when one has started threads, without which it would hang after a fork."""
    for name in names:
        with contextlib.suppress(ImportError):  # it shows where the notebook imports it
            importlib.import_module(name)
        if processes.lost_threads():
            time.sleep(0.1)  # a thread gives itself its name a moment after it has started
        if threads := sorted(processes.lost_threads()):
            return f"`{name}` starts threads when it is imported ({', '.join(threads)})"
    return ""


def _rehearse() -> None:
    """Do once what most submissions do first, so that what is imported and cached on the way need not be for each.

    Not with polars: its threads would not survive a fork.
    """
    if pandas := sys.modules.get("pandas"):
        table = pandas.DataFrame({"a": [1.0, None, 2.0], "b": ["x", "y", "y"], "c": [1, 2, 2]})
        blobs: list[bytes] = []
        codec.decode(codec.encode((table,), None, blobs), blobs, None)
        table = table.drop_duplicates().copy()
        table["a"] = table["a"].fillna(table.groupby("b")["a"].transform("median"))
        table.merge(table, on="b").sort_values("c_x").reset_index(drop=True)


class _Zygote:
    def __init__(self, nursery: Nursery, options: dict[str, Any]):
        """`options` are the arguments of `main` beside the socket."""
        self._nursery, self._options = nursery, options
        self._level, self._path = options["level"], options["path"]
        self._root, self._visible = options["root"], options["visible"]
        self._others: dict[tuple, _Other] = {}  # zygotes by environment
        self._endings: list[_Ending] = []
        self._watch_next = 0.0
        self._exposed = (
            self._level == "process"
        )  # to workers: they can change the view, and leave processes and files behind
        self._original = folders.Original(Path(self._path[0])) if self._exposed else None
        self._own: set[int] = set()  # the processes that were started here
        self._removals: list[subprocess.Popen] = []
        self._strays = False

    def run(self, control: socket.socket) -> None:
        """Obey until `control` is closed."""
        first = _Control(control)
        controls = {control: first}
        while control in controls:
            for asking in select.select(list(controls), [], [], self._patience(controls))[0]:
                message, descriptors = _receive(asking)
                if message:
                    self._obey(controls, controls[asking], json.loads(message), descriptors)
                else:  # whoever gave the orders is gone
                    self._dismiss(controls.pop(asking))
                    asking.close()
            self._look()
            self._watch(controls)
        for asking in controls.values():
            self._dismiss(asking)
        while self._endings or self._removals or self._strays:
            self._look()
            self._clean()
            time.sleep(LOOK)

    def _patience(self, controls: dict[socket.socket, _Control]) -> float | None:
        """Seconds until there is something to do without an order."""
        if self._endings:
            return LOOK
        watched = any(worker.watched for control in controls.values() for worker in control.workers.values())
        if watched or self._removals or self._strays:
            return max(self._watch_next - time.monotonic(), 0)
        return None

    def _obey(self, controls: dict, control: _Control, order: dict, descriptors: list[int]) -> None:
        if order["op"] == "control" and order["env"]:
            with socket.socket(fileno=descriptors[0]) as added, contextlib.suppress(OSError):
                control = self._other(order["env"]).control
                socket.send_fds(
                    control, [json.dumps({"op": "control", "env": {}}).encode()], [added.fileno()]
                )
        elif order["op"] == "control":
            added = socket.socket(fileno=descriptors[0])
            controls[added] = _Control(added)
        elif order["op"] in ("fork", "spawn"):
            with socket.socket(fileno=descriptors[0]) as channel:
                self._start(control, channel, order)
        elif order["op"] == "kill":
            if order["worker"] in control.workers:
                self._kill(control.workers[order["worker"]].process)
        elif order["op"] == "watch":
            if order["worker"] in control.workers:
                control.workers[order["worker"]].watched = True
        else:
            self._end(control, order)

    def _other(self, env: dict[str, str]) -> _Other:
        """The zygote of another environment. Nobody waits for it here: orders wait in its socket."""
        key = tuple(sorted(env.items()))
        if key not in self._others or self._others[key].process.poll() is not None:
            ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
            with theirs:
                command = spawned.command(
                    sys.executable, self._path, "zygote", control=theirs.fileno(), **self._options
                )
                process = subprocess.Popen(
                    command,
                    env={**os.environ, **env},
                    cwd=self._root,
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    pass_fds=[theirs.fileno()],
                    start_new_session=True,
                )
            self._others[key] = _Other(process, ours)
        return self._others[key]

    def _start(self, control: _Control, channel: socket.socket, order: dict) -> None:
        start = self._fork if order["op"] == "fork" else self._spawn
        place = None
        try:
            if self._exposed:
                self._original.restore()
                place = Path(tempfile.mkdtemp(dir=self._root))
            process = self._nursery.start(lambda: start(channel, order, str(place or self._root)))
        except OSError as error:
            spawned.refuse(channel, error)
        else:
            self._own.add(process)
            limits = sandbox.Limits(**order["limits"])
            control.workers[order["worker"]] = _Worker(order["worker"], process, limits, place)

    def _fork(self, channel: socket.socket, order: dict, root: str) -> int:
        process = os.fork()
        if process == 0:
            try:
                os.setsid()
                sandbox.close_all_but(2, channel.fileno())
                spawned.work(channel, self._level, root, self._visible, order)
            finally:
                os._exit(1)
        return process

    def _spawn(self, channel: socket.socket, order: dict, root: str) -> int:
        process = spawned.start(
            sys.executable,
            self._path,
            channel,
            {**os.environ, **sandbox.threads(order["threads"]), **order.pop("env")},
            level=self._level,
            root=root,
            visible=self._visible,
            preload=order.pop("preload"),
            order=order,
        )
        process.returncode = 0  # it is waited for here
        return process.pid

    # --- what workers use

    def _watch(self, controls: dict[socket.socket, _Control]) -> None:
        """Kill what uses too much. Limits of the kernel hold for one process, and not for memory that it shares."""
        start = time.monotonic()
        if start < self._watch_next:
            return
        for control in controls.values():
            for worker in control.workers.values():
                if worker.watched and not worker.excess:
                    self._judge(worker)
        self._clean()
        now = time.monotonic()
        suspect = any(worker.suspect for control in controls.values() for worker in control.workers.values())
        self._watch_next = now + (AGAIN if suspect else max(WATCH, 4 * (now - start)))

    def _judge(self, worker: _Worker) -> None:
        if not worker.shown:
            worker.shown = processes.shown_as(worker.process)
        family = processes.family(worker.shown)
        limits, excess = worker.limits, ""
        if len(family) > limits.processes:
            excess = f"more than {limits.processes} processes"
        elif processes.memory(family, limits.memory) > limits.memory:
            excess = f"more memory than {limits.memory / sandbox.GIGABYTE:.3g} GB"
        if excess and worker.suspect:
            worker.excess = excess
            self._kill(worker.process)
        worker.suspect = bool(excess) and not worker.excess

    # --- the end of workers

    def _end(self, control: _Control, order: dict) -> None:
        worker = control.workers.pop(order["worker"], None)
        asked = control if order["op"] == "end" else None
        if worker is not None:
            self._endings.append(_Ending(worker, time.monotonic() + order.get("grace", 0), asked))
        elif asked:  # it could not be started
            _answer(asked, order["worker"], {})

    def _dismiss(self, control: _Control) -> None:
        for ending in self._endings:
            ending.asked = None if ending.asked is control else ending.asked
        while control.workers:
            self._end(control, {"op": "reap", "worker": next(iter(control.workers))})

    def _look(self) -> None:
        """Kill what had its time; report and forget what has ended."""
        for ending in list(self._endings):
            process = ending.worker.process
            if not ending.killed and time.monotonic() >= ending.until and not _over(process):
                ending.killed = True
                self._kill(process)
            if _over(process):
                self._kill(process)  # what it left behind; its number is reserved until it is waited for
                self._endings.remove(ending)
                how = _ending(ending)
                self._own.discard(process)
                if place := ending.worker.place:
                    self._removals.append(folders.removal(place))
                    self._own.add(self._removals[-1].pid)
                self._clean()
                if ending.asked:
                    _answer(ending.asked, ending.worker.number, how)

    def _kill(self, process: int) -> None:
        family = (
            processes.family(process) if self._exposed else [process]
        )  # a namespace ends with its first process
        for member in family:
            with contextlib.suppress(OSError):
                os.kill(member, signal.SIGKILL)
        with contextlib.suppress(OSError):  # no such process group: it has not made one yet
            os.killpg(process, signal.SIGKILL)

    def _clean(self) -> None:
        """End what workers have left behind: when its parent ends, a process becomes a child of this one."""
        for removal in [removal for removal in self._removals if removal.poll() is not None]:
            self._removals.remove(removal)
            self._own.discard(removal.pid)
        if self._exposed:
            strays = [process for process in processes.children("self") if process not in self._own]
            for process in strays:
                with contextlib.suppress(OSError):
                    os.kill(process, signal.SIGKILL)
                    os.waitpid(process, os.WNOHANG)
            self._strays = bool(strays)


def _ending(ending: _Ending) -> dict:
    _, status, used = os.wait4(ending.worker.process, 0)
    number = os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0
    if number == signal.SIGKILL and used.ru_utime + used.ru_stime >= ending.worker.limits.cpu:
        number = signal.SIGXCPU  # which the first process of a pid namespace ignores
    return {
        "killed": ending.killed,
        "excess": ending.worker.excess,
        "signal": number,
        "code": os.WEXITSTATUS(status) if os.WIFEXITED(status) else 0,
    }


def _receive(control: socket.socket) -> tuple[bytes, list[int]]:
    try:
        message, descriptors, _, _ = socket.recv_fds(control, 65536, 1)
        return message, descriptors
    except OSError:
        return b"", []


def _answer(control: _Control, number: int, how: dict) -> None:
    with contextlib.suppress(OSError):  # nobody waits any more
        control.socket.send(json.dumps({"worker": number, **how}).encode())


def _over(process: int) -> bool:
    return os.waitid(os.P_PID, process, os.WEXITED | os.WNOWAIT | os.WNOHANG) is not None
