import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from grader.engine import as_table, checks, expect

NUMBERS = st.lists(st.integers(-100, 100))


@checks("1", weight=0)
def test_nothing(submission, record_property):
    """The sum of nothing is 0."""
    record_property("tried", 1)
    expect(submission.total([]) == 0, "0")


@checks("1", weight=3)
@given(numbers=NUMBERS)
def test_any_numbers(submission, numbers):
    """Adds up any numbers."""
    expect(
        submission.total(numbers) == sum(numbers),
        f"{sum(numbers)}",
        because="a number was left out",
        reread="Sums",
    )
    expect(not submission.last.mutated, "the list as it was", because="the list was changed")
    expect(
        not submission.last.changed, "the process as it was", because=f"changed: {submission.last.changed}"
    )


@checks("1", weight=1, public=False)
@given(numbers=st.lists(st.integers(1000, 9999), min_size=3))
def test_hidden_numbers(submission, numbers):
    """Adds up numbers that are not shown."""
    expect(submission.total(numbers) == sum(numbers), f"{sum(numbers)}")


@checks("2")
@given(height=st.integers(1, 5))
def test_doubles(submission, height):
    """Doubles the column."""
    table = as_table(submission.double(pl.DataFrame({"a": list(range(height)), "b": ["x"] * height})))
    expect(table["a"].to_list() == [2 * n for n in range(height)], "every value of `a` doubled")


@checks("2", cold=True)
def test_elsewhere(submission, seed):
    """Works in another process, time zone and folder."""
    assert seed == seed & (2**128 - 1)
    with submission.cold({"TZ": "Asia/Tokyo", "PYTHONHASHSEED": "7"}, cwd="elsewhere") as other:
        assert other.folder({"a/b.csv": "a\n1", "c.parquet": pl.DataFrame({"a": [1]}), "d": b"\x00"})
        table = as_table(other.double(pl.DataFrame({"a": [1]})))
        expect(table["a"].to_list() == [2], "the same answer as everywhere")


@checks("3")
@given(numbers=NUMBERS)
def test_average(submission, numbers):
    """Averages."""
    expected = sum(numbers) / len(numbers) if numbers else 0
    expect(abs(submission.average(numbers) - expected) < 1e-9, f"{expected}")
