"""The trusted process: pytest and hypothesis, warm, answering one line of JSON with lines of JSON.

python -m grader.engine.service      the first line is the assignment, every later one an order

An order is answered with lines that carry its id: of each task how many checks it has, each outcome, and how it
ended; the last one is `done`, or a `problem`.
"""

import faulthandler
import json
import os
import signal
import sys
import time
import traceback
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, replace
from pathlib import Path
from typing import NoReturn, Protocol

from .assignment import Assignment, from_data
from .inside import sandbox
from .order import Order
from .pool import IsolationUnavailable, WorkerPool
from .referee import MEMORY, WAIT, WORK, Bench
from .scoring import Outcome
from .session import Session
from .worker import GraderBroken


def main() -> None:
    requests = os.fdopen(os.dup(0), "r", encoding="utf-8")
    replies = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # a check that prints does not talk to the client
    sys.stdin = Path(os.devnull).open()  # noqa: SIM115

    def send(**reply: object) -> None:
        replies.write(json.dumps(reply) + "\n")
        replies.flush()

    given = json.loads(requests.readline())
    assignment = from_data(Assignment, given["assignment"])
    try:
        pool = WorkerPool(
            given["isolation"],
            assignment.packages,
            assignment.hidden,
            assignment.preload,
            given["forks"],
            python=assignment.environment.python,
        )
    except IsolationUnavailable as error:
        send(unavailable=str(error))
        return
    except (OSError, RuntimeError, GraderBroken) as error:
        send(
            problem=f"the grader could not start a process ({str(error) or type(error).__name__}); if the machine "
            "is busy, try again later"
        )
        return

    def body(session: Session) -> None:
        if session.problem:
            return
        passed: dict[tuple[str, str], str] = {}
        judge = _judge_of(session)
        try:
            send(isolation=pool.level, weaker_because=pool.weaker_because)
            for line in requests:
                _answer(judge, json.loads(line), passed, send)
                _prepare(judge)
        except BrokenPipeError:  # whoever asked was ended
            return
        finally:
            judge.close()

    try:
        session = Session(assignment, pool, body)
        session.run()
        if session.problem:
            send(problem=session.problem)
    finally:
        pool.close()


class _Judge(Protocol):
    def judge(self, order: Order, say: Callable[..., None]) -> None: ...
    def prepare(self) -> None: ...
    def close(self) -> None: ...


def _judge_of(session: Session) -> _Judge:
    if session.pool.forks:
        try:
            return Bench(session)
        except (RuntimeError, OSError) as error:
            print(f"submissions are judged without a referee: {error}", file=sys.stderr)
    return _Watched(session)


class _Watched:
    """Judges in this process, where there can be no referees. What takes too much ends it."""

    def __init__(self, session: Session):
        self._session = session
        self.prepare = session.pool.prepare
        self.prepare()

    def judge(self, order: Order, say: Callable[..., None]) -> None:
        tasks = self._session.assignment.tasks
        wait = WAIT[order.live] + max((task.live if order.live else task.full).total for task in tasks)

        def watched(**what: object) -> None:
            faulthandler.dump_traceback_later(wait, exit=True)  # it needs nothing of the interpreter
            _limit("CPU", int(time.process_time()) + 1 + WORK[order.live])
            say(**what)

        _limit("DATA", sandbox.data_size() + MEMORY)
        try:
            faulthandler.dump_traceback_later(wait, exit=True)
            _limit("CPU", int(time.process_time()) + 1 + WORK[order.live])
            self._session.judge(order, watched)
        finally:
            faulthandler.cancel_dump_traceback_later()
            _limit("CPU", None)
            _limit("DATA", None)

    def close(self) -> None:
        pass


def _limit(name: str, value: int | None) -> None:
    """Set what the system lets this process use; None means as much as it may have."""
    try:
        import resource
    except ImportError:  # Windows
        return
    if name == "CPU" or sys.platform == "linux":
        number = getattr(resource, f"RLIMIT_{name}")
        hard = resource.getrlimit(number)[1]
        resource.setrlimit(number, (hard if value is None else value, hard))


def _answer(
    judge: _Judge, given: dict, passed: dict[tuple[str, str], str], send: Callable[..., None]
) -> None:
    """Judge one order. `passed` remembers the code with which a learner's tasks have passed, by task and key."""
    number, order = given["id"], from_data(Order, given["order"])
    passed_before = {task: code for (task, key), code in passed.items() if order.keys.get(task) == key}

    def say(task: str, outcome: Outcome | None = None, **what: object) -> None:
        if order.live and what.get("end") == "passed":
            passed[task, order.keys[task]] = what["code"]
        if outcome is not None:
            what["outcome"] = asdict(outcome)
        send(id=number, task=task, **what)

    try:
        judge.judge(replace(order, passed=passed_before), say)
        send(id=number, done=True)
    except BrokenPipeError:
        raise
    except (Exception, GraderBroken) as error:
        traceback.print_exc()
        send(id=number, problem=f"the grader itself failed: {type(error).__name__}: {error}")


def _prepare(judge: _Judge) -> None:
    """Have what the next order needs while nobody waits. What fails here shows when it is needed."""
    try:
        judge.prepare()
    except (Exception, GraderBroken):
        traceback.print_exc()


def _end_quietly(*_: object) -> NoReturn:
    """End as Ctrl-C would end it. Nobody waits for an answer, so nobody wants to read what was interrupted."""
    for stream in (1, 2):
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream)
    raise KeyboardInterrupt


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, _end_quietly)
    with suppress(KeyboardInterrupt):
        main()
