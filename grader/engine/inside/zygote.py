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

from . import sandbox, serve, spawned
from .nursery import Nursery

LOOK = 0.002  # seconds between two looks at workers that are about to end
HARMLESS = {"jemalloc_bg_thd", "polars-ooc-clea"}  # threads that a forked child does not miss


@dataclass
class _Control:
    """A socket for orders, and the workers that were ordered on it."""

    socket: socket.socket
    workers: dict[int, int] = field(default_factory=dict)  # number: process


@dataclass
class _Ending:
    """A worker that is to end; `asked` is told how, if anybody."""

    process: int
    until: float
    asked: _Control | None
    number: int
    killed: bool = False


def main(control: int, level: str, path: list[str], root: str, visible: list[str], preload: list[str]) -> None:
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
                os.listdir(folder)
        except OSError as error:
            os.write(told, str(error).encode())
        finally:
            os._exit(0)
    os.close(told)
    with open(heard, "rb") as lines:
        problem = lines.read().decode(errors="replace")
    os.waitpid(process, 0)
    if problem:
        raise OSError(problem)


def _import(names: list[str]) -> str:
    """Import modules; return a sentence when one has started threads, without which it would hang after a fork."""
    for name in names:
        importlib.import_module(name)
        if threads := sorted(_threads()):
            return f"`{name}` starts threads when it is imported ({', '.join(threads)})"
    return ""


def _threads() -> set[str]:
    """Names of the threads of this process that a fork would lose. A library that names none has the program's name."""
    tasks = Path("/proc/self/task")
    own = Path("/proc/thread-self").readlink().name
    return {(tasks / task / "comm").read_text().strip() for task in os.listdir(tasks) if task != own} - HARMLESS


class _Zygote:
    def __init__(self, nursery: Nursery, level: str, path: list[str], root: str, visible: list[str]):
        self._nursery, self._level, self._path, self._root, self._visible = nursery, level, path, root, visible
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
            controls[(added := socket.socket(fileno=descriptors[0]))] = _Control(added)
        elif order["op"] in ("fork", "spawn"):
            with socket.socket(fileno=descriptors[0]) as channel:
                try:
                    start = self._fork if order["op"] == "fork" else self._spawn
                    control.workers[order["worker"]] = self._nursery.start(lambda: start(channel, order))
                except OSError as error:
                    spawned.refuse(channel, error)
        elif order["op"] == "kill":
            if order["worker"] in control.workers:
                self._kill(control.workers[order["worker"]])
        else:
            self._end(control, order)

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
        process = control.workers.pop(order["worker"], None)
        asked = control if order["op"] == "end" else None
        if process is None:  # it could not be started
            _answer(asked, order["worker"], {})
        else:
            until = time.monotonic() + order.get("grace", 0)
            self._endings.append(_Ending(process, until, asked, order["worker"]))

    def _dismiss(self, control: _Control) -> None:
        for ending in self._endings:
            ending.asked = None if ending.asked is control else ending.asked
        while control.workers:
            self._end(control, {"op": "reap", "worker": next(iter(control.workers))})

    def _look(self) -> None:
        """Kill what had its time; report and forget what has ended."""
        for ending in list(self._endings):
            if not ending.killed and time.monotonic() >= ending.until and not _over(ending.process):
                ending.killed = True
                self._kill(ending.process)
            if _over(ending.process):
                self._kill(ending.process)  # what it left behind; its number is reserved until it is waited for
                status = os.waitpid(ending.process, 0)[1]
                self._endings.remove(ending)
                how = {
                    "killed": ending.killed,
                    "signal": os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0,
                    "code": os.WEXITSTATUS(status) if os.WIFEXITED(status) else 0,
                }
                _answer(ending.asked, ending.number, how)

    def _kill(self, process: int) -> None:
        for kill in (os.kill, os.killpg):
            try:
                kill(process, signal.SIGKILL)
            except OSError:  # no such process group: it has not made one yet
                continue


def _receive(control: socket.socket) -> tuple[bytes, list[int]]:
    try:
        message, descriptors, _, _ = socket.recv_fds(control, 65536, 1)
        return message, descriptors
    except OSError:
        return b"", []


def _answer(control: _Control | None, number: int, how: dict) -> None:
    if control is not None:
        try:
            control.socket.send(json.dumps({"worker": number, **how}).encode())
        except OSError:
            return  # nobody waits any more


def _over(process: int) -> bool:
    return os.waitid(os.P_PID, process, os.WEXITED | os.WNOWAIT | os.WNOHANG) is not None
