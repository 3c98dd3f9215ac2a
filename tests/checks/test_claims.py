import math

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import ks_2samp

from checks.shared.claims import VOCABULARY, ClaimError, ks, psi, read, recompute, statistic, widest_tolerance

TABLES = {
    "delivery": pl.DataFrame(
        {
            "rarity": ["Holo", "Rare", "Holo", None],
            "hp": [40, 60, None, 100],
            "day": ["2024-01-01", "2024-01-02", "2024-02-01", "2024-02-02"],
            "legendary": [True, False, False, False],
        }
    ).with_columns(pl.col("day").str.to_date()),
    "reference": pl.DataFrame({"rarity": ["Holo", "Rare", "Rare", "Rare"], "hp": [30, 50, 70, 90]}),
}


def claim(statistic="rows", table="delivery", value=4, tolerance=0, **where):
    return {"statistic": statistic, "table": table, "slice": where, "value": value, "tolerance": tolerance}


@pytest.mark.parametrize(
    ("made", "value"),
    [
        (claim("rows"), 4),
        (claim("rows", rarity="Holo"), 2),
        (claim("rows", rarity=None), 1),
        (claim("rows", rarity=["Holo", "Rare"]), 3),
        (claim("rows", rarity=[]), 0),
        (claim("rows", hp={"min": 60}), 2),
        (claim("rows", hp={"min": 40, "max": 60}), 2),
        (claim("rows", day={"max": "2024-01-31"}), 2),
        (claim("rows", legendary=True), 1),
        (claim("rows", rarity="Holo", hp={"min": 1}), 1),
        (claim("share", rarity="Holo"), 0.5),
        (claim("share_missing(hp)"), 0.25),
        (claim("unique(rarity)"), 2),
        (claim("mean(hp)"), 200 / 3),
        (claim("median(hp)"), 60),
        (claim("min(hp)"), 40),
        (claim("max(hp)", "reference"), 90),
        (claim("std(hp)", "reference"), math.sqrt(2000 / 3)),
        (claim("mean(legendary)"), 0.25),
        (claim("ks(hp)"), 1 / 3),
    ],
)
def test_statistic(made, value):
    assert statistic(read(made), TABLES) == pytest.approx(value)
    assert recompute(read({**made, "value": float(value)}), TABLES).holds


@pytest.mark.parametrize(
    ("made", "words"),
    [
        ({}, "`statistic`: Field required"),
        ("rows", "a dict with five keys"),
        (claim("kurtosis(hp)"), "not in the vocabulary"),
        (claim("mean"), "write it as mean(column)"),
        (claim("rows(hp)"), "write it as rows"),
        ({**claim(), "certainty": 1}, "`certainty`"),
        (claim(value="4"), "`value`"),
        (claim(value=True), "`value`"),
        (claim(value=math.nan), "`value`"),
        (claim(tolerance=-1), "`tolerance`"),
        (claim(hp={}), "`slice`"),
        (claim(hp={"above": 3}), "`slice`"),
    ],
)
def test_unreadable(made, words):
    with pytest.raises(ClaimError) as caught:
        read(made)
    assert words in str(caught.value)


@pytest.mark.parametrize(
    ("made", "words"),
    [
        (claim("mean(hp)", "orders"), "there is no table 'orders'"),
        (claim("mean(weight)"), "there is no column 'weight'"),
        (claim("mean(hp)", weight=1), "there is no column 'weight'"),
        (claim("mean(rarity)"), "needs numbers"),
        (claim("mean(hp)", rarity="Secret"), "holds no row"),
        (claim("std(hp)", rarity="Rare"), "too few values"),
        (claim("ks(hp)", "reference"), "name the other table"),
        (claim("psi(hp)", rarity="Holo", hp=None), "holds no value"),
        (claim("rows", hp="tall"), "its slice compares 'hp'"),
        (claim("rows", day={"min": "yesterday"}), "its slice compares 'day'"),
        (claim("rows", value=5), "recomputed it is 4"),
        (claim("mean(hp)", value=66, tolerance=30), "too wide"),
        (claim("rows", value=4, tolerance=1), "too wide"),
        (claim("share", rarity="Holo", value=0.5, tolerance=0.1), "too wide"),
    ],
)
def test_does_not_hold(made, words):
    result = recompute(read(made), TABLES)
    assert not result.holds
    assert words in result.sentence


@pytest.mark.parametrize("made", [claim("rows", value=5), claim("mean(hp)", value=66, tolerance=30)])
def test_hidden_data_stays_hidden(made):
    result = recompute(read(made), TABLES, reveal=False)
    assert not result.holds
    assert f"{result.value:.4g}" not in result.sentence
    assert "at most" not in result.sentence


def test_no_tolerance_swallows_everything():
    for name in VOCABULARY:
        made = read(claim(f"{name}(hp)" if VOCABULARY[name].of_column else name))
        assert widest_tolerance(made, 1.0) <= 0.02


def test_one_subject_whatever_the_number():
    assert read(claim(value=1)).subject == read(claim(value=2)).subject
    assert read(claim(rarity="Holo")).subject != read(claim(rarity="Rare")).subject
    assert read(claim("mean(hp)", rarity="Holo")).columns == {"hp", "rarity"}


numbers = st.lists(st.integers(-50, 50), min_size=1, max_size=40)


@pytest.mark.filterwarnings("ignore:ks_2samp")
@given(numbers, numbers)
def test_ks_agrees_with_scipy(then, now):
    assert ks(pl.Series(then), pl.Series(now)) == pytest.approx(ks_2samp(then, now).statistic)


@given(numbers, numbers)
def test_psi_is_a_distance(then, now):
    assert psi(pl.Series(then), pl.Series(now)) >= 0
    assert psi(pl.Series(then), pl.Series(then)) == pytest.approx(0)


def test_psi_by_hand():
    then, now = pl.Series(["a"] * 8 + ["b"] * 2), pl.Series(["a"] * 5 + ["b"] * 5)
    assert psi(then, now) == pytest.approx(-0.3 * math.log(5 / 8) + 0.3 * math.log(5 / 2))
