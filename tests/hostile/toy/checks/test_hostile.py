"""Checks of a small course that is there to be attacked. A submission must not find this: checks-token."""

import polars as pl
import yaml
from hypothesis import given
from hypothesis import strategies as st

from grader.engine import File, Round, as_table, checks, expect, speedup

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


@checks("hoard")
def test_keeps(submission):
    """Returns the number."""
    expect(submission.keep(3) == 3, "3")


@checks("files")
def test_counts(submission):
    """Counts the lines, also where other files are in the same place later."""
    place = submission.folder({"a.txt": "1\n2\n", "b/c.txt": "3\n"})
    expect(submission.count(place) == 3, "3")
    submission.folder({"a.txt": "1\n"}, place)
    expect(submission.count(place) == 2, "2")


@checks("files")
def test_leaves_no_files(submission):
    """Leaves the folder as it was."""
    place = submission.folder({"a.txt": "1\n"})
    submission.count(place)
    expect(submission.files(place) == {"a.txt": b"1\n"}, "the folder as it was")


@checks("race")
def test_unique(submission):
    """Keeps the first of each word."""
    place = submission.folder({"words.txt": "c a c b a"})
    expect(submission.unique(place / "words.txt") == ["c", "a", "b"], "c, a, b")


@checks("race", timed=True)
def test_race(submission, seed):
    """Is at least four times as fast as the given loop."""

    def words(number: int, many: int) -> Round:
        text = " ".join(str((seed + number + 7919 * n) % 100_003) for n in range(many))
        return Round({"words.txt": text}, (File("words.txt"),))

    speedup(
        submission,
        slow="unique",
        fast="unique",
        rounds=[words(number, 5000) for number in range(3)],
        warm=words(9, 30),
        enough=4,
        compare=lambda answer, given: expect(answer == given, "the words of the given version"),
    )


@checks("model")
def test_model(submission):
    """Is a list with two letters a."""
    expect(submission.artifact("artifacts/model.pkl").count("a") == 2, "2")


@checks("runs")
def test_runs(submission):
    """Has one run."""
    runs = submission.read("mlflow_runs", "runs.db")
    expect([run["name"] for run in runs] == ["forest"], "one run, `forest`")


@checks("alerts")
def test_alerts(submission):
    """Has one group."""
    rules = yaml.safe_load(submission.file("alerts.yaml"))
    expect(str(rules["groups"]) == "['late']", "one group, `late`", got=lambda: str(rules))
