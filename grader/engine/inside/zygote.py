"""The process that workers are forked from: it has imported the libraries and has seen no submission.

It takes orders as single messages on sockets, one socket for each process that needs workers; when such a socket is
closed, the workers ordered on it end. A worker is known by a number that whoever orders it has chosen:

    control   the descriptor that comes along is one more socket for orders
    fork      start a worker; it answers on the descriptor that comes along
    spawn     the same in an interpreter of its own, with the environment variables `env`
    kill      kill the worker
    end       end it after `grace` seconds and answer how it ended
    reap      kill and forget it

Only `end` is answered. Linux only; elsewhere every worker is started by the trusted process (`spawned.py`).
"""

import contextlib
import importlib
import json
import os
import select
import signal
import socket
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

from . import codec, sandbox, serve, spawned
from .nursery import Nursery

LOOK = 0.002  # seconds between two looks at workers that are about to end
HARMLESS = {"jemalloc_bg_thd", "polars-ooc-clea"}  # threads that a forked child does not miss


@dataclass
class _Worker:
    number: int  # chosen by whoever ordered it
    process: int
    limits: sandbox.Limits


@dataclass
class _Control:
    """A socket for orders, and the workers that were ordered on it."""

    socket: socket.socket
    workers: dict[int, _Worker] = field(default_factory=dict)  # by number


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
    control.send(b"{}")
    _Zygote(nursery, level, path, root, visible).run(control)
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
        if _threads():
            time.sleep(0.1)  # a thread gives itself its name a moment after it has started
        if threads := sorted(_threads()):
            return f"`{name}` starts threads when it is imported ({', '.join(threads)})"
    return ""


def _threads() -> set[str]:
    """Names of the threads of this process that a fork would lose. Where a library gives none it is the program's."""
    own = Path("/proc/thread-self").readlink().name
    tasks = [task for task in Path("/proc/self/task").iterdir() if task.name != own]
    return {(task / "comm").read_text().strip() for task in tasks} - HARMLESS


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
    def __init__(self, nursery: Nursery, level: str, path: list[str], root: str, visible: list[str]):
        self._nursery, self._level, self._path, self._root, self._visible = (
            nursery,
            level,
            path,
            root,
            visible,
        )
        self._endings: list[_Ending] = []

    def run(self, control: socket.socket) -> None:
        """Obey until `control` is closed."""
        first = _Control(control)
        controls = {control: first}
        while control in controls:
            for asking in select.select(list(controls), [], [], LOOK if self._endings else None)[0]:
                message, descriptors = _receive(asking)
                if message:
                    self._obey(controls, controls[asking], json.loads(message), descriptors)
                else:  # whoever gave the orders is gone
                    self._dismiss(controls.pop(asking))
                    asking.close()
            self._look()
        for asking in controls.values():
            self._dismiss(asking)
        while self._endings:
            self._look()
            time.sleep(LOOK)

    def _obey(self, controls: dict, control: _Control, order: dict, descriptors: list[int]) -> None:
        if order["op"] == "control":
            added = socket.socket(fileno=descriptors[0])
            controls[added] = _Control(added)
        elif order["op"] in ("fork", "spawn"):
            with socket.socket(fileno=descriptors[0]) as channel:
                self._start(control, channel, order)
        elif order["op"] == "kill":
            if order["worker"] in control.workers:
                _kill(control.workers[order["worker"]].process)
        else:
            self._end(control, order)

    def _start(self, control: _Control, channel: socket.socket, order: dict) -> None:
        start = self._fork if order["op"] == "fork" else self._spawn
        try:
            process = self._nursery.start(lambda: start(channel, order))
        except OSError as error:
            spawned.refuse(channel, error)
        else:
            limits = sandbox.Limits(**order["limits"])
            control.workers[order["worker"]] = _Worker(order["worker"], process, limits)

    def _fork(self, channel: socket.socket, order: dict) -> int:
        process = os.fork()
        if process == 0:
            try:
                os.setsid()
                sandbox.close_all_but(2, channel.fileno())
                spawned.work(channel, self._level, self._root, self._visible, order)
            finally:
                os._exit(1)
        return process

    def _spawn(self, channel: socket.socket, order: dict) -> int:
        process = spawned.start(
            sys.executable,
            self._path,
            channel,
            {**os.environ, **sandbox.threads(order["threads"]), **order.pop("env")},
            level=self._level,
            root=self._root,
            visible=self._visible,
            preload=order.pop("preload"),
            order=order,
        )
        process.returncode = 0  # it is waited for here
        return process.pid

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
                _kill(process)
            if _over(process):
                _kill(process)  # what it left behind; its number is reserved until it is waited for
                self._endings.remove(ending)
                how = _ending(ending)
                if ending.asked:
                    _answer(ending.asked, ending.worker.number, how)


def _ending(ending: _Ending) -> dict:
    _, status, used = os.wait4(ending.worker.process, 0)
    number = os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0
    if number == signal.SIGKILL and used.ru_utime + used.ru_stime >= ending.worker.limits.cpu:
        number = signal.SIGXCPU  # which the first process of a pid namespace ignores
    return {
        "killed": ending.killed,
        "signal": number,
        "code": os.WEXITSTATUS(status) if os.WIFEXITED(status) else 0,
    }


def _kill(process: int) -> None:
    for kill in (os.kill, os.killpg):
        with contextlib.suppress(OSError):  # no such process group: it has not made one yet
            kill(process, signal.SIGKILL)


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
