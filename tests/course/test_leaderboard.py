"""The board of the competition: an idea climbs it, handing in again does not."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from grader.course.leaderboard import Entry, standings
from grader.course.manifest import assignments

RULES = next(assignment.competition for assignment in assignments() if assignment.competition)
ACCURACIES = st.lists(st.floats(0, 1), min_size=12, max_size=12)


def entry(who: str, accuracy: list[float], worlds: str = "w") -> dict:
    return {"kind": "competition", "who": who, "worlds": worlds, "accuracy": accuracy}


@given(ACCURACIES, st.integers(1, 5))
def test_the_same_code_again_changes_nothing_but_the_tries(accuracy, times):
    (standing,) = standings([entry("a", accuracy)] * times, "w", RULES)
    assert (standing.accuracy, standing.tries) == (tuple(accuracy), times)


@given(ACCURACIES, ACCURACIES)
def test_an_entry_counts_when_it_is_better_in_enough_worlds(before, after):
    wins = sum(new > old for old, new in zip(before, after, strict=True))
    assert Entry("a", tuple(before)).after(after, 10).accuracy == tuple(after if wins >= 10 else before)


def test_luck_hardly_climbs_and_the_best_of_many_tries_would_have():
    rng = np.random.default_rng(0)
    luck = 0.75 + rng.normal(
        0, 0.02, (100, 50, 12)
    )  # of a hundred people, fifty tries each that are equally good
    climbed = [standings([entry("a", list(one)) for one in person], "w", RULES)[0].mean for person in luck]
    assert np.mean(climbed) - 0.75 < 0.7 * (luck.mean(axis=2).max(axis=1).mean() - 0.75)
    assert np.mean(climbed) - 0.75 < 0.01


def test_the_best_stand_first_and_other_worlds_do_not_count():
    entries = [
        entry("a", [0.7] * 12),
        entry("b", [0.8] * 12),
        entry("c", [0.9] * 12, "others"),
        {"kind": "hint"},
    ]
    assert [standing.who for standing in standings(entries, "w", RULES)] == ["b", "a"]
