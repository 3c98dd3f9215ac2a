"""Rollouts: who gets which model, and when the numbers are enough to decide (P-4)."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cardshop.rollout.judge import Counts, judge
from cardshop.rollout.policies import Plan, Route, draw, route
from cardshop.rollout.sequential import Tally, difference
from cardshop.rollout.state import Rollout, State

KEYS = [f"customer {number}" for number in range(4_000)]


@pytest.mark.parametrize("share", [0.0, 0.1, 0.5, 1.0])
def test_a_canary_gets_its_share_and_a_customer_always_the_same_model(share):
    plan = Plan("canary", "spring", share)
    routes = [route(plan, key).answers for key in KEYS]
    assert routes.count("challenger") / len(KEYS) == pytest.approx(share, abs=0.03)
    assert routes == [route(plan, key).answers for key in KEYS]


def test_a_larger_canary_keeps_its_customers_and_another_plan_draws_anew():
    def chosen(plan):
        return {key for key in KEYS if route(plan, key).answers == "challenger"}

    small, large = chosen(Plan("canary", "spring", 0.1)), chosen(Plan("canary", "spring", 0.3))
    other = chosen(Plan("canary", "summer", 0.1))
    assert small < large and len(small & other) / len(small) == pytest.approx(0.1, abs=0.06)


@given(salt=st.text(), key=st.text())
def test_a_draw_is_a_share(salt, key):
    assert 0 <= draw(salt, key) < 1


def test_the_other_ways_of_rolling_out():
    assert route(Plan("shadow", "s"), "k") == Route("champion", shadowed=True)
    assert route(Plan("blue-green", "s", active="challenger"), "k") == Route("challenger")
    better = {"champion": (100, 70), "challenger": (100, 90)}
    greedy = [route(Plan("bandit", "s", epsilon=0.2), key, better).answers for key in KEYS]
    assert greedy.count("challenger") / len(KEYS) == pytest.approx(0.9, abs=0.03)
    even = [route(Plan("bandit", "s", epsilon=0.2), key).answers for key in KEYS]
    assert even.count("challenger") / len(KEYS) == pytest.approx(0.1, abs=0.03)


@pytest.mark.parametrize("wrong", [{"share": 1.5}, {"share": -0.1}, {"epsilon": 2}])
def test_a_share_is_a_share(wrong):
    with pytest.raises(ValueError, match="between 0 and 1"):
        Plan("canary", "s", **wrong)


def labels(rng, rate, number):
    return np.cumsum(rng.random(number) < rate)


def first_look(champion, challenger, decided):
    """The number of labels at which somebody who looks after every tenth would first decide."""
    for number in range(20, len(champion), 10):
        found = difference(
            Tally(number, int(champion[number - 1])), Tally(number, int(challenger[number - 1]))
        )
        if decided(found):
            return number
    return None


def test_who_looks_all_the_time_is_hardly_ever_fooled():
    rng = np.random.default_rng(1)
    alarms = [
        first_look(
            labels(rng, 0.85, 1_500), labels(rng, 0.85, 1_500), lambda one: one.low > 0 or one.high < 0
        )
        for _ in range(60)
    ]
    assert sum(alarm is not None for alarm in alarms) <= 3  # an ordinary interval: about half of them


def test_a_bad_model_is_found_within_a_few_hundred_labels():
    rng = np.random.default_rng(2)
    found = [
        first_look(labels(rng, 0.85, 2_000), labels(rng, 0.70, 2_000), lambda one: one.high < 0)
        for _ in range(40)
    ]
    assert None not in found and np.median(found) < 400


def counts(requests, errors=0, seconds=0.01, labels=0, right=0):
    return Counts(requests, errors, [seconds] * min(requests, 100), Tally(labels, right))


@pytest.mark.parametrize(
    ("challenger", "action", "words"),
    [
        (counts(10, errors=5), "wait", "Not decided"),
        (counts(100, errors=2), "rollback", "2.0% of the challenger's predictions failed"),
        (counts(100, seconds=0.03), "rollback", "30.0 ms, more than 2 times the champion's 10.0 ms"),
        (counts(500, labels=400, right=260), "rollback", "The challenger is worse: -20"),
        (counts(500, labels=60, right=51), "wait", "Not decided"),
        (counts(9_000, labels=8_000, right=7_000), "promote", "not worse by more than 2%"),
    ],
)
def test_the_numbers_decide(challenger, action, words):
    champion = counts(10_000, labels=8_000, right=6_800)
    decision = judge(Plan("canary", "s"), champion, challenger)
    assert decision.action == action and words in decision.reason


def test_nobody_is_promoted_from_the_shadow_by_itself():
    good = counts(9_000, labels=8_000, right=7_900)
    assert judge(Plan("shadow", "s"), counts(9_000, labels=8_000, right=6_000), good).action == "wait"


def test_a_rollout_is_kept_and_every_decision_is_written_down(tmp_path):
    state = State(tmp_path / "new")
    assert state.read() is None and state.audit() == []
    rollout = Rollout(Plan("canary", "spring", 0.2), "3", "4")
    state.begin(rollout, "you")
    assert State(tmp_path / "new").read() == rollout
    state.end("rollback", "It is worse.", "the judge")
    assert state.read() is None
    assert [(one["action"], one["by"]) for one in state.audit()] == [
        ("begin", "you"),
        ("rollback", "the judge"),
    ]
    (tmp_path / "new" / "rollout.json").write_text('{"plan": {"kind": "canary"}}')
    with pytest.raises(ValueError, match="delete it"):
        state.read()
