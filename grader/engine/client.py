"""Engine: grades notebooks by asking a service process, which it starts, restarts and ends."""

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from . import scoring
from .assignment import Assignment, Submitted, Task, to_data
from .pool import LEVELS, ONE_THREAD, IsolationUnavailable
from .scoring import Outcome

SERVICE_START = 120  # seconds until the service has imported everything
CLOSE_WAIT = 2  # seconds that a task which is going on has to end by itself
CACHE = (
    Path(__file__).parents[2] / ".hypothesis"
)  # of the library's tables; not in the folder one happens to be in
TASK_LIMIT = 300  # seconds after which a task is given up; its own limits are far below


class BrokenChecks(Exception):
    """The checks of the assignment cannot be run; the text says why."""


class Engine:
    """Grades submissions of one assignment. Starts on first use, is quick from then on; a context manager."""

    def __init__(self, assignment: Assignment, isolation: str | None = None):
        """`isolation` None means the best there is."""
        if isolation not in (None, *LEVELS):
            raise ValueError(f"there is no isolation level {isolation!r}; there are {' and '.join(LEVELS)}")
        self.assignment, self._wanted = assignment, isolation
        self._service: subprocess.Popen | None = None
        self._lock = threading.Lock()
        self._isolation = ""
        self._closed = False

    @property
    def isolation(self) -> str:
        """The level at which submissions run. Raises IsolationUnavailable."""
        with self._lock:
            self._start()
            return self._isolation

    def grade(
        self,
        submitted: str | list[str] | Submitted,
        *,
        name: str = "notebook",
        tasks: Iterable[str] | None = None,
        live: bool = False,
    ) -> dict:
        """Return the result of the tasks (default: all) as `dojo grade --json` prints it.

        `submitted` is the text of a notebook, the codes of its cells, or all of a folder; `name` stands in
        tracebacks. Each task also says in `remaining` how many of its checks were left for a full run. Raises
        KeyError for an unknown task, IsolationUnavailable, BrokenChecks.
        """
        wanted = (
            [self.assignment.task(task) for task in tasks] if tasks is not None else self.assignment.tasks
        )
        start = time.monotonic()
        submitted = Submitted.of(submitted)
        done: dict[str, dict] = {}
        with self._lock:
            self._start()
            for task in wanted:
                self._grade(task, submitted, name, live, done)
        results = [done[task.id] for task in wanted]
        return {
            "submission": name,
            "unit": self.assignment.name,
            "isolation": self._isolation,
            "score": round(sum(task["score"] for task in results), 2),
            "max_score": round(sum(task["max_score"] for task in results), 2),
            "review": _review(sum(task.review for task in wanted)),
            "seconds": round(time.monotonic() - start, 3),
            "tasks": results,
        }

    def _grade(self, task: Task, submitted: Submitted, name: str, live: bool, done: dict[str, dict]) -> dict:
        if task.id not in done:
            waits = [
                need
                for need in task.needs
                if self._grade(self.assignment.task(need), submitted, name, live, done)["verdict"]
                not in scoring.DONE
            ]
            done[task.id] = self._ask(task, submitted, name, live, waits)
        return done[task.id]

    def _ask(self, task: Task, submitted: Submitted, name: str, live: bool, waits: list[str]) -> dict:
        self._start()
        order = {
            "task": task.id,
            "submitted": to_data(submitted),
            "label": name,
            "live": live,
            "blocked": bool(waits),
        }
        start = time.monotonic()
        reply = self._exchange(order, TASK_LIMIT)
        if (
            reply is None and time.monotonic() - start < TASK_LIMIT
        ):  # the machine may have ended it, for its memory
            self._end()
            self._start()
            reply = self._exchange(order, TASK_LIMIT)
        if reply is None:
            self._end()
            reply = {
                "problem": "the grader gave this task up: it took too long or ended the grader's process"
            }
        if "problem" in reply:
            return _result(task, "error", [Outcome("the task is graded", True, 1, "error", reply["problem"])])
        if reply["outcomes"] is None:
            return _result(task, "not_attempted", [])
        if waits:
            return _blocked(task, waits)
        outcomes = [Outcome(**outcome) for outcome in reply["outcomes"]]
        return _result(task, scoring.verdict_of(outcomes, task.review), outcomes)

    def _start(self) -> None:
        if self._closed:
            raise BrokenChecks("the grader was ended")
        if self._service is not None and self._service.poll() is None:
            return
        self._service = subprocess.Popen(
            [sys.executable, "-P", "-m", "grader.engine.service"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            encoding="utf-8",
            env={**os.environ, **ONE_THREAD, "HYPOTHESIS_STORAGE_DIRECTORY": str(CACHE)},
        )
        reply = self._exchange(
            {"assignment": to_data(self.assignment), "isolation": self._wanted}, SERVICE_START
        )
        if reply is None or "isolation" not in reply:
            self._end()
            if reply and "unavailable" in reply:
                raise IsolationUnavailable(reply["unavailable"])
            raise BrokenChecks(reply["problem"] if reply else "the grader's own process did not start")
        self._isolation = reply["isolation"]

    def _exchange(self, message: dict, seconds: float) -> dict | None:
        """Send one line and return the answer; None when the service is gone, or was ended for being late."""
        watchdog = threading.Timer(seconds, self._service.kill)
        watchdog.daemon = True
        watchdog.start()
        try:
            self._service.stdin.write(json.dumps(message) + "\n")
            self._service.stdin.flush()
            return json.loads(self._service.stdout.readline() or "null")
        except (OSError, ValueError):
            return None
        finally:
            watchdog.cancel()

    def _end(self) -> None:
        if self._service is not None:
            with suppress(OSError):
                self._service.stdin.close()
            try:
                self._service.wait(10)
            except subprocess.TimeoutExpired:
                self._service.kill()
                self._service.wait()
            self._service.stdout.close()
            self._service = None

    def close(self) -> None:
        """End the service for good, in the middle of a task if need be."""
        self._closed = True
        if not self._lock.acquire(timeout=CLOSE_WAIT):
            if (service := self._service) is not None:
                service.kill()
            self._lock.acquire()
        try:
            self._end()
        finally:
            self._lock.release()

    def __enter__(self) -> "Engine":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _blocked(task: Task, waits: list[str]) -> dict:
    outcome = Outcome(
        "the tasks before it", True, 1, "not_run", f"Waits until {', '.join(waits)} has passed."
    )
    return _result(task, "blocked", [outcome])


def _result(task: Task, verdict: str, outcomes: list[Outcome]) -> dict:
    shares = scoring.points_of(outcomes, task.points) if outcomes else []
    checks = [
        {
            "name": outcome.name,
            "public": outcome.public,
            "verdict": outcome.verdict,
            "score": round(score, 2),
            "max_score": round(most, 2),
            "message": outcome.message,
            **({"figures": outcome.figures} if outcome.figures else {}),
        }
        for outcome, (score, most) in zip(outcomes, shares, strict=True)
    ]
    return {
        "id": task.id,
        "title": task.title,
        "verdict": verdict,
        "score": scoring.score_of(outcomes, task.points) if outcomes else 0.0,
        "max_score": float(task.points),
        "review": _review(task.review),
        "checks": checks,
        "remaining": sum(outcome.remaining for outcome in outcomes),
    }


def _review(points: float) -> dict | None:
    return {"max": points, "awarded": None} if points else None
