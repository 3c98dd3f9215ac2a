import numpy as np
import polars as pl
import pytest
from scipy import stats

from cardshop import world
from cardshop.quality import COMPARED, RULES
from cardshop.world.truth import arrival
from cardshop.world.truth.issues import issues

SEEDS = range(12)


@pytest.fixture(scope="module", params=SEEDS)
def new_set(request) -> arrival.NewSet:
    return arrival.new_set(request.param)


def under_our_names(new_set: arrival.NewSet) -> pl.DataFrame:
    """The delivery mapped by nothing but names and dtypes, as a learner would do it."""
    plain = {"".join(filter(str.isalnum, name.lower())): name for name in new_set.reference.columns}
    columns = {
        name: plain.get("".join(filter(str.isalnum, name.lower()))) for name in new_set.delivery.columns
    }
    matched = {name: ours for name, ours in columns.items() if ours}
    return new_set.delivery.select(
        pl.col(name).cast(new_set.reference.schema[ours]).alias(ours) for name, ours in matched.items()
    )


def test_schema_findings_follow_from_the_two_tables(new_set):
    mapped = under_our_names(new_set)
    ours, theirs = new_set.reference.schema, new_set.delivery.schema
    assert set(new_set.columns.values()) == set(mapped.columns)
    expected = [(name, "added") for name in theirs if name not in new_set.columns]
    expected += [(name, "removed") for name in ours if name not in mapped.columns]
    expected += [(name, "renamed") for delivered, name in new_set.columns.items() if delivered != name]
    expected += [
        (name, "retyped") for delivered, name in new_set.columns.items() if theirs[delivered] != ours[name]
    ]
    assert sorted(new_set.schema.iter_rows()) == sorted(expected)
    assert {"added", "removed", "renamed", "retyped"} == set(new_set.schema["change"])


def test_quality_findings_follow_from_the_rules(new_set):
    assert issues(under_our_names(new_set)) == set(new_set.quality.iter_rows())
    assert issues(new_set.clean) == set()


def test_drift_is_either_plain_or_absent_by_any_reasonable_measure(new_set):
    mapped = under_our_names(new_set)
    assert new_set.drift["column"].to_list() == [name for name in COMPARED if name in mapped.columns]
    assert set(new_set.drift["drifted"]) == {True, False}
    sound = mapped.with_row_index("row").filter(~pl.col("row").is_in(new_set.quality["row"].implode()))
    for name, drifted in new_set.drift.iter_rows():
        expected = new_set.reference[name]
        for table in (mapped, sound):
            actual = table[name].drop_nulls()
            index, far = arrival.psi(expected, actual), arrival.distance(expected, actual)
            assert (index > 0.4 and far > 0.2) if drifted else (index < 0.12 and far < 0.1), (
                name,
                index,
                far,
            )
            if expected.dtype.is_numeric():
                assert far == pytest.approx(stats.ks_2samp(expected.to_numpy(), actual.to_numpy()).statistic)


def test_stable_columns_differ_by_chance():
    p_values = []
    for seed in range(25):
        new_set = arrival.new_set(seed)
        for name in new_set.drift.filter(~pl.col("drifted"))["column"]:
            expected = new_set.reference[name]
            if expected.dtype.is_numeric() and name in new_set.clean.columns:
                p_values.append(stats.ks_2samp(expected.to_numpy(), new_set.clean[name].to_numpy()).pvalue)
    significant = np.mean(np.array(p_values) < 0.05)
    assert 0.01 < significant < 0.12, (significant, len(p_values))


def test_decoys_one_stable_column_is_sorted_and_one_has_a_mean_that_outliers_pulled(new_set):
    mapped = under_our_names(new_set)
    calm = [name for name, drifted in new_set.drift.iter_rows() if not drifted and RULES[name].high]
    assert any(new_set.clean[name].is_sorted() for name in calm)
    moved = [abs(mapped[name].mean() / new_set.reference[name].mean() - 1) for name in calm]
    assert max(moved) > 0.3


def test_psi_is_zero_for_the_same_and_known_by_hand_for_two_categories():
    same = pl.Series(np.arange(1_000.0))
    assert arrival.psi(same, same) == pytest.approx(0)
    first, second = pl.Series(["a"] * 50 + ["b"] * 50), pl.Series(["a"] * 20 + ["b"] * 80)
    assert arrival.psi(first, second) == pytest.approx(0.3 * np.log(0.5 / 0.2) + 0.3 * np.log(0.8 / 0.5))
    assert arrival.distance(first, second) == pytest.approx(0.3)


def test_what_the_world_delivers_is_judged_by_the_same_truth(tmp_path):
    assert world.delivery(3, tmp_path).equals(arrival.new_set(3).delivery)
    assert world.load("cards", 3, tmp_path).equals(arrival.new_set(3).reference)


def test_deliveries_differ_and_repeat():
    first, again, other = arrival.new_set(4), arrival.new_set(4), arrival.new_set(5)
    assert first.delivery.equals(again.delivery) and first.quality.equals(again.quality)
    assert sorted(first.schema.iter_rows()) != sorted(other.schema.iter_rows())
