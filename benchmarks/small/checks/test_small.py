"""Ten assertions on frames and arrays, as a teacher would write them without a thought for speed."""

import numpy as np
import pandas as pd

from grader.engine import checks, expect

SALES = pd.DataFrame(
    {
        "sale_id": [1, 2, 2, 3, 4],
        "card_id": ["a", "a", "a", "b", "a"],
        "price": [1.0, np.nan, np.nan, 5.0, 3.0],
    }
)
FEATURES = np.array([[1.0, 7.0, 2.0], [3.0, 7.0, 4.0], [5.0, 7.0, 9.0]])


@checks("S-1")
def test_repeats(submission):
    """Drops repeated sales."""
    expect(len(submission.clean_prices(SALES)) == 4, "4 rows")


@checks("S-1")
def test_gaps(submission):
    """Fills each gap with the median of the card."""
    price = submission.clean_prices(SALES)["price"]
    expect(not price.isna().any(), "no gaps")
    expect(price.tolist() == [1.0, 2.0, 5.0, 3.0], "1, 2, 5 and 3")


@checks("S-1")
def test_columns(submission):
    """Keeps the columns."""
    expect(list(submission.clean_prices(SALES).columns) == list(SALES.columns), "the same columns")


@checks("S-2")
def test_scale(submission):
    """Gives each column mean 0 and deviation 1."""
    scaled = submission.standardise(FEATURES)
    expect(np.allclose(scaled.mean(axis=0), 0), "means of 0")
    expect(np.allclose(scaled[:, [0, 2]].std(axis=0), 1), "standard deviations of 1")


@checks("S-2")
def test_constant(submission):
    """Turns a constant column into 0."""
    expect(np.array_equal(submission.standardise(FEATURES)[:, 1], [0, 0, 0]), "zeros")


@checks("S-3")
def test_share(submission):
    """Counts what is right."""
    expect(submission.accuracy(np.array([1, 0, 1, 1]), np.array([1, 1, 1, 0])) == 0.5, "0.5")
    expect(submission.accuracy(np.array([1, 0]), np.array([1, 0])) == 1.0, "1.0")


@checks("S-3")
def test_nothing(submission):
    """Gives 0 where there is nothing."""
    expect(submission.accuracy(np.array([]), np.array([])) == 0.0, "0.0")
