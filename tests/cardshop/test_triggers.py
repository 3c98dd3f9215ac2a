"""When a model is trained again: the triggers, their hysteresis and their budget."""

import dataclasses
import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cardshop.training.policy import Policy
from cardshop.training.triggers import Decision, Facts, Memory, decide, findings

POLICY = Policy(day=1, age=40, volume=900, window=20, learnable=5, away=3, retry=4, budget=2, period=10)


def seen(now, psi=0.0, trained=0.0, labels=(), hits=(), champion=None):
    """Facts of a look; without `champion` each training has brought a new one."""
    return Facts(now, trained, now if champion is None else champion, labels, hits, {"hp": psi})


def run(looks) -> list[Decision]:
    """The decisions at all looks, each with what the ones before have left in memory."""
    memory, decisions = Memory(), []
    for facts in looks:
        decision, memory = decide(facts, POLICY, memory)
        decisions.append(decision)
    return decisions


@pytest.mark.parametrize(
    ("trigger", "facts", "words"),
    [
        ("schedule", seen(41), "41.0 days old; up to 40"),
        ("volume", seen(1, labels=[0.5] * 900), "900 cards that were answered since the last training"),
        (
            "performance",
            seen(1, hits=[True] * 30 + [False] * 20),
            "latest 20 labelled answers 0.0% were right (0.0% to 16.1%), of its first 20 100.0% (83.9% to 100.0%)",
        ),
    ],
)
def test_a_trigger_fires_at_once_and_says_its_numbers(trigger, facts, words):
    decision, memory = decide(facts, POLICY, Memory())
    assert (decision.action, decision.trigger) == ("retrain", trigger) and words in decision.reason
    assert memory.trainings == (facts.now,)


@pytest.mark.parametrize(
    "facts",
    [
        seen(40),
        seen(1, labels=[0.5] * 899),
        seen(1, trained=0.6, labels=[0.5] * 900),
        seen(1, hits=[True] * 20 + [True, False] * 5 + [True] * 10),
        seen(1, hits=[False] * 20 + [True] * 20),
        seen(1, hits=[True] * 20 + [False] * 19),
        seen(1, psi=0.2),
        Facts(1, 0, 0),
    ],
)
def test_less_than_that_changes_nothing(facts):
    decision, memory = decide(facts, POLICY, Memory())
    assert decision.action == "wait" and memory.trainings == ()
    assert not any(one.met for one in findings(facts, POLICY, Memory()).values())


def test_a_drift_is_noticed_at_once_and_waits_for_labels_of_the_cards_that_show_it():
    labels = [0.5] * 500 + [1.5] * 4
    looks = [
        seen(1, 0.9, labels=labels[:500]),
        seen(2, 0.9, labels=labels),
        seen(3, 0.1, labels=labels),
        seen(4, 0.9, labels=[*labels, 1.5]),
    ]
    decisions = run(looks)
    assert [one.action for one in decisions] == ["notice", "wait", "wait", "retrain"]
    assert "The PSI of hp is 0.90" in decisions[0].reason and "0 cards" in decisions[0].reason
    assert "5 cards that were answered since then have a label" in decisions[3].reason


def test_a_training_for_a_drift_waits_for_its_labels_also_where_the_champion_has_become_worse():
    worse = [True] * 20 + [False] * 20
    looks = [
        seen(1, 0.9),
        seen(2, 0.9, labels=[1.5] * 4, hits=worse),
        seen(3, 0.9, labels=[1.5] * 5, hits=worse),
        seen(4, 0.9, labels=[1.5] * 6, hits=worse),
    ]
    decisions = run(looks)
    assert [one.action for one in decisions] == ["notice", "notice", "retrain", "wait"]
    assert [one.trigger for one in decisions[:3]] == ["drift", "performance", "drift"]


psis = st.floats(0, 0.4)
steps = st.floats(0.01, 4)


@st.composite
def histories(draw):
    """Looks at irregular times: a drift that comes and goes, labels that come in, a champion that may fail."""
    now, looks, answered, hits = 0.0, [], [], []
    for _ in range(draw(st.integers(1, 40))):
        now += draw(steps)
        answered += [now] * draw(st.integers(0, 8))
        hits += [draw(st.booleans())] * draw(st.integers(0, 15))
        looks.append(
            Facts(
                now,
                now - draw(st.floats(0, 60)),
                now - draw(st.floats(0, 60)),
                tuple(answered),
                tuple(hits),
                {"hp": draw(psis)},
            )
        )
    return looks


@settings(deadline=None, max_examples=50)
@given(histories())
def test_the_budget_holds_in_every_period_and_no_trigger_flaps(looks):
    decisions = run(looks)
    trainings = [look.now for look, one in zip(looks, decisions, strict=True) if one.action == "retrain"]
    for moment in trainings:
        assert sum(moment - POLICY.period < other <= moment for other in trainings) <= POLICY.budget
    met = [findings(look, POLICY, Memory()) for look in looks]
    trained = [n for n, one in enumerate(decisions) if one.action == "retrain"]
    for last, second in itertools.pairwise(trained):
        condition = [one[decisions[second].trigger].met for one in met]
        answered = [n for n in range(last + 1) if condition[n]]
        after = range(answered[-1] + 1, second) if answered else ()
        runs = [(is_met, list(run)) for is_met, run in itertools.groupby(after, condition.__getitem__)]
        absences = [looks[run[-1]].now - looks[run[0]].now for is_met, run in runs if not is_met]
        was_away = not answered or any(days >= POLICY.away for days in absences)
        in_vain = looks[second].champion < looks[last].now
        assert was_away or (in_vain and looks[second].now - looks[last].now >= POLICY.retry)


@settings(deadline=None, max_examples=50)
@given(st.lists(st.tuples(steps, st.sampled_from([0.19, 0.21])), min_size=1, max_size=60))
def test_a_number_that_hovers_around_its_threshold_causes_one_training(hovering):
    now, looks = 0.0, []
    for step, psi in hovering:
        now += min(step, 1.4)  # never away for three days: at most two looks below
        below = psi < 0.2 and not (len(looks) > 1 and looks[-1].psi["hp"] < 0.2)
        looks.append(seen(now, 0.19 if below else 0.21, trained=now, labels=(now,) * 9))
    assert sum(one.action == "retrain" for one in run(looks)) <= 1


@settings(deadline=None, max_examples=50)
@given(st.lists(steps, min_size=1, max_size=30), st.lists(st.floats(0, 9), max_size=2))
def test_a_condition_that_stays_leads_to_a_training_at_the_first_look_that_the_budget_allows(gaps, earlier):
    memory, now = Memory(trainings=tuple(sorted(earlier))), 9.0
    for gap in gaps:
        now += gap
        decision, memory = decide(seen(now, trained=now - 41), POLICY, memory)
        allowed = sum(one > now - POLICY.period for one in earlier) < POLICY.budget
        assert decision.action == ("retrain" if allowed else "hold")
        if allowed:
            return
        assert "2 trainings began in the last 10 days" in decision.reason


def test_one_training_answers_every_condition_that_is_met_and_a_cured_one_can_fire_again():
    both = [True] * 20 + [False] * 20
    looks = [
        seen(1, hits=both, labels=[0.5] * 900),
        seen(2, hits=both, labels=[0.5] * 900),
        seen(3),
        seen(6),
        seen(7, hits=both),
    ]
    assert [one.action for one in run(looks)] == ["retrain", "wait", "wait", "wait", "retrain"]


def test_a_drift_whose_training_was_in_vain_leads_to_another_one_while_the_budget_lasts():
    labels, times = [2.5] * 5, (3, 6.9, 7, 10, 11, 12, 13)
    vain = run([seen(2, 0.9, champion=0), *(seen(now, 0.9, labels=labels, champion=0) for now in times)])
    actions = [one.action for one in vain]
    assert actions == ["notice", "retrain", "wait", "retrain", "wait", "hold", "hold", "retrain"]
    assert vain[3].reason.endswith("The training 4.0 days ago has brought no new champion.")
    assert "2 trainings began in the last 10 days" in vain[5].reason
    helped = run([seen(2, 0.9), *(seen(now, 0.9, labels=labels, champion=3.1) for now in times)])
    assert [one.action for one in helped] == ["notice", "retrain"] + ["wait"] * 6


def test_a_threshold_of_nothing_is_refused():
    for name in (one.name for one in dataclasses.fields(Policy)):
        with pytest.raises(ValueError, match=f"{name} has to be above 0"):
            Policy(**{name: 0})
