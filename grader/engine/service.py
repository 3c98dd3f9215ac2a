"""The trusted process: pytest and hypothesis, warm, answering one line of JSON with lines of JSON.

python -m grader.engine.service      the first line is the assignment, every later one an order

An order is answered with lines that carry its id: of each task how many checks it has, each outcome, and how it
ended; the last one is `done`, or a `problem`.
"""

import json
import os
import sys
import traceback
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path

from .assignment import Assignment, from_data
from .order import Order
from .pool import GraderBroken, IsolationUnavailable, WorkerPool
from .scoring import Outcome
from .session import Session


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
        send(isolation=pool.level, weaker_because=pool.weaker_because)
        _prepare(pool)
        for line in requests:
            try:
                _answer(session, json.loads(line), passed, send)
            except BrokenPipeError:  # whoever asked was ended
                return
            _prepare(pool)

    try:
        session = Session(assignment, pool, body)
        session.run()
        if session.problem:
            send(problem=session.problem)
    finally:
        pool.close()


def _answer(
    session: Session, given: dict, passed: dict[tuple[str, str], str], send: Callable[..., None]
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
        session.judge(replace(order, passed=passed_before), say)
        send(id=number, done=True)
    except BrokenPipeError:
        raise
    except (Exception, GraderBroken) as error:
        traceback.print_exc()
        send(id=number, problem=f"the grader itself failed: {type(error).__name__}: {error}")


def _prepare(pool: WorkerPool) -> None:
    """Have a worker for the next order while nobody waits. What fails here shows when one is needed."""
    try:
        pool.prepare()
    except (Exception, GraderBroken):
        traceback.print_exc()


if __name__ == "__main__":
    main()
