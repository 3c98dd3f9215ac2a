"""Scrambled: checks in another order and calls in processes of their own; whoever remembers is found out."""

from tests.conftest import grade, notebook

REMEMBERS = """total.seen = getattr(total, 'seen', [])
total.seen.append(numbers)
return sum(numbers) if len(total.seen) > 1 or not numbers else -1"""


def test_the_solution_does_not_care(engine):
    tasks = grade(engine, live=True, scrambled=True)
    assert [task["verdict"] for task in tasks.values()] == ["passed", "passed", "review"]


def test_an_answer_that_lives_on_earlier_calls_does(engine):
    assert grade(engine, live=True, tasks=["1"], total=REMEMBERS)["1"]["verdict"] == "passed"
    assert grade(engine, live=True, tasks=["1"], total=REMEMBERS, scrambled=True)["1"]["verdict"] == "failed"


def test_each_check_keeps_its_own_verdict_in_any_order(engine):
    small = notebook(total="return sum(number for number in numbers if number < 1000)")
    for secret in "abc":
        [task] = engine.grade(small, tasks=["1"], scrambled=True, secret=secret)["tasks"]
        assert {check["name"]: check["verdict"] for check in task["checks"]} == {
            "The sum of nothing is 0": "passed",
            "Adds up any numbers": "passed",
            "Adds up numbers that are not shown": "failed",
        }
