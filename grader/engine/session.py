"""One pytest session that stays warm and runs the checks of a task whenever it is asked to."""

import ast
import hashlib
import hmac
import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import replace
from pathlib import Path
from tempfile import gettempdir
from typing import IO

import pytest
from _pytest.runner import runtestprotocol
from hypothesis import HealthCheck, Phase, settings
from hypothesis.errors import FlakyFailure
from hypothesis.internal.conjecture import engine as hypothesis_engine

from . import feedback
from .assignment import Assignment, Task
from .declarations import Declaration, Raised
from .inside.notebook import LoadError, Notebook, same
from .pool import GraderBroken, WorkerLost, WorkerPool
from .scoring import Outcome
from .submission import FULL, LIVE, Submission

try:
    import fcntl
except ImportError:  # Windows: nothing to lock with that would not need polling
    fcntl = None

LOCK_WAITS = (
    60,
    120,
)  # seconds that a grader waits for a timed check elsewhere, and a timed check for other graders
LOSSES = 2  # workers that a task may lose
SECRET = "dojo: a learner's own clone has no secret"  # of a cohort: the environment variable DOJO_SECRET

hypothesis_engine.MAX_SHRINKING_SECONDS = 1  # a small failing input now beats the smallest in five minutes


class Session:
    """A pytest plugin: collects the checks, then hands control to `body` in place of running them all."""

    def __init__(self, assignment: Assignment, pool: WorkerPool, body: Callable[["Session"], None]):
        self.assignment, self.pool, self._body = assignment, pool, body
        self.problem = ""
        self._items: dict[str, list[tuple[Declaration, pytest.Item]]] = {}
        self._submission: Submission | None = None
        self._open: list[Submission] = []  # what still has workers
        self._seed = 0
        self._error: BaseException | None = None
        self._shipped = Notebook.parse(assignment.shipped, "shipped.py")

    def run(self) -> None:
        """Collect and serve; afterwards `problem` says why that was impossible, if it was."""
        status = pytest.main(
            [
                str(self.assignment.checks),
                "-p",
                "no:terminal",
                "-p",
                "no:cacheprovider",
                "-p",
                "no:capture",
                "-c",
                os.devnull,
                "--rootdir",
                str(self.assignment.checks),
                "--assert=plain",
                "--continue-on-collection-errors",
            ],
            plugins=[self],
        )
        if status not in (0, 5) and not self.problem:
            self.problem = (
                f"the checks in {self.assignment.checks} cannot be run (pytest ended with {status})"
            )

    # --- pytest hooks

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            self.problem = f"the checks of {self.assignment.name} cannot be read: {report.longreprtext}"

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        ids = {task.id for task in self.assignment.tasks}
        for item in session.items:
            mark = item.get_closest_marker("dojo")
            if mark is None or mark.args[0].task not in ids:
                self.problem = f"{item.nodeid} does not declare a task of {self.assignment.name} with @checks"
            else:
                self._items.setdefault(mark.args[0].task, []).append((mark.args[0], item))
        for items in self._items.values():
            items.sort(key=lambda pair: pair[0].weight > 0)  # gates first
        if missing := sorted(ids - set(self._items)):
            self.problem = self.problem or f"no check declares {', '.join(missing)} with @checks"
        self._body(self)
        return True

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self, item: pytest.Item, call: pytest.CallInfo) -> Iterator[None]:
        if call.excinfo is not None and self._error is None:
            self._error = call.excinfo.value
        return (yield)

    @pytest.fixture
    def submission(self) -> Submission:
        return self._submission

    @pytest.fixture
    def seed(self) -> int:
        return self._seed

    # --- grading

    def grade(
        self, task_id: str, source: str | list[str], label: str, live: bool, blocked: bool = False
    ) -> list[Outcome] | None:
        """Run the checks of one task on a submission; none when it is blocked. None: it was not attempted."""
        task = self.assignment.task(task_id)
        if self._untouched(task, source):
            return None
        if blocked:
            return []
        budget = LIVE if live else FULL
        shipped = Submission(self.pool, self.assignment.shipped, "shipped.py", budget)
        self._submission = Submission(self.pool, source, label, budget, shipped)
        self._open = [shipped, self._submission]
        with _machine() as alone:
            return self._run_all(task, live, alone)

    def rest(self) -> None:
        """Between two tasks, while nobody waits: end the workers of the last, have one for the next."""
        while self._open:
            self._open.pop().close()
        self.pool.prepare()

    def _run_all(self, task: Task, live: bool, alone: Callable) -> list[Outcome]:
        outcomes: list[Outcome] = []
        stopped = ""
        for declaration, item in self._items[task.id]:
            outcome = Outcome(_title(item), declaration.public, declaration.weight, "not_run")
            if live and not declaration.live:
                outcomes.append(replace(outcome, remaining=True))
                continue
            if stopped:
                outcomes.append(replace(outcome, message=stopped))
                continue
            if declaration.timed:
                with alone():
                    outcome = self._run(task, declaration, item, outcome, live)
            else:
                outcome = self._run(task, declaration, item, outcome, live)
            outcomes.append(outcome)
            if isinstance(self._error, Raised) and (
                self._error.missing or "SyntaxError" in self._error.types
            ):
                stopped = "Not run: there is no function to call."
            elif self._submission.losses >= LOSSES:
                stopped = f"Not run: the process was lost {LOSSES} times."
            elif declaration.weight == 0 and outcome.verdict != "passed":
                stopped = f"Runs when this one passes: {outcome.name}"
            if isinstance(self._error, WorkerLost):
                self._submission.renew()
        return outcomes

    def _run(
        self, task: Task, declaration: Declaration, item: pytest.Item, outcome: Outcome, live: bool
    ) -> Outcome:
        secret = os.environ.get("DOJO_SECRET", SECRET).encode()

        def seed(check: str) -> int:
            message = f"{self.assignment.name}/{task.id}/{check}".encode()
            return int.from_bytes(hmac.digest(secret, message, hashlib.sha256)[:16])

        self._seed = seed(item.originalname)
        item.user_properties.clear()
        if hasattr(item.obj, "hypothesis"):
            item.obj._hypothesis_internal_use_seed = seed(item.name)
            item.obj._hypothesis_internal_use_settings = settings(
                max_examples=declaration.examples[not live],
                deadline=None,
                database=None,
                derandomize=False,
                phases=[Phase.explicit, Phase.generate, Phase.target, Phase.shrink],
                report_multiple_bugs=False,
                suppress_health_check=list(HealthCheck),
                print_blob=False,
            )
        self._error = None
        self._submission.last = type(self._submission.last)()
        with suppress(WorkerLost):
            runtestprotocol(item, log=False, nextitem=None)
        error, outcome = self._error, replace(outcome, figures=dict(item.user_properties))
        if error is None:
            return replace(outcome, verdict="passed")
        if isinstance(error, GraderBroken | KeyboardInterrupt | pytest.skip.Exception):
            raise RuntimeError(f"{item.nodeid} could not be run: {str(error) or type(error).__name__}")
        if isinstance(error, WorkerLost):
            verdict = "timed_out" if error.reason == "timed_out" else "error"
            message = feedback.lost(self._submission.last, error, declaration.public, self._parameters(task))
            return replace(outcome, verdict=verdict, message=message)
        again = None
        if isinstance(error, FlakyFailure):  # wrong once, right when tried again
            error, again = error.exceptions[0], False
        elif not (isinstance(error, Raised) and error.missing):
            again = self._submission.replay()
        verdict = "error" if isinstance(error, Raised) else "failed"
        message = feedback.failure(
            self._submission.last, error, declaration.public, self._parameters(task), again
        )
        return replace(outcome, verdict=verdict, message=message)

    def _parameters(self, task: Task) -> list[str]:
        definition = self._shipped.definition(task.entry)
        return [a.arg for a in definition.args.args] if isinstance(definition, ast.FunctionDef) else []

    def _untouched(self, task: Task, source: str | list[str]) -> bool:
        with suppress(LoadError, RecursionError):
            notebook = Notebook.parse(source) if isinstance(source, str) else Notebook.from_cells(source)
            return same(notebook.definition(task.entry), self._shipped.definition(task.entry))
        return False


def _title(item: pytest.Item) -> str:
    text = (item.obj.__doc__ or item.name).strip().splitlines()[0].rstrip(".")
    return f"{text} ({item.callspec.id})" if hasattr(item, "callspec") else text


def _tired(*_: object) -> None:
    raise TimeoutError


def _take(lock: IO, kind: int, seconds: int) -> None:
    """Wait for a lock, and go on without it after that time: who holds it may be stopped."""
    signal.signal(signal.SIGALRM, _tired)
    with suppress(TimeoutError):
        signal.alarm(seconds)
        try:
            fcntl.flock(lock, kind)
        finally:
            signal.alarm(0)


@contextmanager
def _machine() -> Iterator[Callable]:
    """Share the machine with other graders; `alone()` waits until nobody else runs, and keeps them out if it can."""
    if fcntl is None:
        yield nullcontext
        return
    path = Path(gettempdir()) / f"dojo-{os.getuid()}.lock"
    with path.open("a") as lock:
        _take(lock, fcntl.LOCK_SH, LOCK_WAITS[0])

        @contextmanager
        def alone() -> Iterator[None]:
            _take(lock, fcntl.LOCK_EX, LOCK_WAITS[1])
            try:
                yield
            finally:
                _take(lock, fcntl.LOCK_SH, LOCK_WAITS[0])

        yield alone
