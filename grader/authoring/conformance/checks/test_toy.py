"""Checks of every kind that there is: gates, drawn inputs, hidden, cold, files, handles, all kinds of data."""

import numpy as np
import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from grader.engine import Raised, as_table, checks, expect

FEW = (10, 25)  # inputs, live and in full
NUMBERS = st.lists(st.integers(-100, 100))


@checks("total", weight=0)
def test_nothing(submission, record_property):
    """The sum of nothing is 0."""
    record_property("tried", 1)
    expect(submission.total([]) == 0, "0")


@checks("total", weight=3, examples=FEW)
@given(numbers=NUMBERS)
def test_any_numbers(submission, numbers):
    """Adds up any numbers."""
    answer = submission.total(numbers)
    expect(type(answer) is int, "a whole number", got=lambda: f"{answer!r}")
    expect(answer == sum(numbers), f"{sum(numbers)}", because="a number was left out", reread="Sums")


@checks("total", public=False, examples=FEW)
@given(numbers=st.lists(st.integers(1000, 9999), min_size=3))
def test_hidden_numbers(submission, numbers):
    """Adds up numbers that are not shown."""
    expect(submission.total(numbers) == sum(numbers), f"{sum(numbers)}")


@checks("double", examples=FEW)
@given(height=st.integers(1, 5))
def test_doubles(submission, height):
    """Doubles the column."""
    table = as_table(submission.double(pl.DataFrame({"a": list(range(height)), "b": ["x"] * height})))
    expect(table.columns == ["a", "b"], "the columns a and b", got=lambda: f"{table.columns}")
    expect(table["a"].to_list() == [2 * n for n in range(height)], "every value of `a` doubled")


@checks("double", cold=True)
def test_elsewhere(submission, seed):
    """Works in another process, time zone and folder."""
    with submission.cold({"TZ": "Asia/Tokyo", "PYTHONHASHSEED": "7"}, cwd="elsewhere") as other:
        table = as_table(other.double(pl.DataFrame({"a": [seed % 1000], "b": ["y"]})))
        expect(table["a"].to_list() == [2 * (seed % 1000)], "the same answer as everywhere")


@checks("average", weight=2, examples=FEW)
@given(numbers=NUMBERS)
def test_average(submission, numbers):
    """Averages."""
    expected = sum(numbers) / len(numbers) if numbers else 0
    expect(abs(submission.average(numbers) - expected) < 1e-9, f"{expected}")


@checks("average", live=False)
def test_refuses_words(submission):
    """Refuses words with a TypeError."""
    try:
        submission.average(["a"])
    except Raised as error:
        expect("TypeError" in error.types, "a TypeError", got=error.type)
    else:
        expect(False, "a TypeError", got="no error")


@checks("longest", examples=FEW)
@given(texts=st.dictionaries(st.sampled_from("abcd"), st.text("xy", max_size=4), min_size=1))
def test_longest(submission, texts):
    """Finds the longest text."""
    place = submission.folder({f"{name}.txt": text for name, text in texts.items()})
    best = min(texts, key=lambda name: (-len(texts[name]), name))
    expect(submission.longest(place) == f"{best}.txt", f"`{best}.txt`")


@checks("fit", weight=2)
def test_predicts(submission, seed):
    """The fitted line predicts."""
    xs = np.random.default_rng(seed).normal(size=(20, 1))
    model = submission.fit(xs, 3 * xs[:, 0] + 1)
    answer = np.asarray(model.predict(np.array([[0.0], [1.0]])))
    expect(answer.shape == (2,), "two numbers", got=lambda: f"an array of shape {answer.shape}")
    expect(bool(np.allclose(answer, [1, 4])), "1 and 4")


@checks("fit")
def test_slope(submission):
    """The slope can be read off."""
    model = submission.fit(np.array([[0.0], [1.0]]), np.array([0.0, 2.0]))
    expect(bool(np.allclose(model.get("coef_"), [2])), "2")


@checks("describe", weight=0)
def test_keys(submission):
    """Has the three keys."""
    answer = submission.describe("abba")
    keys = {"counts", "places", "same"}
    expect(isinstance(answer, dict) and set(answer) == keys, "the keys counts, places and same")


@checks("describe", examples=FEW)
@given(word=st.text("ab", min_size=1, max_size=4))
def test_words(submission, word):
    """Describes any word."""
    answer = submission.describe(word)
    counts = {letter: word.count(letter) for letter in word}
    places = {letter: {at for at, one in enumerate(word) if one == letter} for letter in word}
    expect(answer["counts"] == counts, f"{counts}", because="a letter was counted wrongly", reread="Letters")
    expect(answer["places"] == places, f"{places}")
    expect(answer["same"] is (word == word[::-1]), f"{word == word[::-1]}")
