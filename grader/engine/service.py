"""The trusted process: pytest and hypothesis, warm, answering one line of JSON with one line of JSON.

python -m grader.engine.service      the first line is the assignment, every later one a task to grade
"""

import json
import os
import sys
import traceback
from dataclasses import asdict
from pathlib import Path

from .assignment import Assignment, Submitted, from_data
from .pool import GraderBroken, IsolationUnavailable, WorkerPool
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
        pool = WorkerPool(given["isolation"], assignment.packages, assignment.hidden, assignment.preload)
    except IsolationUnavailable as error:
        send(unavailable=str(error))
        return
    except (OSError, RuntimeError, GraderBroken) as error:
        send(
            problem=f"the grader could not start a process ({str(error) or type(error).__name__}); if the machine is "
            "busy, try again when it is less so"
        )
        return

    def body(session: Session) -> None:
        if session.problem:
            send(problem=session.problem)
            return

        def rest() -> None:  # nobody has asked for anything: what fails here shows when it is needed
            try:
                session.rest()
            except (Exception, GraderBroken):
                traceback.print_exc()

        send(isolation=pool.level)
        rest()
        for line in requests:
            order = json.loads(line)
            try:
                outcomes = session.grade(
                    order["task"],
                    from_data(Submitted, order["submitted"]),
                    order["label"],
                    order["live"],
                    order["blocked"],
                )
                reply = {"outcomes": None if outcomes is None else [asdict(outcome) for outcome in outcomes]}
            except Exception as error:
                traceback.print_exc()
                reply = {"problem": f"the grader itself failed: {type(error).__name__}: {error}"}
            try:
                send(**reply)
            except BrokenPipeError:  # whoever asked was ended
                return
            rest()

    try:
        session = Session(assignment, pool, body)
        session.run()
        if session.problem:
            send(problem=session.problem)
    finally:
        pool.close()


if __name__ == "__main__":
    main()
