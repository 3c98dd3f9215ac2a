"""Values as data: how arguments and results travel between the grader and a submission.

A value becomes a JSON tree and a list of binary blobs. Nothing is ever pickled, and what is rebuilt
is an exact builtin, array or frame, so that no object of a submission is compared on the trusted
side. What is not plain data becomes a handle (see `encode`, `decode`).
"""

import base64
import datetime as dt
import enum
import io
import json
import pathlib
import re
import struct
import sys
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from decimal import Decimal
from typing import Any

from . import arrow, bounds
from .bounds import Malformed, Unsendable

Tree = Any
Unknown = Callable[[object], Tree]


def encode(value: object, unknown: Unknown, blobs: list[bytes], depth: int = 0) -> Tree:
    """Return `value` as a JSON tree; binary parts are appended to `blobs`.

    `unknown` is asked for the tree of whatever is not plain data; it may raise `Unsendable`.
    """
    if value is None or type(value) in (bool, int, float, str):
        return value
    if depth > bounds.DEPTH:
        raise Unsendable(f"the value is nested more than {bounds.DEPTH} levels deep (or contains itself)")

    def inner(part: object) -> Tree:
        return encode(part, unknown, blobs, depth + 1)

    if isinstance(value, enum.Enum):
        return inner(value.value)
    library = _encode_library(value, inner, blobs)
    if library is not None:
        return library
    match value:
        case bool() | int() | float() | str():
            return _plain(value)
        case bytes() | bytearray() | memoryview():
            if len(value) > bounds.MESSAGE:  # before it is copied
                raise Unsendable(f"the value is too large to be sent: {len(value) >> 20} MB")
            return _blob("bytes", bytes(value), blobs)
        case complex():
            return {"$": "complex", "v": [value.real, value.imag]}
        case dt.datetime():
            zone = getattr(value.tzinfo, "key", None)
            moment = value.replace(tzinfo=None) if zone else value
            return {"$": "datetime", "v": moment.isoformat(), "zone": zone, "fold": value.fold}
        case dt.date():
            return {"$": "date", "v": value.isoformat()}
        case dt.time():
            return {"$": "time", "v": value.isoformat()}
        case dt.timedelta():
            return {"$": "timedelta", "v": [value.days, value.seconds, value.microseconds]}
        case Decimal():
            return {"$": "decimal", "v": str(value)}
        case pathlib.PurePath():
            return {"$": "path", "v": str(value)}
        case list():
            return [inner(part) for part in value]
        case tuple():
            return {"$": "tuple", "v": [inner(part) for part in value]}
        case range():
            return [inner(part) for part in value]
        case set() | frozenset():
            return {
                "$": type(value).__name__ if type(value) in (set, frozenset) else "set",
                "v": [inner(part) for part in value],
            }
        case Mapping():
            return {"$": "dict", "v": [[inner(key), inner(part)] for key, part in value.items()]}
    if is_dataclass(value) and not isinstance(value, type):
        return inner({field.name: getattr(value, field.name) for field in fields(value)})
    return unknown(value)


def decode(tree: Tree, blobs: list[bytes], handle: Callable[[dict], object]) -> object:
    """Rebuild the value that `encode` wrote; `handle` rebuilds what is not plain data. Raises `Malformed`."""
    return _Decoder(blobs, handle).value(tree)


class _Decoder:
    """Rebuilds one message, and keeps count of what that takes."""

    def __init__(self, blobs: list[bytes], handle: Callable[[dict], object]):
        self._blobs, self._handle = blobs, handle
        self._depth = self._cells = self._size = 0

    def value(self, tree: Tree) -> object:
        if tree is None or type(tree) in (bool, int, float, str):
            return tree
        self._depth += 1
        if self._depth > bounds.DEPTH + 2:  # a table or a dict takes two
            raise Malformed("nested too deeply")
        try:
            return self._inside(tree)
        finally:
            self._depth -= 1

    def _inside(self, tree: Tree) -> object:
        if type(tree) is list:
            return [self.value(part) for part in tree]
        if type(tree) is not dict or type(tree.get("$")) is not str:
            raise Malformed("not a value")
        kind = tree["$"]
        try:
            return self._of_kind(kind, tree)
        except Malformed:
            raise
        except (
            BaseException
        ) as error:  # whatever a hostile tree provokes in a constructor; panics are no Exception
            if isinstance(error, KeyboardInterrupt | SystemExit):
                raise
            raise Malformed(f"{type(error).__name__} in a value of kind {kind[:20]!r}") from None

    def _of_kind(self, kind: str, tree: dict) -> object:
        body = tree.get("v")
        match kind:
            case "null":
                return None
            case "bytes":
                return self._blob(body)
            case "complex":
                return complex(*body)
            case "datetime":
                return _zoned(dt.datetime.fromisoformat(body), tree["zone"], tree["fold"])
            case "date":
                return dt.date.fromisoformat(body)
            case "time":
                return dt.time.fromisoformat(body)
            case "timedelta":
                return dt.timedelta(*body)
            case "decimal":
                return _decimal(body)
            case "path":
                return pathlib.Path(body)
            case "tuple":
                return tuple(self.value(part) for part in body)
            case "set":
                return set(_scattered([self.value(part) for part in body]))
            case "frozenset":
                return frozenset(_scattered([self.value(part) for part in body]))
            case "dict":
                keys = _scattered([self.value(key) for key, _ in body])
                return dict(zip(keys, (self.value(part) for _, part in body), strict=True))
            case "array":
                return self._array(tree)
            case "scalar":
                return self._array(body)[()]
            case "objects":
                return self._objects(tree)
            case "sparse":
                return self._sparse(tree)
            case "pandas":
                return self._pandas(tree)
            case "polars":
                return self._polars(tree)
            case "arrow":
                return self._arrow(body)
            case "handle" | "file":  # what exists over there only
                return self._handle(tree)
        raise Malformed(f"unknown kind {kind[:20]!r}")

    def _blob(self, position: int) -> bytes:
        blob = self._blobs[position]
        self._count(size=len(blob))
        return blob

    def _count(self, cells: int = 0, size: int = 0) -> None:
        """Raise `Malformed` when so much more is too much."""
        self._cells += cells
        self._size += size
        if self._cells > bounds.CELLS:
            raise Malformed(f"more than {bounds.CELLS:,} cells")
        if self._size > bounds.DECODED:
            raise Malformed(f"more than {bounds.DECODED >> 20} MB")

    def _array(self, tree: dict) -> object:
        import numpy as np

        dtype = np.dtype(str(tree["dtype"])[: bounds.NAME])
        if dtype.kind not in "biufcmMSU":
            raise Malformed(f"arrays of {dtype} cannot be sent")
        array = np.frombuffer(self._blob(tree["v"]), dtype=dtype).reshape(tree["shape"])
        self._count(array.size)
        return array.copy()

    def _objects(self, tree: dict) -> object:
        import numpy as np

        parts = [self.value(part) for part in tree["v"]]
        array = np.empty(len(parts), dtype=object)
        array[:] = parts
        return array.reshape(tree["shape"])

    def _sparse(self, tree: dict) -> object:
        import scipy.sparse

        rows, columns = tree["shape"]
        self._count(rows * columns)  # a check may well ask for all of them
        matrix = scipy.sparse.csr_array(tuple(self.value(part) for part in tree["v"]), shape=(rows, columns))
        matrix.check_format(full_check=True)
        return matrix

    def _pandas(self, tree: dict) -> object:
        import pandas as pd

        body = tree["v"]
        rows, width = int(body["rows"]), int(body["width"])
        arrow.narrow(width)
        self._count(rows * width)
        table = self._arrow(body["arrow"])
        if table.num_rows not in (rows, 0):
            raise Malformed("row count")
        names, lists = [str(position) for position in range(width)], body["lists"]
        frame = table.select([name for name in names if name not in lists]).to_pandas()
        restored = dict(zip(frame.columns, map(str, frame.dtypes), strict=True))
        for name, dtype in zip(names, body["dtypes"], strict=True):
            if name in lists:
                frame[name] = pd.Series(self.value(lists[name]), dtype=object)
            elif restored[name] != dtype:
                frame[name] = _with_dtype(frame[name], str(dtype))
        if lists:
            frame = frame[names]
        index = self.value(tree["index"]) if tree.get("index") is not None else pd.RangeIndex(rows)
        if tree["of"] == "index":
            names = self.value(tree["names"])
            if tree["multi"]:
                return pd.MultiIndex.from_frame(frame, names=names)
            return pd.Index(frame["0"]).rename(names[0])
        if not isinstance(index, pd.Index) or len(index) != rows or len(frame) != rows:
            raise Malformed("row count")
        frame.index = index
        if tree["of"] == "series":
            return frame["0"].rename(self.value(tree["name"]))
        labels, names = self.value(tree["columns"]), self.value(tree["names"])
        frame.columns = (
            pd.MultiIndex.from_tuples(labels, names=names)
            if len(names) > 1
            else pd.Index(labels, name=names[0], tupleize_cols=False)
            if labels
            else pd.Index([])
        )
        return frame

    def _polars(self, tree: dict) -> object:
        import polars as pl

        if tree["of"] == "series":
            return self._polars(tree["v"]).to_series().rename(str(tree["name"]))
        table = self._arrow(tree["arrow"])
        arrow.narrow(len(tree["columns"]))
        frame = pl.from_arrow(table) if table.num_columns else pl.DataFrame()
        loose = [
            pl.Series(name, self.value(values), dtype=pl.Object) for name, values in tree["lists"].items()
        ]
        if loose:
            frame = frame.with_columns(loose)
        return frame.select([str(name) for name in tree["columns"]])

    def _arrow(self, position: int) -> object:
        return arrow.read(self._blob(position), self._count)


def _scattered(keys: list) -> list:
    """The keys, unless so many share their hash that a set of them takes for ever."""
    if len(set(map(hash, keys))) + bounds.COLLISIONS < len(keys):
        raise Malformed("keys that collide")
    return keys


def _decimal(text: str) -> Decimal:
    number = Decimal(text)
    if number.is_finite() and abs(number.adjusted()) > 10_000:  # nobody can write it out
        raise Malformed("a decimal number that is too long")
    return number


def _plain(value: object) -> object:
    for kind in (bool, int, float, str):
        if isinstance(value, kind):
            return kind(value)
    raise AssertionError


def _zoned(moment: dt.datetime, zone: str | None, fold: int) -> dt.datetime:
    if zone is None:
        return moment.replace(fold=fold)
    import zoneinfo

    return moment.replace(tzinfo=zoneinfo.ZoneInfo(zone), fold=fold)


def _blob(kind: str, data: bytes, blobs: list[bytes], **more: Tree) -> Tree:
    blobs.append(data)
    return {"$": kind, "v": len(blobs) - 1, **more}


# --- numpy, pandas, polars, Arrow, scipy, pydantic, altair -------------------------------------------------
# A library is looked up, never imported, when encoding: a value of it exists only if it has been imported.


def _encode_library(value: object, inner: Callable[[object], Tree], blobs: list[bytes]) -> Tree | None:
    kind = type(value).__module__.partition(".")[0]
    bases = {base.__module__.partition(".")[0] for base in type(value).__mro__}
    if "numpy" in bases:
        return _encode_numpy(value, inner, blobs)
    if "pandas" in bases:
        return _encode_pandas(value, inner, blobs)
    if kind == "polars":
        return _encode_polars(value, inner, blobs)
    if kind == "pyarrow":
        return _encode_arrow(value, blobs)
    if kind == "scipy" and "scipy.sparse" in sys.modules and sys.modules["scipy.sparse"].issparse(value):
        rows = value.tocsr()
        return {
            "$": "sparse",
            "shape": list(rows.shape),
            "v": [inner(rows.data), inner(rows.indices), inner(rows.indptr)],
        }
    if "pydantic" in bases and hasattr(value, "model_dump"):
        return inner(value.model_dump())
    if "altair" in bases and not isinstance(value, type) and hasattr(value, "to_dict"):
        return inner(value.to_dict())
    return None


def _encode_numpy(value: object, inner: Callable[[object], Tree], blobs: list[bytes]) -> Tree | None:
    np = sys.modules["numpy"]
    if isinstance(value, np.generic):
        if value.dtype.kind in "mM":
            return {"$": "scalar", "v": _encode_numpy(np.asarray(value), inner, blobs)}
        item = value.item()
        return inner(float(item) if isinstance(item, np.generic) else item)  # numbers wider than Python's
    if isinstance(value, np.ma.MaskedArray):
        value = value.filled()
    if not isinstance(value, np.ndarray):
        return None
    array = np.asarray(value)
    if array.dtype.kind in "OV":
        return {
            "$": "objects",
            "shape": list(array.shape),
            "v": [inner(part) for part in array.ravel().tolist()],
        }
    return _blob(
        "array",
        np.ascontiguousarray(array).tobytes(),
        blobs,
        dtype=array.dtype.newbyteorder("=").str,
        shape=list(array.shape),
    )


def _encode_pandas(value: object, inner: Callable[[object], Tree], blobs: list[bytes]) -> Tree | None:
    pd = sys.modules["pandas"]
    if value is pd.NaT or value is pd.NA:
        return {"$": "null"}
    if isinstance(value, pd.Timestamp):
        return inner(value.to_pydatetime(warn=False))
    if isinstance(value, pd.Timedelta):
        return inner(value.to_pytimedelta())
    if isinstance(value, pd.api.extensions.ExtensionArray):
        value = pd.Series(value)
    if isinstance(value, pd.Index):
        frame = value.to_frame(index=False)
        return {
            "$": "pandas",
            "of": "index",
            "names": inner(list(value.names)),
            "multi": value.nlevels > 1,
            "v": _columns(frame, inner, blobs),
        }
    if isinstance(value, pd.Series):
        return {
            "$": "pandas",
            "of": "series",
            "name": inner(value.name),
            "index": _index(value.index, inner),
            "v": _columns(value.to_frame("0"), inner, blobs),
        }
    if isinstance(value, pd.DataFrame):
        return {
            "$": "pandas",
            "of": "frame",
            "columns": inner(list(value.columns)),
            "names": inner(list(value.columns.names)),
            "index": _index(value.index, inner),
            "v": _columns(value, inner, blobs),
        }
    return None


def _index(index: object, inner: Callable[[object], Tree]) -> Tree:
    pd = sys.modules["pandas"]
    plain = isinstance(index, pd.RangeIndex) and (index.start, index.step, index.name) == (0, 1, None)
    return None if plain else inner(index)


def _columns(frame: object, inner: Callable[[object], Tree], blobs: list[bytes]) -> Tree:
    """The columns of a pandas frame: one Arrow table, and as lists those that Arrow refuses (mixed types)."""
    import pyarrow as pa

    arrow, lists = {}, {}
    for position, (_, column) in enumerate(frame.items()):
        name = str(position)
        try:
            arrow[name] = _arrow_array(column)
            if column.dtype == object and pa.types.is_nested(arrow[name].type):
                raise pa.ArrowInvalid
        except (pa.ArrowException, TypeError, ValueError, OverflowError):
            arrow.pop(name, None)
            lists[name] = inner(column.tolist())
    dtypes = [str(dtype) for dtype in frame.dtypes]
    table = pa.table(arrow) if arrow else pa.table({"0": pa.nulls(len(frame))})
    return {
        "rows": len(frame),
        "width": frame.shape[1],
        "dtypes": dtypes,
        "lists": lists,
        "arrow": _arrow_blob(table, blobs),
    }


def _arrow_array(column: object) -> object:
    """The values of a pandas column; as texts where only pandas knows their type: intervals, periods."""
    import pyarrow as pa

    array = pa.array(column, from_pandas=True)
    kind = array.type.value_type if pa.types.is_dictionary(array.type) else array.type
    if isinstance(kind, pa.BaseExtensionType):
        return pa.array(column.astype("string"), from_pandas=True)
    return array


def _encode_polars(value: object, inner: Callable[[object], Tree], blobs: list[bytes]) -> Tree | None:
    pl = sys.modules["polars"]
    if isinstance(value, pl.LazyFrame):
        value = value.collect()
    if isinstance(value, pl.Series):
        return {
            "$": "polars",
            "of": "series",
            "name": value.name,
            "v": _encode_polars(value.rename("0").to_frame(), inner, blobs),
        }
    if not isinstance(value, pl.DataFrame):
        return None
    loose = [name for name, dtype in value.schema.items() if dtype == pl.Object]
    lists = {name: inner(value[name].to_list()) for name in loose}
    try:
        table = value.drop(loose).to_arrow(compat_level=pl.CompatLevel.oldest())
    except sys.modules["pyarrow"].ArrowInvalid as error:
        raise Unsendable(f"a column of the table cannot be sent: {error}") from None
    return {
        "$": "polars",
        "of": "frame",
        "columns": value.columns,
        "rows": value.height,
        "lists": lists,
        "arrow": _arrow_blob(table, blobs),
    }


def _encode_arrow(value: object, blobs: list[bytes]) -> Tree | None:
    pa = sys.modules["pyarrow"]
    if isinstance(value, pa.RecordBatch):
        value = pa.table(value)
    return {"$": "arrow", "v": _arrow_blob(value, blobs)} if isinstance(value, pa.Table) else None


def _arrow_blob(table: object, blobs: list[bytes]) -> int:
    import pyarrow as pa

    sink = io.BytesIO()
    with pa.ipc.new_stream(sink, table.schema.remove_metadata()) as writer:
        writer.write_table(table.replace_schema_metadata(None))
    blobs.append(sink.getvalue())
    return len(blobs) - 1


_DTYPE = re.compile(  # what Arrow alone does not restore: nullable numbers, categories, resolutions of time
    r"(u?int|float|complex)\d{1,3}|U?Int\d+|Float\d+|bool|boolean|str|string|category|object|"
    r"(datetime|timedelta)64\[\w+(, [\w/+:.-]{1,50})?\]"
)


def _with_dtype(column: object, dtype: str) -> object:
    if str(column.dtype) == dtype or not _DTYPE.fullmatch(dtype):
        return column
    try:
        return column.astype(dtype)
    except (TypeError, ValueError):
        return column


def digest(tree: Tree, blobs: list[bytes]) -> str:
    """A text that is equal for equal encoded values."""
    import hashlib

    content = hashlib.sha256(json.dumps(tree, sort_keys=True).encode())
    for blob in blobs:
        content.update(struct.pack(">Q", len(blob)) + blob)
    return base64.b16encode(content.digest()).decode()
