"""One pytest session that stays warm and runs the checks of a submission whenever it is asked to."""

import ast
import hashlib
import os
import pickle
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace

import pytest
from _pytest.runner import runtestprotocol
from hypothesis import HealthCheck, Phase, settings
from hypothesis.errors import FlakyFailure, HypothesisException
from hypothesis.internal.conjecture import engine as hypothesis_engine
from hypothesis.internal.conjecture import providers as hypothesis_providers

from . import feedback
from .assignment import Assignment, Earlier, Submitted, Task
from .declarations import Declaration, Raised, remembered
from .inside.notebook import LoadError, Notebook, same
from .inside.own import is_attempted
from .inside.processes import lost_threads
from .inside.words import is_among, named
from .machine import Lock
from .order import Order, seed_of
from .pool import WorkerPool
from .scoring import DONE, Outcome, verdict_of
from .submission import Submission
from .worker import GraderBroken, WorkerLost

LOSSES = 2  # workers that a task may lose
JUDGED = 20_000  # characters of a text that people judge
OPTIONS = [
    *("-p", "no:terminal", "-p", "no:cacheprovider", "-p", "no:capture", "-c", os.devnull),
    *("--noconftest", "--assert=plain", "--continue-on-collection-errors"),
]

hypothesis_engine.MAX_SHRINKING_SECONDS = 1  # a small failing input now beats the smallest in five minutes


class Session:
    """A pytest plugin: collects the checks, then hands control to `body` in place of running them all."""

    def __init__(self, assignment: Assignment, pool: WorkerPool, body: Callable[["Session"], None]):
        self.assignment, self.pool, self._body = assignment, pool, body
        self.problem = ""
        self.lock = Lock()
        self.items: dict[str, list[tuple[Declaration, pytest.Item]]] = {}
        self._collected = -1
        self._shipped = Notebook.parse(assignment.shipped, "shipped.py")
        self._order: Order | None = None
        self._submission: Submission | None = None
        self._used = False  # its worker has answered for an earlier task
        self._seed = 0
        self._error: BaseException | None = None
        self._drawn = remembered(self._draw)

    def run(self) -> None:
        """Collect and serve; afterwards `problem` says why that was impossible, if it was."""
        checks = str(self.assignment.checks)
        status = pytest.main([checks, "--rootdir", checks, *OPTIONS], plugins=[self])
        if status not in (0, 5) or self._collected < 0:
            self.problem = (
                self.problem or f"the checks in {checks} cannot be run (pytest ended with {status})"
            )

    # --- pytest hooks

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            self.problem = f"the checks of {self.assignment.name} cannot be read: {report.longreprtext}"
        elif self.pool.forks and not self.problem and (threads := lost_threads()):
            self.problem = (
                f"{report.nodeid} starts threads while it is imported ({', '.join(sorted(threads))}), perhaps "
                "because it runs a query of polars, and a process with threads cannot be forked: compute that in "
                "a function with @remembered"
            )

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> Iterator[None]:
        self._collected = len(items)
        return (yield)

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        self.problem = self.problem or self._accept(session.items)
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

    @pytest.fixture
    def world_seed(self) -> int:
        return self._order.world_seed

    # --- the checks

    def _accept(self, items: list[pytest.Item]) -> str:
        """Take the collected checks, gates first and measurements last; return what is wrong with them."""
        name, ids = self.assignment.name, {task.id for task in self.assignment.tasks}
        for item in items:
            mark = item.get_closest_marker("dojo")
            if mark is None or mark.args[0].task not in ids:
                return f"{item.nodeid} does not declare a task of {name} with @checks"
            self.items.setdefault(mark.args[0].task, []).append((mark.args[0], item))
            for node in item.listchain():
                if isinstance(
                    node, pytest.Package
                ):  # was imported already; a referee does not see its folder
                    node.setup = lambda: None
        for pairs in self.items.values():
            pairs.sort(key=_rank)
        if missing := sorted(ids - set(self.items)):
            return f"no check declares {', '.join(missing)} with @checks"
        left_out = self._declared() - {(item.path.name, item.originalname) for item in items}
        if left_out or len(items) != self._collected:
            names = (
                ", ".join(sorted(check for _, check in left_out)) or f"{self._collected - len(items)} checks"
            )
            return (
                f"pytest has left out checks of {name}: {names}. Grading without them would give points away."
            )
        constants = hypothesis_providers._get_local_constants()  # what is imported later changes no input
        hypothesis_providers._get_local_constants = lambda: constants
        return ""

    def _declared(self) -> set[tuple[str, str]]:
        """The checks that the files declare, by file and name, whatever pytest has made of them."""
        return {
            (file.name, node.name)
            for file in self.assignment.checks.rglob("test_*.py")
            for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
            if isinstance(node, ast.FunctionDef)
            and any(ast.unparse(decorator).startswith("checks(") for decorator in node.decorator_list)
        }

    # --- grading

    def judge(self, order: Order, say: Callable[..., None]) -> None:
        """Judge the tasks of one submission, and before each those that it needs.

        `say` is told of each task: first how many checks it has, then each outcome, at last how it ended.
        """
        self._order, self._used = order, False
        self._submission = self._opened(order.submitted)
        notebook = _parsed(order.submitted)
        done = dict(order.done)
        try:
            for task_id in order.tasks:
                self._judge(self.assignment.task(task_id), notebook, done, say, wanted=True)
        finally:
            self._submission.shipped.close()
            self._submission.close()

    def _judge(
        self,
        task: Task,
        notebook: Notebook | None,
        done: dict[str, str],
        say: Callable[..., None],
        wanted: bool,
    ) -> str:
        """Return the verdict of a task; judge it if it is not known."""
        if task.id in done:
            return done[task.id]
        own = {one.id for one in self.assignment.tasks}
        needed = {
            need: self._judge(self.assignment.task(need), notebook, done, say, wanted=False)
            for need in task.needs
            if need in own
        }
        waits = [need for need, verdict in needed.items() if verdict not in (*DONE, "not_run_here")]
        waits += [f"{one.id} in {one.notebook}" for one in self._elsewhere(task) if not self._has(one)]
        code = _code(notebook, task.entry)
        if self._untouched(task, notebook):
            verdict = "not_attempted"
            say(task=task.id, end=verdict)
        elif waits:
            verdict = "blocked"
            say(task=task.id, end=verdict, waits=waits)
        elif not wanted and code and self._order.passed.get(task.id) == code:
            verdict = "passed"
        else:
            outcomes = self._run_all(task, say)
            verdict = verdict_of(outcomes, task.review)
            say(
                task=task.id, end=verdict, code=code, judged=self._judged(task) if verdict == "review" else ""
            )
        done[task.id] = verdict
        return verdict

    def _judged(self, task: Task) -> str:
        """The text that people judge; empty where the cell is not there."""
        if self._order.live or not task.judged:
            return ""
        try:
            return self._submission.text(task.judged)[:JUDGED]
        except (Raised, WorkerLost):
            self._submission.renew()
            return ""

    def _opened(self, submitted: Submitted) -> Submission:
        earlier = self.assignment.earlier
        given = Submitted(self.assignment.shipped, submitted.others, submitted.files, submitted.contents)
        shipped = Submission(self.pool, given, "shipped.py", earlier=earlier)
        return Submission(self.pool, submitted, self._order.label, shipped=shipped, earlier=earlier)

    def _elsewhere(self, task: Task) -> list[Earlier]:
        """The tasks of other notebooks that a task needs."""
        return [one for one in self.assignment.earlier if one.id in task.needs]

    def _has(self, one: Earlier) -> bool:
        """Whether `mine` finds something for a task of another notebook."""
        text = self._order.submitted.others.get(one.notebook)
        notebook = _parsed(Submitted(text)) if text is not None else None
        return bool(one.public) or (notebook is not None and is_attempted(notebook, one.entry, one.shipped))

    def _run_all(self, task: Task, say: Callable[..., None]) -> list[Outcome]:
        """Run the checks of a task. One worker serves all tasks of a submission until one does not pass."""
        order, checks = self._order, self.checks_of(task.id, self._order)
        self._submission.begin(task, order.live, apart=order.scrambled)
        outcomes: list[Outcome] = []
        say(task=task.id, checks=len(checks))
        with self.lock.shared() as alone:
            for declaration, item in checks:
                outcome = Outcome(title(item), declaration.public, declaration.weight, "not_run")
                if order.live and not declaration.live:
                    outcome = replace(outcome, remaining=True)
                elif stopped := self._stopped(outcomes, declaration):
                    outcome = replace(outcome, parts={"note": stopped})
                elif declaration.timed:
                    with alone():
                        outcome = self._run_fresh(task, declaration, item, outcome)
                else:
                    outcome = self._run_fresh(task, declaration, item, outcome)
                outcomes.append(outcome)
                say(task=task.id, outcome=outcome)
        if verdict_of(outcomes) in ("passed", "not_run_here"):
            self._used = self._submission.running
        else:
            self._submission.close()
            self._used = False
        return outcomes

    def checks_of(self, task_id: str, order: Order) -> list[tuple[Declaration, pytest.Item]]:
        """Return the checks of a task, in the order in which they run."""
        checks = list(self.items[task_id])
        if order.scrambled:
            random.Random(order.keys[task_id]).shuffle(checks)
            checks.sort(key=_rank)
        return checks

    def _stopped(self, outcomes: list[Outcome], declaration: Declaration) -> str:
        """Why a check is not run after these outcomes; empty when it is."""
        wrong = [one for one in outcomes if one.verdict != "passed" and not one.remaining]
        if not wrong:
            return ""
        if self._order.first_failure:
            return "Not run: an earlier check has not passed."
        if isinstance(self._error, Raised) and (self._error.missing or "SyntaxError" in self._error.types):
            return "Not run: there is no function to call."
        if self._submission.losses >= LOSSES:
            return f"Not run: the Python process was lost {LOSSES} times."
        if wrong[0].weight == 0:
            return f"Not run: it waits for “{wrong[0].name}” to pass."
        return "Not run: time is measured once every other check passes." if declaration.timed else ""

    def _run_fresh(
        self, task: Task, declaration: Declaration, item: pytest.Item, outcome: Outcome
    ) -> Outcome:
        """Run a check; one that does not pass in a used process once more in a fresh one, which then stays."""
        result = self._run(task, declaration, item, outcome)
        if result.verdict != "passed" and self._used:
            self._used = False
            self._submission.close()
            self._submission = self._submission.again()
            result = self._run(task, declaration, item, outcome)
        if isinstance(self._error, WorkerLost):
            self._submission.renew()
        return result

    def _run(self, task: Task, declaration: Declaration, item: pytest.Item, outcome: Outcome) -> Outcome:
        key = self._order.keys[task.id]
        self._seed = seed_of(key, item.originalname)
        if hasattr(item.obj, "hypothesis"):
            self._run_on_inputs(item, seed_of(key, item.name), declaration.examples[not self._order.live])
        else:
            self._run_item(item)
        outcome = replace(outcome, figures=dict(item.user_properties))
        if self._error is None:
            return replace(outcome, verdict="passed")
        if isinstance(self._error, GraderBroken | KeyboardInterrupt | pytest.skip.Exception):
            why = str(self._error) or type(self._error).__name__
            raise RuntimeError(f"{item.nodeid} could not be run: {why}")
        return self._failed(task, declaration, outcome)

    def _run_item(self, item: pytest.Item) -> None:
        """Run a check; `_error` is what it has met."""
        item.user_properties.clear()
        self._error = None
        self._submission.last = type(self._submission.last)()
        with suppress(WorkerLost):
            runtestprotocol(item, log=False, nextitem=None)

    def _run_on_inputs(self, item: pytest.Item, seed: int, examples: int) -> None:
        """Run a check on the inputs that hypothesis draws for it; where it does not pass, have it shrink the input.

        The inputs are the same for all submissions, so they are drawn once.
        """
        test, passed = item.obj, 0
        inner = test.hypothesis.inner_test
        drawn = pickle.loads(self._drawn(item.nodeid, seed, examples))  # noqa: S301 - it comes from our own process

        def on_drawn(**fixtures: object) -> None:
            nonlocal passed
            for inputs in drawn:
                inner(**fixtures, **pickle.loads(inputs))  # noqa: S301
                passed += 1

        def but_those_that_passed(**arguments: object) -> None:
            nonlocal passed
            passed -= 1
            if passed < 0:
                inner(**arguments)

        first = None
        if drawn is not None:
            item.obj = on_drawn
            try:
                self._run_item(item)
            finally:
                item.obj = test
            first, last = self._error, self._submission.last
            unfit = isinstance(first, HypothesisException)  # it asks hypothesis for something
            if not unfit and (not isinstance(first, Exception) or self._order.first_failure):
                return
            first, passed = (None, 0) if unfit else (first, passed)
        phases = () if self._order.first_failure else (Phase.shrink,)
        with _hypothesis(test, but_those_that_passed, seed, examples, phases):
            self._run_item(item)
        if first is not None and self._error is None:  # wrong once, right when tried again
            self._error, self._submission.last = FlakyFailure("", [first]), last

    def _draw(self, check: str, seed: int, examples: int) -> bytes:
        """Return the inputs that hypothesis draws for a check, pickled; None, pickled, where that cannot be done."""
        item = next(item for pairs in self.items.values() for _, item in pairs if item.nodeid == check)
        fixtures = dict.fromkeys(item._fixtureinfo.argnames)
        drawn: list[bytes] = []

        def note(**arguments: object) -> None:
            drawn.append(pickle.dumps({name: arguments[name] for name in arguments if name not in fixtures}))

        try:
            with _hypothesis(item.obj, note, seed, examples):
                item.obj(**fixtures)
        except Exception:  # no data, as what `st.data` draws
            return pickle.dumps(None)
        return pickle.dumps(drawn)

    def _failed(self, task: Task, declaration: Declaration, outcome: Outcome) -> Outcome:
        """The outcome of a check that has met an error."""
        error, last, public = self._error, self._submission.last, declaration.public
        if isinstance(error, WorkerLost):
            verdict = "timed_out" if error.reason == "timed_out" else "error"
            return replace(
                outcome, verdict=verdict, parts=feedback.lost(last, error, public, self._parameters(task))
            )
        repeats = None
        if isinstance(error, FlakyFailure):  # wrong once, right when tried again
            error, repeats = error.exceptions[0], "other"
        verdict = "error" if isinstance(error, Raised) else "failed"
        if self._order.first_failure:
            return replace(outcome, verdict=verdict)
        if repeats is None and not (isinstance(error, Raised) and error.missing):
            repeats = self._submission.replay()
        parts = feedback.failure(last, error, public, self._parameters(task), repeats)
        return replace(outcome, verdict=verdict, parts=parts)

    def _untouched(self, task: Task, notebook: Notebook | None) -> bool:
        """Whether an answer is what was handed out, or nothing at all."""
        contents = self._order.submitted.contents
        if task.answer in ("file", "artifact") and self._order.submitted.problem:
            return False  # the check says what is wrong with the files
        if task.answer == "file":
            given = self.assignment.files.get(task.entry)
            return task.entry not in contents or contents[task.entry] == given
        if task.answer == "artifact":
            return task.entry not in contents
        with suppress(LoadError, RecursionError):
            if notebook is None:
                return False
            if task.answer == "text":
                cell = named(self._shipped, task.entry)
                return cell is None or is_among(cell, notebook)
            definition = self._shipped.definition(task.entry)
            if definition is None:  # a value, as an app is
                return _code(notebook, task.entry) == _code(self._shipped, task.entry)
            return same(notebook.definition(task.entry), definition)
        return False

    def _parameters(self, task: Task) -> list[str]:
        definition = self._shipped.definition(task.entry)
        return [a.arg for a in definition.args.args] if isinstance(definition, ast.FunctionDef) else []


@contextmanager
def _hypothesis(
    test: Callable, inner: Callable, seed: int, examples: int, phases: tuple[Phase, ...] = ()
) -> Iterator[None]:
    """Let a test that is given inputs by hypothesis run `inner` on them, and `phases` beside drawing."""
    before, test.hypothesis.inner_test = test.hypothesis.inner_test, inner
    test._hypothesis_internal_use_seed = seed
    test._hypothesis_internal_use_settings = settings(
        max_examples=examples,
        deadline=None,
        database=None,
        derandomize=False,
        phases=(Phase.explicit, Phase.generate, Phase.target, *phases),
        report_multiple_bugs=False,
        suppress_health_check=list(HealthCheck),
        print_blob=False,
    )
    try:
        yield
    finally:
        test.hypothesis.inner_test = before


def _rank(check: tuple[Declaration, pytest.Item]) -> tuple[bool, bool]:
    """Gates come first and measurements last."""
    return check[0].weight > 0, check[0].timed


def title(item: pytest.Item) -> str:
    """What a learner reads as the name of a check."""
    text = (item.obj.__doc__ or item.name).strip().splitlines()[0].rstrip(".")
    return f"{text} ({item.callspec.id})" if hasattr(item, "callspec") else text


def _parsed(submitted: Submitted) -> Notebook | None:
    source = submitted.notebook
    with suppress(LoadError, RecursionError):
        return Notebook.parse(source) if isinstance(source, str) else Notebook.from_cells(source)
    return None


def _code(notebook: Notebook | None, entry: str) -> str:
    """A text that is equal for equal code of everything that a definition needs; empty where that is not known."""
    try:
        return hashlib.sha256(notebook.code(entry).encode()).hexdigest()
    except Exception:  # whatever is wrong with the notebook, its checks say so
        return ""
