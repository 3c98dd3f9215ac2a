import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from cardshop.quality import ISSUES, RULES
from cardshop.world.truth.dirt import plant
from cardshop.world.truth.issues import issues


def test_clean_cards_have_no_issue(cards):
    assert issues(cards) == set()


@settings(deadline=None, max_examples=60)
@given(
    seed=st.integers(0, 2**32),
    rows=st.integers(0, 60),
    start=st.integers(0, 1_900),
    share=st.floats(0, 0.5),
    absent=st.sets(st.sampled_from(sorted(RULES)), max_size=19),
    kinds=st.none() | st.lists(st.sampled_from(sorted(ISSUES)), unique=True),
)
def test_what_is_recorded_is_what_is_wrong(cards, seed, rows, start, share, absent, kinds):
    clean = cards[start : start + rows].drop(absent)
    dirty, planted = plant(clean, np.random.default_rng(seed), kinds, share)
    assert issues(dirty) == set(planted.iter_rows())
    assert dirty.schema == clean.schema
    assert planted["row"].is_unique().all()
    assert dirty.height == clean.height + (planted["issue"] == "duplicate").sum()


def test_five_rows_are_enough_for_one_of_each_kind(cards):
    for seed in range(50):
        _, issues = plant(cards.head(5), np.random.default_rng(seed))
        assert sorted(issues["issue"]) == sorted(ISSUES)


def test_share_is_a_share_of_rows_for_each_kind_and_the_input_stays(cards):
    before = cards.clone()
    _, issues = plant(cards, np.random.default_rng(0), share=0.01)
    counts = dict(issues["issue"].value_counts().iter_rows())
    assert counts == dict.fromkeys(ISSUES, round(0.01 * cards.height))
    assert_frame_equal(cards, before)


def test_unknown_kinds_are_named(cards):
    with pytest.raises(ValueError, match="coffee_stain"):
        plant(cards, np.random.default_rng(0), ["coffee_stain"])
