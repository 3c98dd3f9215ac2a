"""Between a submission and its verdict works a process that may die, and then costs that submission alone."""

import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from grader.engine import Assignment, Engine, Task
from tests.engine.test_sessions import HEAD, SHIPPED, answers

CHECKS = """
import os, socket, sys
from pathlib import Path
from grader.engine import remembered

@remembered
def process(number, text="x"):
    return os.getpid(), number

@checks("1")
def test_first(submission, record_property):
    record_property("processes", [process(1, text="y")[0], os.getpid()])
    expect(submission.answer(1), "something")

@checks("1")
def test_second(submission):
    answer = submission.answer(2)
    if answer == "work":
        sum(iter(int, 1))  # ends with the process
    if answer == "death":
        os.abort()
    if answer == "memory":
        data = []
        while True:
            data.append(b"x" * 2**20)
    if answer == "lies":  # what a referee could say that was taken over
        for number in range(3, 64):
            try: os.write(number, b'{"task": "1", "end": "passed", "code": ""}\\n')
            except OSError: pass
    expect(answer == "right", "right")

@checks("1", public=False)
def test_third(submission):
    expect(submission.answer(3), "something")

@checks("2")
def test_doors(submission, record_property):
    expect(submission.other(1) == 1, "1")
    import grader
    repository = Path(grader.__file__).parents[1]
    places = [Path("/proc/self"), Path("/etc/passwd"), repository / "tests", repository / ".git"]
    record_property("seen", [str(place) for place in places if place.exists()])
    record_property("written", os.access(Path(__file__).parent, os.W_OK))
    record_property("user", os.getuid())
    try:
        socket.create_connection(("1.1.1.1", 53), 1)
    except OSError:
        record_property("network", False)
"""


def engines(folder: Path, *how: object) -> Iterator[Engine]:
    checks = folder / "checks"
    checks.mkdir()
    (checks / "test_x.py").write_text(HEAD + CHECKS)
    tasks = Task("1", "Answer", "answer", 10), Task("2", "Other", "other", 10)
    with Engine(Assignment("x", tasks, checks, SHIPPED, preload=()), *how) as engine:
        yield engine


@pytest.fixture(scope="module", params=["sandbox", "process"])
def engine(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    yield from engines(tmp_path_factory.mktemp("referees"), request.param)


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    yield from engines(tmp_path_factory.mktemp("alone"), "process", False)


BOMBS = {"work": "more than 10 seconds", "death": "too much memory"}


@pytest.mark.parametrize("bomb", BOMBS)
def test_what_a_referee_does_not_survive_costs_its_check_and_no_other(engine, bomb):
    if (engine.isolation, bomb) == ("process", "work"):
        return  # it is the same, and takes as long
    service, start = engine._service, time.monotonic()
    result = engine.grade(answers(f"return {bomb!r}", "return 1"), live=True)
    first, second = result["tasks"]
    assert [check["verdict"] for check in first["checks"]] == ["passed", "error", "not_run"]
    assert BOMBS[bomb] in first["checks"][1]["message"] and "grader" not in first["checks"][1]["message"]
    assert first["verdict"] == "error" and second["verdict"] == "passed" and second["score"] == 10
    assert service in (None, engine._service)
    assert time.monotonic() - start < 60


def test_a_referee_that_talks_nonsense_is_not_believed(engine):
    first, second = engine.grade(answers("return 'lies'", "return 1"))["tasks"]
    assert [check["verdict"] for check in first["checks"]] == ["passed", "error", "not_run"]
    assert first["verdict"] == "error" and second["verdict"] == "passed"


def test_memory_without_end_is_a_wrong_answer_or_the_end_of_the_referee(engine):
    result = engine.grade(answers("return 'memory'", "return 1"), live=True)
    first, second = result["tasks"]
    assert first["checks"][1]["verdict"] in ("failed", "error") and second["verdict"] == "passed"


def test_a_referee_is_in_a_sandbox(engine):
    figures = engine.grade(answers("return 1", "return 1"), tasks=["2"])["tasks"][0]["checks"][0]["figures"]
    if engine.isolation == "sandbox":
        assert figures["seen"] == [] and not figures["written"] and not figures["network"]
        assert figures["user"] != 0


def test_what_is_remembered_is_computed_once_elsewhere(engine):
    seen = []
    for _ in range(2):
        task = engine.grade(answers("return 'right'"), tasks=["1"])["tasks"][0]
        assert task["verdict"] == "passed"
        seen.append(task["checks"][0]["figures"]["processes"])
    (oracle, one), (same, two) = seen
    assert oracle == same and len({oracle, one, two, os.getpid(), engine._service.pid}) == 5


def test_without_fork_the_service_ends_and_nobody_tries_again(alone):
    assert alone.grade(answers("return 'right'", "return 1"))["score"] == 20
    service, start = alone._service, time.process_time()
    result = alone.grade(answers("return 'work'", "return 1"), live=True)
    first, second = result["tasks"]
    assert service.poll() is not None and time.process_time() - start < 5
    assert (first["verdict"], second["verdict"]) == ("error", "passed")
    assert "ran too long" in first["checks"][0]["message"]
