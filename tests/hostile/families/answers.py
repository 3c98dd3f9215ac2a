"""Answers as bombs: little to send, much to rebuild, to check or to put into words."""

import datetime
import decimal
import time

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa

from ..attack import Family
from .protocol import asked, connections, frame, put, put_all, raw

USE = (connections, asked, put, put_all, frame, raw)
TRUSTED = (
    1300  # MB that a referee may take above what it starts with, and something for what stands beside it
)
family = Family("answers", task="table", trusted=TRUSTED, seconds=25)
REFEREES = (
    "sandbox",
    "process",
)  # elsewhere the service itself reads answers, and its allocator keeps some memory
ONCE = {"grounds": ("sandbox",)}  # they cost seconds of a processor


@family("failed error", **ONCE)
def a_column_of_one_run(table):
    ends = pa.array([20_000_000], pa.int32())
    return pa.table({"a": pa.RunEndEncodedArray.from_arrays(ends, pa.array(["x" * 10_000]))})


@family("failed error", **ONCE)
def columns_of_nulls(table):
    return pa.table({str(n): pa.nulls(15_000_000) for n in range(300)})


@family("failed error", **ONCE)
def one_text_in_a_dictionary(table):
    keys = pa.array(np.zeros(1_000_000, "int8"))
    return pa.table({"a": pa.DictionaryArray.from_arrays(keys, pa.array(["x" * 20_000]))})


@family("failed error", **ONCE)
def one_category_of_a_megabyte(table):
    return pl.DataFrame({"a": pl.Series(["x" * 2**20]).cast(pl.Categorical).gather([0] * 100_000)})


@family("failed error", **ONCE, slow=True)
def lists_of_a_billion_nulls(table):
    return pa.table({"a": pa.FixedSizeListArray.from_arrays(pa.nulls(2_000_000_000), 1_000_000_000)})


@family("failed error")
def rows_without_columns(table):
    return pd.DataFrame(index=pd.RangeIndex(10**9))


@family("error", "nested too deeply")
def structures_fifty_deep(table):
    kind = pa.int8()
    for _ in range(50):
        kind = pa.struct([("x", kind)])
    return pa.table({"a": pa.array([None], kind)})


@family("failed error", **ONCE)
def six_thousand_rows_with_a_key_each(table):
    return [{f"k{n}": n} for n in range(6000)]


@family("failed error", **ONCE, slow=True)
def six_thousand_columns_of_text(table):
    return pl.DataFrame({f"c{n}": [str(m) for m in range(200)] for n in range(6000)})


@family("failed error", grounds=REFEREES, slow=True)
def column_names_of_a_megabyte(table):
    return pl.DataFrame({"x" * 2**20 + str(n): [1, 2, 3] for n in range(20)})


@family("failed error")
def column_names_that_turn_the_text(table):
    return pl.DataFrame({"\x1b[2J\u202e\r\n" + str(n): ["\x1b]0;owned\x07\u2066"] for n in range(3)})


@family("error")
def an_error_class_with_a_name_of_nine_megabytes(table):
    raise type("E" * 9_000_000, (Exception,), {})("x")


@family("error", slow=True)
def an_error_with_a_thousand_classes(table):
    kind = Exception
    for number in range(900):
        kind = type("E" * 10_000 + str(number), (kind,), {})
    raise kind("x")


@family("error", "ValueError")
def a_message_of_nine_megabytes_that_draws(table):
    raise ValueError("\x1b[31m\u202e\r10 of 10 points\n" * 500_000)


@family("failed error", slow=True)
def warnings_and_prints_without_end(table):
    for _ in range(200):
        print("x" * 2**20)
    return None


@family("failed error", "")
def a_text_without_meaning(table):
    return {"a": ["\ud800" * 10], "\udfff": [1]}


@family("error failed")
def an_array_of_nothing_and_everything(table):
    return np.empty((0, 2**60))


@family("error", "Memory")
def an_array_that_is_one_number(table):
    return np.broadcast_to(np.int8(0), (10**6, 10**6))


@family("failed error")
def a_sparse_matrix_of_the_size_of_a_continent(table):
    import scipy.sparse

    return scipy.sparse.csr_array((2**30, 2**30))


@family("error", "keys that collide")
def numbers_that_collide(table):
    return {n * (2**61 - 1): n for n in range(4000)}  # more of them take the submission itself too long


@family("error", "keys that collide")
def a_set_of_numbers_that_collide(table):
    return {"a": [set(n * (2**61 - 1) for n in range(4000))]}


@family("error", "keys that collide", use=USE, task="sum")
def many_numbers_that_collide(numbers):
    pairs = [[n * (2**61 - 1), n] for n in range(200_000)]
    put_all(frame({"id": asked(), "value": {"$": "dict", "v": pairs}}))
    time.sleep(60)


@family("error", "cannot be sent")
def a_number_of_a_million_digits(table):
    return 10**1_000_000


@family("failed error")
def a_decimal_of_a_billion_digits(table):
    return {"a": [decimal.Decimal("1e999999999")] * 3, "b": ["x"] * 3}


@family("error", "too large", slow=True)
def a_text_of_a_hundred_megabytes(table):
    return "x" * 100_000_000


@family("failed error", trusted=1100, **ONCE)
def bytes_of_five_hundred_megabytes(table):
    return bytes(500 * 2**20)


@family("error failed", "", **ONCE, slow=True)
def an_array_as_large_as_a_message(table):
    return np.zeros(250 * 2**20, "int8")


@family("failed error", **ONCE, slow=True)
def three_million_numbers(table):
    return list(range(3_000_000))


@family("failed error", **ONCE)
def lists_in_lists(table):
    answer = [1] * 200
    for _ in range(50):
        answer = [answer, "x" * 5000, {"a" * 500: 1}]
    return {"a": [answer] * 20}


@family("error timed_out", **ONCE)
def one_list_seen_from_everywhere(table):
    answer = []
    for _ in range(40):
        answer = [answer, answer]
    return answer


@family("error failed")
def times_beyond_time(table):
    return {"a": [datetime.timedelta.max, datetime.datetime.max, datetime.date.min], "b": ["x"] * 3}


def send_frame(table):
    """A pandas frame whose column claims to be of a type that takes 2 GB an element."""
    sink = pa.BufferOutputStream()
    part = pa.table({"0": ["x", "y", "z"]})
    with pa.ipc.new_stream(sink, part.schema) as writer:
        writer.write_table(part)
    body = {"rows": 3, "width": 1, "dtypes": [table], "lists": {}, "arrow": 0}
    value = {"$": "pandas", "of": "frame", "columns": ["a"], "names": [None], "index": None, "v": body}
    data = sink.getvalue().to_pybytes()
    put_all(frame({"id": asked(), "value": value}, [len(data)], data))
    time.sleep(60)


@family("failed error timed_out", use=(*USE, send_frame), **ONCE)
def a_type_of_two_gigabytes_an_element(table):
    send_frame("U500000000")


@family("failed error timed_out", use=(*USE, send_frame), **ONCE)
def a_type_of_a_billion_parts(table):
    send_frame("1000000000i8")


@family("failed error", use=USE, **ONCE)
def thirty_megabytes_of_small_values(table):
    header = b'{"blobs": [], "message": {"id": %d, "value": [%s0]}}' % (asked(), b"[]," * 10_000_000)
    put_all(raw(header))
    time.sleep(60)
