"""What is around an answer: earlier notebooks, modules that it must not import, budgets, an environment of its own."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from grader.engine import Assignment, BrokenChecks, Budget, Earlier, Engine, Environment, Submitted, Task
from tests.conftest import LEVELS, TOY

SHIPPED = """import marimo

app = marimo.App()

with app.setup:
    from grader import check, mine


@app.function
def twice(numbers):
    raise NotImplementedError


@app.function
def peek():
    raise NotImplementedError


@app.function
def threads():
    raise NotImplementedError
"""
CHECKS = """
from grader.engine import checks, expect

@checks("1")
def test_twice(submission):
    expect(submission.twice([1, 2]) == 6, "6")

@checks("2")
def test_open(submission):
    expect(submission.twice([1, 2]) == 6, "6")

@checks("3")
def test_peek(submission):
    expect(submission.peek() == "nothing", "nothing", because=f"{submission.peek()}")

@checks("4")
def test_threads(submission):
    expect(submission.threads() == ["2", 2, 2], "two threads", because=f"{submission.threads()}")

@checks("6")
def test_machine(submission):
    expect("processor" in submission.peek(), "the processors")

@checks("5")
def test_seen(submission):
    expect(submission.peek() != "nothing", "something")
"""
EARLIER = """import marimo

app = marimo.App()


@app.function
def total(numbers):
    return sum(numbers)
"""
UNSOLVED = "def total(numbers):\n    raise NotImplementedError"
TWICE = "return 2 * mine('0')(numbers)"


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("checks")
    (folder / "test_needs.py").write_text(CHECKS)
    return folder


def assignment(folder: Path, **more: object) -> Assignment:
    tasks = (
        Task("1", "Twice", "twice", 10, needs=("0",)),
        Task("2", "Twice", "twice", 10, needs=("0p",)),
        Task("3", "Peek", "peek", 10, hides=("shop.features",)),
        Task("4", "Threads", "threads", 10, full=Budget(call=9, first=15, total=60, threads=2)),
        Task("5", "Peek", "peek", 10),
        Task("6", "Peek", "peek", 10, profile="service"),
    )
    earlier = (
        Earlier("0", "total", "00_first", UNSOLVED),
        Earlier("0p", "total", "00_first", UNSOLVED, public="shop.features:total"),
    )
    return Assignment(
        "needs", tasks, folder, SHIPPED, (TOY / "shop",), ("shop/truth",), ("numpy",), earlier=earlier, **more
    )


@pytest.fixture(scope="module", params=LEVELS)
def engine(request, folder) -> Iterator[Engine]:
    with Engine(assignment(folder), request.param) as engine:
        yield engine


def notebook(**bodies: str) -> str:
    first, *others = SHIPPED.split("raise NotImplementedError")
    given = [bodies.get(name, "raise NotImplementedError") for name in ("twice", "peek", "threads")]
    return first + "".join(
        body.replace("\n", "\n    ") + rest for body, rest in zip(given, others, strict=True)
    )


def grade(engine: Engine, submitted: str | Submitted, task: str) -> tuple[str, str]:
    (result,) = engine.grade(submitted, tasks=[task])["tasks"]
    return result["verdict"], "\n".join(check["message"] for check in result["checks"])


def test_mine_is_the_definition_of_the_submission(engine):
    text = notebook(twice=TWICE)
    assert grade(engine, Submitted(text, {"00_first": EARLIER}), "1")[0] == "passed"
    wrong = EARLIER.replace("sum(numbers)", "7")
    assert "Expected: 6" in grade(engine, Submitted(text, {"00_first": wrong}), "1")[1]


def test_without_it_the_task_is_blocked_unless_there_is_a_public_version(engine):
    text = notebook(twice=TWICE)
    shipped = EARLIER.replace("return sum(numbers)", "raise NotImplementedError")
    for others in ({}, {"00_first": shipped}, {"00_first": "def total(:"}):
        verdict, message = grade(engine, Submitted(text, others), "1")
        assert verdict == "blocked" and "0 in 00_first" in message
        assert grade(engine, Submitted(text.replace("'0'", "'0p'"), others), "2")[0] == "passed"


def test_mine_says_what_it_does_not_find(engine):
    for task, words in (
        ("9.9", "not a task that this assignment builds on"),
        ("0", "0 is not solved yet: write `total`"),
    ):
        message = grade(engine, notebook(twice=f"return mine('{task}')(numbers)"), "2")[1]
        assert words in message, message


PEEKS = {
    "import": "import shop.features\nreturn 'module'",
    "from": "from shop import features\nreturn 'module'",
    "memory": """import gc
homes = [getattr(thing, "__module__", "") for thing in gc.get_objects()]
return "memory" if "shop.features" in homes else "nothing\"""",
    "file": """import shop, sys
from pathlib import Path
for place in Path(shop.__file__).parent.rglob("features*"):
    if place.is_file() and place.read_bytes():
        return "file"
return "nothing\"""",
    "without the hook": """import sys
sys.meta_path = [finder for finder in sys.meta_path if "dojo" not in type(finder).__module__]
try:
    from shop.features import total
except ImportError:
    return "nothing"
return "module\"""",
}


@pytest.mark.parametrize("way", PEEKS)
def test_what_a_task_hides_is_not_there(engine, way):
    verdict, message = grade(engine, notebook(peek=PEEKS[way]), "3")
    if way in ("import", "from"):
        assert verdict == "error" and "`shop.features` is not available in this task" in message
        assert grade(engine, notebook(peek=PEEKS[way]), "5")[0] == "passed"
    elif engine.isolation == "sandbox" or way == "memory":  # at level process the hook is all there is
        assert verdict == "passed", message


def test_threads_are_those_of_the_budget(engine):
    body = """import os, numpy, polars, threadpoolctl  # imported before /proc was gone, where there is a sandbox
blas = max(pool["num_threads"] for pool in threadpoolctl.threadpool_info())
return [os.environ["OMP_NUM_THREADS"], polars.thread_pool_size(), blas]"""
    verdict, message = grade(engine, notebook(threads=body), "4")
    assert verdict == "passed", message


def test_a_service_sees_the_machine(engine):
    assert grade(engine, notebook(peek="return open('/proc/cpuinfo').read()"), "6")[0] == "passed"


def test_workers_run_in_an_environment_of_its_own(folder, tmp_path):
    missing = Environment("feast", tmp_path / "bin/python", install="python install.py --lab feast")
    with (
        Engine(assignment(folder, environment=missing)) as engine,
        pytest.raises(BrokenChecks, match="--lab feast"),
    ):
        engine.grade(SHIPPED)
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", tmp_path], check=True)
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    site = tmp_path / "lib" / version / "site-packages"
    (site / "only_there.py").write_text("NUMBERS = 6")
    ready = Environment("feast", tmp_path / "bin/python", install="python install.py --lab feast")
    with Engine(assignment(folder, environment=ready)) as engine:
        assert (
            grade(engine, notebook(twice="import only_there\nreturn only_there.NUMBERS"), "2")[0] == "passed"
        )
        assert "No module named" in grade(engine, notebook(twice="import polars"), "2")[1]
