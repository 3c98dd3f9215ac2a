"""What an order carries, which checks a session runs, and what follows from a secret: a course of its own each time."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from grader.engine import Assignment, BrokenChecks, Engine, Task
from grader.engine.assignment import to_data
from tests.conftest import ASSIGNMENT, grade, notebook

SHIPPED = """import marimo

app = marimo.App()


@app.function
def answer(value):
    raise NotImplementedError


@app.function
def other(value):
    raise NotImplementedError
"""
HEAD = """from hypothesis import given, strategies as st
from grader.engine import Mismatch, checks, expect

"""


@pytest.fixture
def course(tmp_path: Path) -> Callable[..., Assignment]:
    def course(checks: str, *tasks: Task) -> Assignment:
        folder = tmp_path / "checks"
        folder.mkdir()
        (folder / "test_x.py").write_text(HEAD + checks)
        return Assignment("x", tasks or (Task("1", "Answer", "answer", 10),), folder, SHIPPED, preload=())

    return course


def answers(answer: str, other: str = "raise NotImplementedError") -> str:
    first, second, third = SHIPPED.split("raise NotImplementedError")
    return first + answer + second + other + third


RECORDS = """
import hashlib
DRAWN = []

@checks("1", examples=(7, 30))
@given(value=st.lists(st.integers() | st.text() | st.floats(allow_nan=False)))
def test_drawn(submission, record_property, value):
    DRAWN.append(value)
    record_property("drawn", hashlib.sha256(repr(DRAWN).encode()).hexdigest())
    record_property("number", len(DRAWN))
    record_property("world", submission.answer(0))

@checks("1")
def test_world(submission, record_property, world_seed, seed):
    DRAWN.clear()
    record_property("world", world_seed)
    record_property("seed", seed)
"""


def figures(engine: Engine, **how: object) -> tuple[dict, dict]:
    drawn, world = engine.grade(answers("return 1"), **how)["tasks"][0]["checks"]
    return drawn["figures"], world["figures"]


def test_the_same_secret_draws_the_same_inputs_and_as_many_as_declared(course):
    """Fails when hypothesis renames what the session sets: then every submission would get other inputs."""
    with Engine(course(RECORDS), "process") as engine:
        first, again, live = (
            figures(engine, secret="a"),
            figures(engine, secret="a"),
            figures(engine, live=True),
        )
        other = figures(engine, secret="b", learner="Ada")
    with Engine(engine.assignment, "process") as engine:
        later, ada = figures(engine, secret="a"), figures(engine, secret="b", learner="Ada")
    assert first == again == later and ada == other
    assert first[0]["drawn"] != other[0]["drawn"] and first[1]["seed"] != other[1]["seed"]
    assert (first[0]["number"], live[0]["number"]) == (30, 7)
    assert first[1]["world"] != other[1]["world"] and 0 <= other[1]["world"] < 2**63


def test_shrinking_ends(course):
    check = """
@checks("1", examples=(200, 200))
@given(value=st.lists(st.text()))
def test_long(submission, value):
    import time
    time.sleep(0.002)
    expect(sum(map(len, value)) < 12, "")
"""
    with Engine(course(check), "process") as engine:
        _ = engine.isolation  # its start takes seconds
        result = engine.grade(answers("return 1"))
        assert result["tasks"][0]["verdict"] == "failed" and result["seconds"] < 5
        quick = engine.grade(answers("return 1"), first_failure=True)
        assert quick["tasks"][0]["verdict"] == "failed" and quick["seconds"] < 1


@pytest.mark.parametrize("options", ["-k 'not hidden'", "-n auto", "--collect-only -p no:hypothesis"])
def test_the_environment_of_the_caller_drops_no_check(monkeypatch, options):
    monkeypatch.setenv("PYTEST_ADDOPTS", options)
    monkeypatch.setenv("PYTEST_PLUGINS", "no_such_plugin")
    with Engine(ASSIGNMENT, "process") as engine:
        assert grade(engine, tasks=["1"], total="return min(sum(numbers), 2999)")["1"]["score"] == 7.5


@pytest.mark.parametrize("options", ["-k 'not hidden'", "--deselect test_toy.py::test_hidden_numbers"])
def test_a_session_that_lacks_a_check_refuses_to_run(options):
    order = json.dumps({"assignment": to_data(ASSIGNMENT), "isolation": "process", "forks": None}) + "\n"
    environment = {**os.environ, "PYTEST_ADDOPTS": options}
    command = [sys.executable, "-P", "-m", "grader.engine.service"]
    done = subprocess.run(command, input=order, env=environment, capture_output=True, text=True, check=False)
    assert "pytest has left out checks of toy" in json.loads(done.stdout)["problem"]


def test_checks_that_query_while_they_are_imported_are_refused(course):
    check = 'import polars as pl\nSUM = pl.DataFrame({"a": [1]}).filter(pl.col("a") > 0)\n'
    check += '@checks("1")\ndef test_one(submission):\n    expect(submission.answer(1) == 2, "2")\n'
    with (
        Engine(course(check), "process", forks=True) as engine,
        pytest.raises(BrokenChecks, match=r"test_\w+\.py starts threads while it is imported .* @remembered"),
    ):
        engine.grade(answers("return 2"))


def test_a_conftest_beside_the_checks_is_not_run(course):
    assignment = course(
        '@checks("1")\ndef test_one(submission):\n    expect(submission.answer(1) == 2, "2")\n'
    )
    (assignment.checks / "conftest.py").write_text("collect_ignore_glob = ['*']\n")
    with Engine(assignment, "process") as engine:
        assert engine.grade(answers("return 2"))["score"] == 10


def test_a_task_that_is_not_run_live_says_so_and_blocks_nothing(course):
    checks = """
@checks("1", live=False)
def test_long(submission):
    expect(submission.answer(1) == 1, "1")

@checks("2")
def test_next(submission):
    expect(submission.other(1) == 1, "1")
"""
    tasks = Task("1", "Long", "answer", 10), Task("2", "Next", "other", 10, needs=("1",))
    with Engine(course(checks, *tasks), "process") as engine:
        live = engine.grade(answers("return 1", "return 1"), live=True)["tasks"]
        full = engine.grade(answers("return 0", "return 1"))["tasks"]
    assert [task["verdict"] for task in live] == ["not_run_here", "passed"]
    assert live[0]["remaining"] == 1 and live[0]["score"] == 0
    assert [task["verdict"] for task in full] == ["failed", "blocked"]


def test_what_a_check_says_is_made_when_it_is_wrong_and_comes_in_parts(course):
    checks = """
def never(): raise AssertionError("a text for an answer that is right")

@checks("1")
def test_words(submission):
    expect(True, never, because=never, got=never)
    value = submission.answer(1)
    expect(value == 2, lambda: "2", because=lambda: "one was forgotten", got=lambda: f"{value} in row 3", reread="Ones")
"""
    with Engine(course(checks), "process") as engine:
        check = engine.grade(answers("return 1"))["tasks"][0]["checks"][0]
    assert list(check["parts"]) == ["cause", "expected", "got", "called", "returned", "reread"]
    assert check["message"].splitlines()[:3] == [
        "Likely cause: one was forgotten",
        "Expected: 2",
        "Got: 1 in row 3",
    ]


def test_progress_is_told_check_by_check(course):
    told: list[tuple[str, int, int]] = []
    with Engine(ASSIGNMENT, "process") as engine:
        engine.grade(notebook(), tasks=["1"], on_progress=lambda *what: told.append(what))
    assert told == [("1", 0, 3), ("1", 1, 3), ("1", 2, 3), ("1", 3, 3)]


def test_an_interrupted_reader_leaves_nothing_for_the_next(course):
    def interrupt(task: str, done: int, checks: int) -> None:
        raise KeyboardInterrupt

    with Engine(ASSIGNMENT, "process") as engine:
        with pytest.raises(KeyboardInterrupt):
            engine.grade(notebook(), on_progress=interrupt)
        assert grade(engine, tasks=["2"])["2"]["verdict"] == "passed"


def test_a_first_failure_ends_a_task(engine):
    task = engine.grade(notebook(total="return 0"), tasks=["1"], first_failure=True)["tasks"][0]
    assert [check["verdict"] for check in task["checks"]] == ["passed", "failed", "not_run"]
    assert not task["checks"][1]["message"] and task["score"] == 0


def test_what_an_earlier_task_spoiled_costs_a_later_one_nothing(engine):
    spoils = "import math\npl.DataFrame.with_columns = None\nreturn sum(numbers)"
    tasks = grade(engine, total=spoils)
    assert [task["verdict"] for task in tasks.values()] == ["passed", "passed", "review"]


def test_a_needed_task_that_has_passed_live_is_not_judged_again(course):
    checks = """
@checks("1")
def test_first(submission):
    expect(submission.answer(1) == 1, "1")

@checks("2")
def test_next(submission):
    expect(submission.other(1) == 1, "1")
"""
    tasks = Task("1", "First", "answer", 10), Task("2", "Next", "other", 10, needs=("1",))
    with Engine(course(checks, *tasks), "process") as engine:
        for other, expected in (("return 1", {"1", "2"}), ("return 1 + 0", {"2"}), ("return 2", {"2"})):
            judged: set[str] = set()
            result = engine.grade(
                answers("return 1", other),
                tasks=["2"],
                live=True,
                on_progress=lambda task, done, of, judged=judged: judged.add(task),
            )
            assert judged == expected
            assert result["tasks"][0]["verdict"] == ("failed" if other == "return 2" else "passed")
        changed = engine.grade(answers("return 7", "return 1"), tasks=["2"], live=True)
        assert changed["tasks"][0]["verdict"] == "blocked"
