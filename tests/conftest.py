"""How all tests run, a toy course with three tasks, and an engine for each isolation level that this machine has."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from grader.engine import Assignment, Engine, IsolationUnavailable, Task

TOY = Path(__file__).parent / "engine" / "toy"
SHIPPED = (TOY / "shipped.py").read_text(encoding="utf-8")
ASSIGNMENT = Assignment(
    "toy",
    (
        Task("1", "Add up", "total", 10),
        Task("2", "Double a table", "double", 20),
        Task("3", "Average", "average", 5, needs=("1",), review=3),
    ),
    checks=TOY / "checks",
    shipped=SHIPPED,
    packages=(TOY / "shop",),
    hidden=("shop/truth",),
    preload=("polars", "pandas"),
)
FORKS = os.environ.get("DOJO_FORK") != "no"  # CI runs the tests of engine and units once more without
LEVELS = ["sandbox", "process"] if FORKS else ["process"]
ANSWERS = {
    "total": "return sum(numbers)",
    "double": "return table.with_columns(a=pl.col('a') * 2)",
    "average": "return total(numbers) / len(numbers) if numbers else 0.0",
}


def notebook(**bodies: str) -> str:
    """The toy notebook with these bodies; the right answers stand where none is given."""
    text = SHIPPED
    for name, body in (ANSWERS | bodies).items():
        lines = "\n    ".join(body.splitlines())
        text = text.replace(f'raise NotImplementedError("{name}")', lines)
    return text


def grade(
    engine: Engine,
    *,
    live: bool = False,
    tasks: list[str] | None = None,
    scrambled: bool = False,
    **bodies: str,
) -> dict[str, dict]:
    """Grade the toy notebook with these bodies; the tasks of the result by id."""
    result = engine.grade(notebook(**bodies), live=live, tasks=tasks, scrambled=scrambled)
    return {task["id"]: task for task in result["tasks"]}


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo) -> Iterator[None]:
    """In CI everything is installed that a test needs: one that skips itself has failed."""
    report = yield
    if report.skipped and os.environ.get("CI"):
        report.outcome, report.longrepr = "failed", f"skipped itself in CI: {call.excinfo.value}"
    return report


def pytest_xdist_auto_num_workers() -> int:
    """One process more than there are cores, since many tests wait for a limit to pass; each needs a gigabyte."""
    return min(os.cpu_count() or 1, 4) + 1


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The tests of a file that use the same engine share a process, unless they say that they share another group."""
    for item in items:
        if item.get_closest_marker("xdist_group") is None:
            given = item.callspec.params if hasattr(item, "callspec") else {}
            group = given.get("ground") or f"{item.path.stem} {given.get('engine', '')}"
            item.add_marker(pytest.mark.xdist_group(group))


@pytest.fixture(scope="session", params=LEVELS)
def engine(request: pytest.FixtureRequest) -> Iterator[Engine]:
    with Engine(ASSIGNMENT, request.param) as engine:
        try:
            assert engine.isolation == request.param
        except IsolationUnavailable as error:
            pytest.skip(str(error))
        yield engine
