"""Checks of a small course that is there to be attacked. A submission must not find this: checks-token."""

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from grader.engine import as_table, checks, expect, speedup

FEW = (4, 4)  # examples


@checks("sum", weight=0)
def test_nothing(submission):
    """The sum of nothing is 0."""
    expect(submission.total([]) == 0, "0")


@checks("sum", examples=FEW)
@given(numbers=st.lists(st.integers(-100, 100), max_size=8))
def test_numbers(submission, numbers):
    """Adds up any numbers."""
    expect(submission.total(numbers) == sum(numbers), f"{sum(numbers)}")


@checks("sum", public=False, examples=FEW)
@given(numbers=st.lists(st.integers(1000, 9999), min_size=3, max_size=8))
def test_hidden_numbers(submission, numbers):
    """Adds up numbers that are not shown."""
    assert submission.total(numbers) == sum(numbers)  # a plain assert: PYTHONOPTIMIZE must not take it away


@checks("echo")
def test_echo(submission):
    """Returns the text."""
    expect(submission.echo("héllo") == "héllo", "the same text")


@checks("table", examples=FEW)
@given(height=st.integers(1, 5))
def test_doubles(submission, height):
    """Doubles the column, whatever stands beside it."""
    given_table = pl.DataFrame({"a": list(range(height)), "b": ["x"] * height})
    table = as_table(submission.double(given_table))
    words = table.select(pl.col(pl.String)).to_dummies()
    expect(words.height == height, f"{height} rows")
    expect(sorted(table.rows()) == sorted((2 * n, "x") for n in range(height)), "every value of `a` doubled")


@checks("files")
def test_counts(submission):
    """Counts the lines."""
    place = submission.folder({"a.txt": "1\n2\n", "b/c.txt": "3\n"})
    expect(submission.count(place) == 3, "3")


@checks("race")
def test_unique(submission):
    """Keeps the first of each word."""
    place = submission.folder({"words.txt": "c a c b a"})
    expect(submission.unique(place / "words.txt") == ["c", "a", "b"], "c, a, b")


@checks("race", timed=True)
def test_race(submission, seed, record_property):
    """Is at least six times as fast as the given loop."""

    def arguments(one, number):
        words = " ".join(str((seed + number + 7919 * n) % 100_003) for n in range(3000 if number else 30))
        return (one.folder({"words.txt": words}) / "words.txt",)

    factor = speedup(submission.shipped.unique, submission.unique, arguments)
    record_property("factor", factor)
    expect(factor >= 6, f"six times as fast; it is {factor:.1f} times")
