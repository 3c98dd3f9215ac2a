"""Referees: children of the service that read, check and put into words what one submission sends, under limits.

The service has collected the checks and has never run a query: a process with threads must not be forked from. A
referee is forked ahead, sandboxed as workers are, and waits; it judges one submission and is not used for another
one. What it says is data: whatever is known here already is taken from here. When it dies, what it has said stands,
and the task that it was judging has no other verdict than that.
"""

import gc
import importlib
import json
import os
import select
import shutil
import signal
import socket
import struct
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import asdict, replace
from pathlib import Path
from typing import BinaryIO, NoReturn, get_args

from . import declarations, feedback
from .assignment import from_data, to_data
from .declarations import Declaration
from .inside import codec, kernel, processes, sandbox, serve, wire
from .machine import Lock
from .order import Order
from .scoring import CheckVerdict, Outcome, verdict_of
from .session import JUDGED, Session, title
from .worker import GraderBroken

MEMORY = 2**30  # bytes above what a referee starts with
WORK = {True: 10, False: 30}  # seconds of its own processor time for one check: live, in full
WAIT = {True: 60, False: 200}  # seconds for one check, beside those that the submission may take
ANSWER = 60  # seconds for one thing that the oracle is asked for
REMEMBERED = 2**28  # bytes of answers of the oracle that are kept
REPORT = 2**20  # bytes that it may say of one task
LOOK = 0.05  # seconds between two looks at what it uses
NO_MEMORY = 12  # the exit code of one that ran out of it
DECODERS = (
    "numpy",
    "pandas",
    "polars",
    "pyarrow.parquet",
    "pyarrow.compute",
)  # imported once, before any fork
_TICK = os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 100
_PAGE = os.sysconf("SC_PAGE_SIZE") if hasattr(os, "sysconf") else 4096


class Lost(Exception):
    """A referee did not survive its task; the text says what it ran out of."""


class _Failed(Exception):
    """A referee says that the grader itself failed."""


class Bench:
    """The referees of a session: one that waits, and the oracle that all of them ask."""

    def __init__(self, session: Session):
        """Get this process ready to be forked from. Raises RuntimeError when it cannot be."""
        from hypothesis.internal import charmap

        for name in DECODERS:
            importlib.import_module(name)
        (
            charmap.charmap(),
            charmap.intervals_from_codec("utf-8"),
        )  # else each referee looks for them on the disk
        serve.prepare()
        if threads := processes.lost_threads():
            raise RuntimeError(f"a library has started threads: {', '.join(sorted(threads))}")
        self._session, self._oracle = session, _Oracle(session)
        self._spare: _Referee | None = None
        self.prepare()

    def prepare(self) -> None:
        """Have a referee for the next order."""
        if self._spare is not None and not self._spare.waits:  # what is wrong shows when it is asked
            self._spare.close()
            self._spare = None
        if self._spare is None:
            self._spare = _Referee(self._session)

    def judge(self, order: Order, say: Callable[..., None]) -> None:
        """As Session.judge, in a referee, and in another one after each that is lost."""
        record = _Record(self._session, order, say)
        broken = False
        while left := [task for task in order.tasks if task not in record.verdicts]:
            self.prepare()
            referee, self._spare = self._spare, None
            try:
                referee.judge(replace(order, tasks=tuple(left), done=record.verdicts), record, self._oracle)
            except Lost as lost:
                record.give_up(left, f"Checking what came back took {lost}, and was stopped.")
            except _Failed as error:
                if broken:
                    raise GraderBroken(str(error)) from None
                broken = True
            finally:
                referee.close()

    def close(self) -> None:
        if self._spare is not None:
            self._spare.close()
        self._oracle.close()


class _Record:
    """What is known of one order. Names, weights and verdicts of tasks are our own."""

    def __init__(self, session: Session, order: Order, say: Callable[..., None]):
        self._session, self.order, self._say = session, order, say
        self.verdicts = dict(order.done)
        self._task = ""
        self._outcomes: list[Outcome] = []
        self._heard = False

    @property
    def wait(self) -> float:
        """Seconds that the next line may take."""
        tasks, live = self._session.assignment.tasks, self.order.live
        return WAIT[live] + max((task.live if live else task.full).total for task in tasks)

    def take(self, line: dict) -> None:
        """Take what a referee says. Raises whatever nonsense leads to."""
        self._heard = True
        task = self._session.assignment.task(line["task"])
        checks = self._session.checks_of(task.id, self.order)
        if "checks" in line:
            self._task, self._outcomes = task.id, []
            self._say(task=task.id, checks=len(checks))
        elif "outcome" in line:
            declaration, item = checks[len(self._outcomes)]
            self._add(_outcome(line["outcome"], declaration, title(item), self.order.live))
        else:
            self._end(task.id, line)

    def _add(self, outcome: Outcome) -> None:
        self._outcomes.append(outcome)
        self._say(task=self._task, outcome=outcome)

    def _end(self, task: str, line: dict) -> None:
        if line["end"] in ("not_attempted", "blocked"):
            verdict, more = line["end"], {"waits": wire.texts(line.get("waits"))}
        else:
            if task != self._task or len(self._outcomes) != len(self._session.checks_of(task, self.order)):
                raise ValueError("an end before the end")
            review = self._session.assignment.task(task).review
            verdict = verdict_of(self._outcomes, review)
            more = {"code": wire.text(line["code"], 100), "judged": wire.text(line.get("judged", ""), JUDGED)}
        self.verdicts[task], self._task = verdict, ""
        self._say(task=task, end=verdict, **more)

    def give_up(self, left: list[str], why: str) -> None:
        """Say of the task that was being judged that it cannot be; of all, when not even the first was begun."""
        unknown = [task for task in left if task not in self.verdicts]
        for task in [self._task] if self._task else unknown[: 1 if self._heard else None]:
            if task != self._task:
                self._task, self._outcomes = task, []
                self._say(task=task, checks=len(self._session.checks_of(task, self.order)))
            said = len(self._outcomes)
            for declaration, item in self._session.checks_of(task, self.order)[said:]:
                outcome = Outcome(title(item), declaration.public, declaration.weight, "not_run")
                if len(self._outcomes) == said:
                    outcome = replace(outcome, verdict="error", parts={"lost": why})
                self._add(outcome)
            self.verdicts[task], self._task = "error", ""
            self._say(task=task, end="error", code="", judged="")
        self._heard = False


def _outcome(said: dict, declaration: Declaration, name: str, live: bool) -> Outcome:
    """An outcome as a referee tells it, as far as it is the referee's to tell."""
    if said["verdict"] not in get_args(CheckVerdict):
        raise ValueError(said["verdict"])
    figures = said["figures"] if isinstance(said["figures"], dict) else {}
    return Outcome(
        name,
        declaration.public,
        declaration.weight,
        said["verdict"],
        feedback.cut({wire.text(part, 20): wire.text(text) for part, text in said["parts"].items()}),
        said["verdict"] == "not_run" and live and not declaration.live,
        figures if len(json.dumps(figures)) < REPORT // 16 else {},
    )


# --- the processes


class _Child:
    """A process forked from this one, and the socket on which it talks."""

    def __init__(self, session: Session, kept: tuple[int, ...], work: Callable[[socket.socket], None]):
        self.channel, theirs = socket.socketpair()
        self._place = session.pool.new_place()
        self._process = os.fork()
        if self._process == 0:
            _be(session, theirs, kept, self._place, work)
        theirs.close()
        self._rest = bytearray()

    def send(self, data: bytes) -> None:
        self.channel.settimeout(ANSWER)
        self.channel.sendall(data)

    @property
    def waits(self) -> bool:
        """Whether it is there and has nothing to say."""
        return not select.select([self.channel], [], [], 0)[0]

    def usage(self) -> tuple[float, int]:
        """Seconds of processor time, bytes of memory."""
        fields = Path(f"/proc/{self._process}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / _TICK, int(fields[21]) * _PAGE

    def ending(self) -> str:
        """Wait for it after it has hung up; say why it did."""
        deadline = time.monotonic() + 5
        while time.monotonic() < deadline:
            process, status = os.waitpid(self._process, os.WNOHANG)
            if process:
                self._process = 0
                code = os.waitstatus_to_exitcode(status)
                return "too much memory" if code < 0 or code == NO_MEMORY else "down the process that does it"
            time.sleep(LOOK)
        return "too long"

    def close(self) -> None:
        self.channel.close()
        if self._process:
            with suppress(OSError):
                os.kill(self._process, signal.SIGKILL)
            os.waitpid(self._process, 0)
            self._process = 0
        if self._place is not None:
            shutil.rmtree(self._place, ignore_errors=True)


class _Referee(_Child):
    def __init__(self, session: Session):
        control, lock = session.pool.new_control(), Lock()  # a lock of its own: it goes when the process goes
        kept = [control.fileno()] if lock.fileno() is None else [control.fileno(), lock.fileno()]

        def work(channel: socket.socket) -> None:
            session.lock = lock
            session.pool.attach(control)
            _judge(session, channel)

        try:
            super().__init__(session, tuple(kept), work)
        finally:
            control.close()
            lock.close()

    def judge(self, order: Order, record: _Record, oracle: "_Oracle") -> None:
        """Have it judge an order. Raises Lost, and _Failed when it blames the grader."""
        try:
            self.send(json.dumps(to_data(order)).encode() + b"\n")
            for line in self._lines(record):
                if "ask" in line:
                    answer = oracle.answer(line["ask"])
                    self.send(struct.pack(">Q", len(answer)) + answer)
                elif "problem" in line:
                    raise _Failed(wire.text(line["problem"], 500))
                elif "done" in line:
                    return
                else:
                    record.take(line)
        except (
            OSError,
            KeyError,
            TypeError,
            ValueError,
            IndexError,
            AttributeError,
            RecursionError,
        ) as error:
            raise Lost(f"down the process that does it ({type(error).__name__})") from None

    def _lines(self, record: _Record) -> Iterator[dict]:
        live, heard = record.order.live, 0
        while True:
            work, start = self.usage()[0], time.monotonic()
            while b"\n" not in self._rest:
                if select.select([self.channel], [], [], LOOK)[0]:
                    part = self.channel.recv(2**16)
                    if not part:
                        raise Lost(self.ending())
                    self._rest += part
                    heard += len(part)
                    if heard > REPORT * len(record.order.tasks):
                        raise Lost("too many words")
                    continue
                used, memory = self.usage()
                if memory > 1.2 * MEMORY:
                    raise Lost(f"more than {MEMORY >> 20} MB of memory")
                if used - work > WORK[live]:
                    raise Lost(f"more than {WORK[live]} seconds")
                if time.monotonic() - start > record.wait:
                    raise Lost("too long")
            line, _, self._rest = self._rest.partition(b"\n")
            yield json.loads(line)


class _Oracle:
    """Computes what checks have declared to be remembered, in a child that never sees a submission.

    Its answers are kept as bytes, for all referees to come.
    """

    def __init__(self, session: Session):
        self._session = session
        self._child: _Child | None = None
        self._known: dict[str, bytes] = {}

    def answer(self, question: list) -> bytes:
        """Return a pickle; nothing where there is no answer."""
        key = json.dumps(question)
        if key not in self._known:
            answer = self._ask(key)
            if sum(map(len, self._known.values())) + len(answer) > REMEMBERED:
                self._known.clear()
            self._known[key] = answer
        return self._known[key]

    def _ask(self, question: str) -> bytes:
        if self._child is None:
            self._child = _Child(self._session, (), _tell)
        try:
            self._child.send(question.encode() + b"\n")
            with self._child.channel.makefile("rb") as stream:
                return _received(stream)
        except (OSError, EOFError):
            self.close()
            return b""

    def close(self) -> None:
        if self._child is not None:
            self._child.close()
            self._child = None


# --- inside the children


def _be(
    session: Session,
    channel: socket.socket,
    kept: tuple[int, ...],
    place: Path | None,
    work: Callable[[socket.socket], None],
) -> NoReturn:
    """Isolate this process, do the work and end."""
    status = 1
    try:
        os.setsid()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_DFL)
        sandbox.close_all_but(2, channel.fileno(), *kept)
        _isolate(session, place)
        work(channel)
        status = 0
    except MemoryError:  # of what a submission has sent
        status = NO_MEMORY
    except BaseException as error:
        traceback.print_exc()
        with suppress(OSError):
            _say(channel, problem=f"{type(error).__name__}: {error}")
    finally:
        os._exit(status)


def _isolate(session: Session, place: Path | None) -> None:
    """Close the doors: nothing of the disk but what checks read, no network, no privileges, limits.

    `place` is where its private folder is; None: the folder disappears with it.
    """
    pool, assignment = session.pool, session.assignment
    if pool.level == "sandbox":
        user, group = os.geteuid(), os.getegid()
        try:
            kernel.call("unshare", kernel.NEWUTS)  # whether there are privileges to be given up
        except OSError:
            process = os.open("/proc/self", os.O_RDONLY)
            kernel.call("unshare", kernel.NEWUSER)
            kernel.map_user(process, f"0 {user} 1", f"0 {group} 1")
    read = [Path(__file__).parents[1], assignment.checks, assignment.checks.parent, *assignment.packages]
    read += [package.parent / "datasets" for package in assignment.packages]
    limits = sandbox.Limits(memory=MEMORY, cpu=20 * WORK[False], file=2**20, disk=2**24, processes=64)
    sandbox.enter(
        pool.level,
        str(place or pool.root),
        [*pool.visible, *(str(place.resolve()) for place in read)],
        limits,
    )


def _judge(session: Session, channel: socket.socket) -> None:
    """Be a referee: judge one order."""
    stream = channel.makefile("rb")
    _warm()
    session.pool.prepare()

    def ask(*question: object) -> bytes:
        _say(channel, ask=question)
        return _received(stream)

    def say(outcome: Outcome | None = None, **what: object) -> None:
        _say(channel, **what, **({"outcome": asdict(outcome)} if outcome else {}))

    declarations.ask = ask
    if line := stream.readline():
        session.judge(from_data(Order, json.loads(line)), say)
        _say(channel, done=True)


def _tell(channel: socket.socket) -> None:
    """Be the oracle: answer until nobody asks."""
    for line in channel.makefile("rb"):
        answer = b""
        try:
            answer = declarations.computed(*json.loads(line))
        except Exception:  # the check meets it, too
            traceback.print_exc()
        channel.sendall(struct.pack(">Q", len(answer)) + answer)


def _warm() -> None:
    """Do once what every submission needs, while nobody waits."""
    polars = sys.modules["polars"]
    table = polars.DataFrame({"a": [1, 2, 2], "b": ["x", "y", "y"]})
    table.lazy().filter(polars.col("a") > 1).group_by("b").agg(polars.len()).sort("b").collect()
    blobs: list[bytes] = []
    codec.decode(codec.encode((table, table.to_pandas()), None, blobs), blobs, None)
    gc.freeze()


def _say(channel: socket.socket, **what: object) -> None:
    channel.sendall(json.dumps(what).encode() + b"\n")


def _received(stream: BinaryIO) -> bytes:
    """Read one answer of the oracle. Raises EOFError."""
    head = stream.read(8)
    if len(head) < 8:
        raise EOFError
    size = struct.unpack(">Q", head)[0]
    data = stream.read(size)
    if len(data) < size:
        raise EOFError
    return data
