"""Nothing that a submission sends costs the trusted side more than a bounded amount of work and memory."""

import io
import json
import struct
import time
import tracemalloc

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from grader.engine import feedback
from grader.engine.declarations import Mismatch, Raised, as_table
from grader.engine.inside import bounds, codec, wire
from grader.engine.submission import Call
from tests.conftest import grade, notebook


def stream(*batches: pa.RecordBatch, deltas: bool = False) -> bytes:
    sink = io.BytesIO()
    options = pa.ipc.IpcWriteOptions(emit_dictionary_deltas=deltas)
    with pa.ipc.new_stream(sink, batches[0].schema, options=options) as writer:
        for batch in batches:
            writer.write_batch(batch)
    return sink.getvalue()


def batch(**columns: pa.Array) -> pa.RecordBatch:
    return pa.record_batch(list(columns.values()), names=list(columns))


def categories(*texts: str) -> pa.Array:
    return pa.DictionaryArray.from_arrays(pa.array(np.zeros(100_000, "int8")), pa.array(texts))


MANY = pa.nulls(2**29)
ARROW = {
    "run lengths": lambda: batch(a=pa.RunEndEncodedArray.from_arrays(pa.array([2**30], pa.int32()), pa.array([1]))),
    "null columns": lambda: batch(**{f"c{n}": MANY for n in range(1000)}),
    "one null column": lambda: batch(a=MANY),
    "nulls in a list": lambda: batch(a=pa.ListArray.from_arrays(pa.array([0, 2**29], pa.int32()), MANY)),
    "rows without columns": lambda: batch(a=pa.StructArray.from_buffers(pa.struct([]), 2**29, [None])),
    "a long category": lambda: batch(a=categories("x" * 100_000)),
    "views": lambda: batch(a=pa.array(["x" * 100] * 10).cast(pa.string_view())),
    "a union": lambda: batch(a=pa.UnionArray.from_sparse(pa.array([0], pa.int8()), [pa.array([1])])),
    "an extension": lambda: batch(a=pa.ExtensionArray.from_storage(pa.uuid(), pa.array([b"x" * 16], pa.binary(16)))),
    "nested": lambda: batch(a=pa.array([], type=nested(60))),
    "thousands of columns": lambda: batch(**{f"c{n}": pa.array([1]) for n in range(6000)}),
    "a name of a megabyte": lambda: batch(**{"a" * 10**6: pa.array([1])}),
}  # fmt: skip


def nested(depth: int) -> pa.DataType:
    return pa.list_(nested(depth - 1)) if depth else pa.int8()


def refuse(tree: codec.Tree, *blobs: bytes) -> None:
    """Decoding is refused, quickly and without much memory."""
    tracemalloc.start()
    before, start = pa.total_allocated_bytes(), time.process_time()
    try:
        with pytest.raises(codec.Malformed):
            codec.decode(tree, list(blobs), lambda tree: tree)
        assert tracemalloc.get_traced_memory()[1] < 50 * 2**20
    finally:
        tracemalloc.stop()
    assert pa.total_allocated_bytes() - before < 50 * 2**20
    assert time.process_time() - start < 2


@pytest.mark.parametrize("name", ARROW)
def test_tables_that_become_more_than_they_weigh_are_refused(name):
    data = stream(ARROW[name]())
    assert len(data) < 2**21
    refuse({"$": "arrow", "v": 0}, data)
    refuse({"$": "polars", "of": "frame", "columns": ["a"], "rows": 1, "lists": {}, "arrow": 0}, data)


def test_dictionaries_in_pieces_and_tables_in_too_many_are_refused():
    first, second = (pa.array(texts).dictionary_encode() for texts in (["a"], ["a", "b"]))
    refuse({"$": "arrow", "v": 0}, stream(batch(a=first), batch(a=second), deltas=True))
    wide = batch(**{f"c{n}": pa.array([], pa.int8()) for n in range(1000)})
    refuse({"$": "arrow", "v": 0}, stream(*[wide] * 1100))


KEYS = [n * (2**61 - 1) for n in range(1, 30_000)]
TREES = {
    "one blob again and again": {"$": "tuple", "v": [{"$": "array", "v": 0, "dtype": "u1", "shape": [2**20]}] * 600},
    "a sparse table without end": {"$": "sparse", "shape": [10**6, 10**6], "v": []},
    "keys that collide": {"$": "dict", "v": [[key, 0] for key in KEYS]},
    "members that collide": {"$": "set", "v": KEYS},
    "a column of long texts": {
        "$": "pandas",
        "of": "frame",
        "columns": ["a"],
        "names": [None],
        "v": {"rows": 2**25, "width": 2, "dtypes": ["S100000"], "lists": {}, "arrow": 0},
    },
    "a number nobody can write out": {"$": "decimal", "v": "1e999999999"},
    "a kind of a megabyte": {"$": "k" * 10**6},
    "a kind that is no text": {"$": [[]]},
}  # fmt: skip


@pytest.mark.parametrize("name", TREES)
def test_trees_that_become_more_than_they_weigh_are_refused(name):
    refuse(TREES[name], bytes(2**20))


def test_a_type_of_pandas_that_makes_cells_larger_is_not_restored():
    blobs: list[bytes] = []
    tree = codec.encode(pd.Series(["a"] * 1000), None, blobs)
    tree["v"]["dtypes"] = ["S1000000"]
    assert codec.decode(tree, blobs, None).tolist() == ["a"] * 1000


def test_a_header_of_too_many_values_is_refused_unread():
    for part in (b"[],", b"{},", b"1,", b"[[[]]],"):
        text = b'{"message": [' + part * (32 * 2**20 // len(part) - 20) + b'1], "blobs": []}'
        with pytest.raises(codec.Malformed, match="too many values|too large"):
            wire.read(io.BytesIO(struct.pack(">I", len(text)) + text))


def test_categories_of_pandas_arrive_as_texts_where_only_pandas_knows_their_type():
    blobs: list[bytes] = []
    bins = pd.cut(pd.Series([1.0, 3.0]), [0, 2, 4])
    assert codec.decode(codec.encode(bins, None, blobs), blobs, None).tolist() == ["(0, 2]", "(2, 4]"]


@pytest.mark.parametrize(
    "value",
    [[{f"c{n}": 1} for n in range(6000)], {f"c{n}": [1] for n in range(6000)}],
    ids=["rows with a key each", "a dict of columns"],
)
def test_a_table_of_thousands_of_columns_is_none(value):
    start = time.process_time()
    with pytest.raises(Mismatch) as caught:
        as_table(value)
    assert "6,000 columns" in caught.value.because and time.process_time() - start < 1


def deep(depth: int, branches: int) -> list:
    value: list = []
    for _ in range(depth):
        value = [value] * branches
    return value


VALUES = {
    "nested lists": deep(28, 2),
    "many dicts": [{n: [n] * 9} for n in range(100_000)],
    "a long text": "x" * 10**7,
    "a long key": {"x" * 10**7: pl.DataFrame({"a": [1]})},
    "a wide table": pl.DataFrame({f"{'c' * 10_000}{n}": [1] for n in range(500)}),
    "a wide table of pandas": pd.DataFrame({f"{'c' * 10_000}{n}": [[[1] * 99]] for n in range(500)}),
    "lists in a table": pl.DataFrame({"a": [list(range(10**6))] * 8}),
    "a long number": 10**4000,
    "an array of texts": np.array(["x" * 10**6] * 20),
}


@pytest.mark.parametrize("name", VALUES)
def test_any_value_is_described_in_a_moment(name):
    call = Call("f", (VALUES[name], VALUES[name]), value=VALUES[name])
    start = time.process_time()
    parts = feedback.failure(call, Mismatch("x" * 10**6, "y" * 10**6, "Sums", "z"), True, ["a", "b"], True)
    assert sum(map(len, parts.values())) <= bounds.SAID and "Sums" in parts["reread"]
    assert time.process_time() - start < 1


def test_what_would_draw_on_a_terminal_is_written_out():
    call = Call("f", (), value=pl.DataFrame({"a\x1b[2J\u202e": ["x"]}))
    returned = feedback.failure(call, Mismatch("\x1b]0;title\x07"), True, [], True)
    assert not {"\x1b", "\u202e", "\x07"} & set("".join(returned.values()))


def test_an_exception_may_say_only_so_much():
    huge = "x" * 10**7
    error = Raised(
        {"type": huge, "types": [huge] * 999, "message": huge, "trace": [[huge, 1, huge, huge]] * 99}
    )
    assert len(json.dumps([error.types, error.type, error.message, error.trace])) < 2**17
    assert len(feedback.raised(error)) < 3 * bounds.SAID
    forged = Raised(
        {"type": ["x"], "types": {"a": 1}, "message": deep(20, 2), "trace": [["f", "1", "g", "c"], 7]}
    )
    assert (forged.type, forged.types, forged.message, forged.trace) == ("", [], "", [])


def test_a_class_name_of_megabytes_is_cut(engine):
    check = grade(engine, tasks=["1"], total="raise type('E' * 9_000_000, (Exception,), {})")["1"]["checks"][
        0
    ]
    assert check["verdict"] == "error" and len(check["message"]) <= bounds.SAID


def test_code_of_more_than_two_megabytes_is_refused_in_a_sentence(engine):
    start = time.monotonic()
    result = engine.grade(notebook() + "@app.cell\ndef _(:\n" * 120_000)
    assert time.monotonic() - start < 5 and result["score"] == 0
    assert "at most 2 MB are graded" in result["tasks"][0]["checks"][0]["message"]
