"""Engine: grades submissions by asking a service process, which it starts, restarts and ends."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress

from . import machine, scoring
from .assignment import Assignment, Submitted, Task, missing_program, to_data
from .files import snapshot
from .inside import bounds
from .order import SECRET, Order, keys_of, world_seed_of
from .pool import LEVELS, IsolationUnavailable
from .scoring import Outcome
from .view import ONE_THREAD

SERVICE_START = 120  # seconds until the service has imported everything
SILENCE = 240  # seconds, beside the task's own, after which a check is given up; its own limits are far below
CLOSE_WAIT = 2  # seconds that a running order gets to end by itself
KEPT = (  # of the environment: what an interpreter needs. Nothing that changes what pytest runs
    *("PATH", "HOME", "LANG", "LC_ALL", "LC_CTYPE", "TMPDIR", "LD_LIBRARY_PATH", "XDG_CACHE_HOME"),
    *("SYSTEMROOT", "TEMP", "TMP", "USERPROFILE", "LOCALAPPDATA"),
)


class BrokenChecks(Exception):
    """The checks of the assignment cannot be run; the text says why."""


class _Gone(Exception):
    """The service does not answer any more; `late`: it was ended for what it was doing."""

    def __init__(self, late: bool):
        self.late = late


class Engine:
    """Grades submissions of one assignment. Starts on first use, is quick from then on; a context manager."""

    def __init__(self, assignment: Assignment, isolation: str | None = None, forks: bool | None = None):
        """`isolation` None means the best there is; `forks` None that workers are forked where they can be.

        With DOJO_FORK=no in the environment they are not: so a Linux machine shows what happens on macOS and Windows.
        """
        if forks is None and os.environ.get("DOJO_FORK") == "no":
            forks = False
        if isolation not in (None, *LEVELS):
            raise ValueError(f"unknown isolation level {isolation!r}; the levels are {' and '.join(LEVELS)}")
        self.assignment, self._wanted, self._forks = assignment, isolation, forks
        self._service: subprocess.Popen | None = None
        self._lock = threading.Lock()
        self._isolation = self._weaker_because = ""
        self._closed = False
        self._orders = 0
        self._awaited = False  # whether the service has yet to answer

    @property
    def isolation(self) -> str:
        """The level at which submissions run. Raises IsolationUnavailable."""
        with self._lock:
            self._start()
            return self._isolation

    @property
    def weaker_because(self) -> str:
        """Why the level is not the best of this platform; empty when it is. Raises IsolationUnavailable."""
        with self._lock:
            self._start()
            return self._weaker_because

    def grade(
        self,
        submitted: str | list[str] | Submitted,
        *,
        name: str = "notebook",
        tasks: Iterable[str] | None = None,
        live: bool = False,
        secret: str | None = None,
        learner: str = "",
        first_failure: bool = False,
        scrambled: bool = False,
        on_progress: Callable[[str, int, int], None] | None = None,
    ) -> dict:
        """Return the result of the tasks (default: all) as `dojo grade --json` prints it.

        `submitted` is the text of a notebook, the codes of its cells, or all of a folder; `name` stands in
        tracebacks. `secret` is that of the cohort (default: DOJO_SECRET), from which the inputs of the checks
        follow; `learner` names whose own data is meant. `first_failure` stops each task at the first check
        that does not pass, and explains nothing. `scrambled` runs the checks in a random order and each call
        in a process of its own, where an author wants to know that this makes no difference. `on_progress`
        is told a task, how many of its checks are done, and how many there are. Each task also says in
        `remaining` how many of its checks were left for a full run; `problem` says why files were left out, if
        they were. Raises KeyError for an unknown task,
        IsolationUnavailable, BrokenChecks.
        """
        wanted = (
            [self.assignment.task(task) for task in tasks] if tasks is not None else self.assignment.tasks
        )
        if missing := missing_program(wanted):
            raise BrokenChecks(missing)
        secret = secret or os.environ.get("DOJO_SECRET") or SECRET
        start = time.monotonic()
        with snapshot(Submitted.of(submitted), self.assignment.files) as submitted, self._lock:
            order = Order(
                submitted,
                name,
                tuple(task.id for task in wanted),
                keys_of(secret, self.assignment.name, (task.id for task in self.assignment.tasks)),
                world_seed_of(secret, learner),
                live,
                first_failure,
                scrambled,
            )
            done = self._grade(order, on_progress or (lambda *_: None))
        results = [done[task.id] for task in wanted]
        return {
            "submission": name,
            "unit": self.assignment.name,
            "isolation": self._isolation,
            "python": f"{sys.version_info[0]}.{sys.version_info[1]}",
            "score": round(sum(task["score"] for task in results), 2),
            "max_score": round(sum(task["max_score"] for task in results), 2),
            "review": _review(sum(task.review for task in wanted)),
            **({"problem": submitted.problem} if submitted.problem else {}),
            "seconds": round(time.monotonic() - start, 3),
            "tasks": results,
        }

    def _grade(self, order: Order, on_progress: Callable[[str, int, int], None]) -> dict[str, dict]:
        """Have the tasks judged; what one of them does not survive costs that task alone."""
        done: dict[str, dict] = {}
        if problem := _oversize(order.submitted):
            self._start()
            return {task: _refused(self.assignment.task(task), problem) for task in order.tasks}
        again = True
        while left := [task for task in order.tasks if task not in done]:
            self._start()
            verdicts = {task: result["verdict"] for task, result in done.items()}
            judged = _Judged(self.assignment, left, done, on_progress)
            try:
                for line in self._answers({**to_data(order), "tasks": left, "done": verdicts}):
                    judged.take(line)
            except _Gone as gone:
                self._end()
                if gone.late or not again:
                    judged.give_up(
                        "Grading of this task was abandoned: it ran too long, or it crashed the grader."
                    )
                again = again and gone.late  # the machine may have ended it, for its memory
        return done

    def _answers(self, order: dict) -> Iterator[dict]:
        """Send an order and yield the lines of its answer. Raises _Gone."""
        self._orders += 1
        self._awaited = True
        self._send({"id": self._orders, "order": order})
        longest = max(max(task.live.total, task.full.total) for task in self.assignment.tasks)
        while True:
            line = self._line(SILENCE + longest)
            if line.get("id") != self._orders:  # of an order that was interrupted
                continue
            self._awaited = "done" not in line and "problem" not in line
            if "done" in line:
                return
            yield line
            if "problem" in line:
                return

    def _start(self) -> None:
        if self._closed:
            raise BrokenChecks("the grader was ended")
        if missing := self.assignment.environment.missing():
            raise BrokenChecks(missing)
        if self._service is not None and self._service.poll() is None:
            return
        self._service = subprocess.Popen(
            [sys.executable, "-P", "-m", "grader.engine.service"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            encoding="utf-8",
            env=_environment(),
            start_new_session=True,  # Ctrl-C in a terminal is for whoever asked, who then calls close()
        )
        self._awaited = True
        try:
            given = {"isolation": self._wanted, "forks": self._forks}
            self._send({"assignment": to_data(self.assignment), **given})
            reply = self._line(SERVICE_START)
        except _Gone:
            reply = {"problem": "the grader's own process did not start; its error output says why"}
        if "isolation" not in reply:
            self._end()
            if "unavailable" in reply:
                raise IsolationUnavailable(reply["unavailable"])
            raise BrokenChecks(reply["problem"])
        self._awaited = False
        self._isolation, self._weaker_because = reply["isolation"], reply["weaker_because"]

    def _send(self, message: dict) -> None:
        try:
            self._service.stdin.write(json.dumps(message) + "\n")
            self._service.stdin.flush()
        except (OSError, ValueError):
            raise _Gone(late=False) from None

    def _line(self, seconds: float) -> dict:
        """Return the next line of the service, which is ended when it is silent for so long. Raises _Gone."""
        late = threading.Event()
        service = self._service
        watchdog = threading.Timer(seconds, lambda: (late.set(), service.kill()))
        watchdog.daemon = True
        watchdog.start()
        try:
            line = service.stdout.readline()
        except (OSError, ValueError):
            line = ""
        finally:
            watchdog.cancel()
        if not line:
            with suppress(subprocess.TimeoutExpired):
                service.wait(1)
            killed = service.returncode in (None, -signal.SIGTERM, -getattr(signal, "SIGKILL", 9))
            raise _Gone(late.is_set() or not killed)
        try:
            return json.loads(line)
        except ValueError:  # the rest of a line that somebody was interrupted in
            return {}

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
        if (service := self._service) is not None and self._awaited and os.name == "posix":
            service.terminate()  # it tidies up
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


class _Judged:
    """Takes the lines of an answer and puts the results of the tasks into `done`."""

    def __init__(
        self,
        assignment: Assignment,
        left: list[str],
        done: dict[str, dict],
        on_progress: Callable[[str, int, int], None],
    ):
        self._assignment, self._left, self._done, self._tell = assignment, left, done, on_progress
        self._task, self._checks = "", 0
        self._outcomes: list[Outcome] = []

    def take(self, line: dict) -> None:
        if "problem" in line:
            self.give_up(line["problem"])
            return
        task = self._assignment.task(line["task"])
        self._task = "" if "end" in line else task.id
        if "checks" in line:
            self._checks, self._outcomes = line["checks"], []
        elif "outcome" in line:
            self._outcomes.append(Outcome(**line["outcome"]))
        elif line["end"] == "blocked":
            self._done[task.id] = _result(task, "blocked", [_waiting(line["waits"])])
        elif line["end"] == "not_attempted":
            self._done[task.id] = _result(task, "not_attempted", [])
        else:
            self._done[task.id] = _result(task, line["end"], self._outcomes, line.get("judged", ""))
        if "end" not in line:
            self._tell(task.id, len(self._outcomes), self._checks)

    def give_up(self, why: str) -> None:
        """The task that was being judged has no other verdict than this sentence."""
        task = self._task or next(task for task in self._left if task not in self._done)
        self._done[task] = _refused(self._assignment.task(task), why)


def _environment() -> dict[str, str]:
    """The environment of the service."""
    return {
        **{name: os.environ[name] for name in KEPT if name in os.environ},
        **ONE_THREAD,
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
        "HYPOTHESIS_STORAGE_DIRECTORY": str(machine.folder() / "hypothesis"),
    }


def _oversize(submitted: Submitted) -> str:
    """Why the code is not even read; empty when it is."""
    notebook = submitted.notebook
    texts = [*([notebook] if isinstance(notebook, str) else notebook), *submitted.others.values()]
    size = sum(map(len, texts))
    if size <= bounds.SOURCE:
        return ""
    return f"The code has {size / 2**20:.1f} MB; at most {bounds.SOURCE >> 20} MB are graded."


def _refused(task: Task, why: str) -> dict:
    """The result of a task that has no other verdict than this sentence."""
    return _result(task, "error", [Outcome("the task is graded", True, 1, "error", {"note": why})])


def _waiting(tasks: list[str]) -> Outcome:
    text = f"Waits until {' and '.join(tasks)} {'has' if len(tasks) == 1 else 'have'} passed."
    return Outcome("the tasks before it", True, 1, "not_run", {"note": text})


def _result(task: Task, verdict: str, outcomes: list[Outcome], judged: str = "") -> dict:
    shares = scoring.points_of(outcomes, task.points) if outcomes else []
    checks = [
        {
            "name": outcome.name,
            "public": outcome.public,
            "verdict": outcome.verdict,
            "score": round(score, 2),
            "max_score": round(most, 2),
            "message": outcome.message,
            **({"parts": outcome.parts} if outcome.parts else {}),
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
        "review": _review(task.review, judged),
        "checks": checks,
        "remaining": sum(outcome.remaining for outcome in outcomes),
    }


def _review(points: float, judged: str = "") -> dict | None:
    """The part for people; `text` are the words that they judge, where the task names a cell."""
    text = {"text": judged} if judged else {}
    return {"max": points, "awarded": None, **text} if points else None
