"""An answer counts as another one in a fresh process only when it is."""

import numpy as np
import pandas as pd
import polars as pl
import pytest

from grader.engine.likeness import alike
from tests.conftest import grade

NEARLY = 0.1 + 0.2  # 0.30000000000000004
ORDER = "the same rows in another order"


@pytest.mark.parametrize(
    "body",
    [
        "return (number for number in numbers)",
        "return pl.DataFrame({'a': numbers}).to_arrow().to_reader()",
        "import time\nreturn 0.3 * (1 + time.time_ns() % 9 * 1e-16)",
        "return {'sum': lambda: numbers}",
        "return {number * (2**61 - 1): 0 for number in range(500)}",
    ],
)
def test_what_cannot_be_compared_exactly_does_not_depend_on_earlier_calls(engine, body):
    messages = [check["message"] for check in grade(engine, tasks=["1"], total=body)["1"]["checks"]]
    assert any(messages) and not any("earlier calls" in message for message in messages)


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ("import os\nreturn sorted(range(9), key=lambda _: os.urandom(4))", ORDER),
        ("import os\nreturn pl.DataFrame({'a': sorted(range(9), key=lambda _: os.urandom(4))})", ORDER),
        ("import os\nreturn [os.urandom(4).hex(), 1]", "or on chance"),
    ],
)
def test_another_order_is_told_from_another_answer(engine, body, says):
    messages = [check["message"] for check in grade(engine, tasks=["1"], total=body)["1"]["checks"]]
    assert says in " ".join(filter(None, messages))


@pytest.mark.parametrize(
    "make",
    [
        lambda x: x,
        lambda x: [{"a": (x, None)}],
        lambda x: np.array([[x, np.nan]]),
        lambda x: np.float32(x),
        lambda x: pl.DataFrame({"a": [x, None], "b": ["x", "y"]}),
        lambda x: pl.Series("a", [x]),
        lambda x: pd.DataFrame({"a": [x], "b": [pd.NA]}),
        lambda x: pd.Series([x], index=["i"]),
        lambda x: pl.DataFrame({"a": [x]}).to_arrow(),
    ],
)
def test_the_last_digits_of_floats_are_no_difference(make):
    assert alike(make(0.3), make(NEARLY))
    assert not alike(make(0.3), make(0.31))


def test_values_of_another_kind_are_others():
    assert not alike(1, 1.0) and not alike(pl.Series([1]), pd.Series([1])) and not alike([1], [1, 1])
    assert not alike(pl.DataFrame({"a": [1]}), pl.DataFrame({"b": [1]}))
