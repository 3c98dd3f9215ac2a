"""WRITE: what the checks of CP-6a look at, and the accident behind each."""

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from grader.engine import checks, expect

TABLES = st.integers(0, 20).map(lambda rows: pl.DataFrame({"card_id": [str(row) for row in range(rows)]}))


@checks("CP-6a", weight=0)  # a gate: constants must fail it
def test_two_tables(submission):
    """Gives a table of two rows and one of three different answers."""
    answers = [submission.count_new_rows_6(pl.DataFrame({"card_id": ["a"] * rows})) for rows in (2, 3)]
    expect(answers == [2, 3], "2 and 3", got=answers, reread="WRITE: a section of the lesson")


@checks("CP-6a")
@given(cards=TABLES)
def test_every_row_counts(submission, cards):
    """Counts every row."""
    answer = submission.count_new_rows_6(cards)
    expect(answer == cards.height, f"{cards.height}", because="a row was left out", reread="WRITE: a section")
