"""Values cross between the two sides unchanged, and nothing that arrives can do harm."""

import datetime as dt
import io
import math
from contextlib import suppress
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from pathlib import PurePosixPath
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal
from polars.testing.parametric import dataframes

from grader.engine.inside import codec, wire


def sent(value: object) -> object:
    """The value after a journey through bytes."""
    blobs: list[bytes] = []
    stream = io.BytesIO()
    wire.write(stream, codec.encode(value, refuse, blobs), blobs)
    stream.seek(0)
    return codec.decode(*wire.read(stream), refuse)


def refuse(value: object) -> object:
    raise codec.Unsendable(f"no data: {value!r}")


SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False),
    st.text(),
    st.binary(),
    st.dates(),
    st.datetimes(),
    st.datetimes(timezones=st.just(ZoneInfo("Asia/Tokyo"))),
    st.timedeltas(),
    st.decimals(allow_nan=False),
    st.times(),
    st.complex_numbers(allow_nan=False),
)
KEYS = st.one_of(st.integers(), st.text(), st.booleans(), st.dates(), st.tuples(st.integers(), st.text()))
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner),
        st.tuples(inner, inner),
        st.dictionaries(KEYS, inner),
        st.sets(st.integers()),
        st.frozensets(st.text()),
    ),
    max_leaves=12,
)


@given(VALUES)
def test_builtins_come_back_as_they_were(value):
    back = sent(value)
    assert back == value and type(back) is type(value)


@settings(max_examples=40, deadline=None)
@given(dataframes(max_cols=4, max_size=6, allow_nan=False))
def test_polars_tables_come_back_as_they_were(table):
    try:
        back = sent(table)
    except codec.Unsendable:
        assume(False)  # 128-bit integers: Arrow has no such type
    assert type(back) is pl.DataFrame and back.columns == table.columns
    assert_frame_equal(back, table, categorical_as_str=True, check_dtypes=False)


@pytest.mark.parametrize(
    "table",
    [
        pd.DataFrame({"a": [1, 2], "b": ["x", None]}, index=[5, 7]),
        pd.DataFrame({"a": pd.Categorical(["x", "y"]), "b": pd.array([1, None], dtype="Int64")}),
        pd.DataFrame({"t": pd.to_datetime(["2026-01-01", None], utc=True), "mixed": [1, "x"]}),
        pd.DataFrame([[1, 2]], columns=pd.MultiIndex.from_tuples([("a", 1), ("b", 2)])),
        pd.DataFrame({"a": [1, 1]}, index=pd.MultiIndex.from_tuples([("x", 1), ("y", 2)], names=["p", "q"])),
        pd.DataFrame(),
        pd.DataFrame({"a": []}),
    ],
)
def test_pandas_tables_come_back_as_they_were(table):
    pd.testing.assert_frame_equal(sent(table), table, check_index_type=False, check_column_type=False)


@pytest.mark.parametrize(
    "array",
    [
        np.arange(6).reshape(2, 3),
        np.array(["a", "bc"]),
        np.array([], dtype="float32"),
        np.array(["2026-01-01"], "M8[D]"),
        np.asfortranarray(np.eye(3)),
        np.array([1, None, "x"], dtype=object),
        np.array([True]),
    ],
)
def test_arrays_come_back_as_they_were(array):
    back = sent(array)
    assert back.dtype == array.dtype and back.shape == array.shape and (back == array).all()


class Rarity(Enum):
    RARE = "Rare"


@dataclass
class Card:
    name: str
    rarity: Rarity


class Liar(dict):
    def __eq__(self, other):
        return True


def test_what_has_a_class_arrives_as_plain_data():
    assert sent(Card("Abra", Rarity.RARE)) == {"name": "Abra", "rarity": "Rare"}
    assert type(sent(Liar(a=1))) is dict and type(sent(np.float64(1.5))) is float
    assert sent(PurePosixPath("a/b")).as_posix() == "a/b" and sent(Decimal("1.10")) == Decimal("1.10")
    assert math.isnan(sent(float("nan"))) and sent(pd.NaT) is None
    assert sent(pl.LazyFrame({"a": [1]})).equals(pl.DataFrame({"a": [1]}))
    assert sent(pd.Timestamp("2026-01-02", tz="UTC")).utcoffset() == dt.timedelta(0)
    assert sent(range(3)) == [0, 1, 2]


def test_what_is_no_data_is_refused():
    deep: list = []
    deep.append(deep)
    for value in (object(), len, deep, iter([])):
        with pytest.raises(codec.Unsendable):
            sent(value)


def a_message() -> bytes:
    blobs: list[bytes] = []
    stream = io.BytesIO()
    table = pl.DataFrame({"a": [1, 2], "s": ["x", "y"]})
    value = {"t": table, "a": np.arange(3), "d": dt.date(2026, 1, 1), "n": [1, {2}]}
    wire.write(stream, codec.encode(value, refuse, blobs), blobs)
    return stream.getvalue()


@settings(max_examples=300, deadline=None)
@given(st.lists(st.tuples(st.integers(0, len(a_message()) - 1), st.integers(0, 255)), min_size=1, max_size=8))
def test_damaged_messages_are_refused_or_read_but_never_more(changes):
    message = bytearray(a_message())
    for place, byte in changes:
        message[place] = byte
    with suppress(codec.Malformed, codec.Unsendable, EOFError):
        codec.decode(*wire.read(io.BytesIO(bytes(message))), refuse)


def test_compressed_tables_are_refused_unread():
    table = pa.table({"a": pa.array([0] * 10_000)})
    sink = io.BytesIO()
    with pa.ipc.new_stream(sink, table.schema, options=pa.ipc.IpcWriteOptions(compression="zstd")) as writer:
        writer.write_table(table)
    with pytest.raises(codec.Malformed, match="compressed"):
        codec.decode({"$": "arrow", "v": 0}, [sink.getvalue()], refuse)


@pytest.mark.parametrize(
    "tree",
    [
        {"$": "array", "v": 0, "dtype": "O", "shape": [1]},
        {"$": "array", "v": 0, "dtype": "f8", "shape": [10**12]},
        {"$": "array", "v": 9, "dtype": "f8", "shape": [1]},
        {"$": "set", "v": [[1]]},
        {"$": "decimal", "v": "x"},
        {"$": "no such kind"},
        {"$": "datetime", "v": "2026-01-01", "zone": "../../etc/passwd"},
        {"$": "dict", "v": [1]},
    ],
)
def test_trees_that_nothing_of_ours_wrote_are_refused(tree):
    with pytest.raises(codec.Malformed):
        codec.decode(tree, [b"12345678"], refuse)
