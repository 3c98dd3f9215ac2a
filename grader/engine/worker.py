"""A worker as the trusted side sees it: its process, and the connection, of which every answer can be too late."""

import io
import json
import os
import select
import signal
import socket
import subprocess
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .inside import codec, folders, wire

INTERPRETER_START = 60  # seconds that a fresh interpreter may take until it answers
GRACE = 0.3  # seconds that a worker which hung up has to end by itself


class WorkerLost(BaseException):
    """A worker hangs, crashed or sent nonsense. Not an ordinary exception, so that nobody shrinks or catches it."""

    def __init__(self, reason: str, sentence: str):
        super().__init__(sentence)
        self.reason, self.sentence = reason, sentence


class GraderBroken(BaseException):
    """The grader's own machinery fails; nothing that a submission should be blamed for."""


class Gone(Exception):
    """The process that starts workers is not there any more."""


def send(control: socket.socket, order: dict, descriptor: socket.socket | None = None) -> None:
    """Give a zygote an order. Raises Gone."""
    try:
        with suppress(ValueError):  # closed
            socket.send_fds(
                control, [json.dumps(order).encode()], [descriptor.fileno()] if descriptor else []
            )
    except OSError as error:
        raise Gone from error


@dataclass
class Ordered:
    """A worker's process, as the zygote knows it."""

    control: socket.socket
    number: int

    def watch(self) -> None:
        with suppress(Gone):
            send(self.control, {"op": "watch", "worker": self.number})

    def kill(self) -> None:
        with suppress(Gone):  # and so is the worker
            send(self.control, {"op": "kill", "worker": self.number})

    def end(self, grace: float) -> dict:
        """End it; return how it ended, where there is time to wait for that."""
        try:
            send(self.control, {"op": "end" if grace else "reap", "worker": self.number, "grace": grace})
            while grace:
                message = self.control.recv(65536)
                if not message:
                    break
                answer = json.loads(message)
                if answer["worker"] == self.number:
                    return answer
        except (Gone, OSError):
            pass
        return {"killed": True}


@dataclass
class Child:
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

    def __init__(self, channel: socket.socket, process: Ordered | Child):
        self._channel, self._process = _Channel(channel), process
        self._asked = 0
        self.open = True

    def welcome(self) -> "Worker":
        """Wait until it is ready. Raises OSError when it cannot be isolated, EOFError when it died before."""
        try:
            self._channel.deadline = time.monotonic() + INTERPRETER_START
            greeting, _ = wire.read(self._channel)
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
            wire.write(self._channel, {"id": self._asked, **message}, blobs)
            reply, reply_blobs = wire.read(self._channel)
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
