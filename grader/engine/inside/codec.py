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
import struct
import sys
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from decimal import Decimal
from typing import Any, BinaryIO

MAX_FRAME = 512 * 2**20  # bytes of one message, tree and blobs together
MAX_TREE = 32 * 2**20  # bytes of the JSON tree alone
MAX_DEPTH = 60
MAX_ROWS = 20_000_000

Tree = Any
Unknown = Callable[[object], Tree]


class Unsendable(TypeError):
    """The value cannot be sent: it is not plain data, is nested too deeply, or is too large."""


class Malformed(ValueError):
    """What arrived is not something that `encode` could have written."""


def encode(value: object, unknown: Unknown, blobs: list[bytes], depth: int = 0) -> Tree:
    """Return `value` as a JSON tree; binary parts are appended to `blobs`.

    `unknown` is asked for the tree of whatever is not plain data; it may raise `Unsendable`.
    """
    if value is None or type(value) in (bool, int, float, str):
        return value
    if depth > MAX_DEPTH:
        raise Unsendable(f"the value is nested more than {MAX_DEPTH} levels deep (or contains itself)")

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


def decode(tree: Tree, blobs: list[bytes], handle: Callable[[dict], object], depth: int = 0) -> object:
    """Rebuild the value that `encode` wrote; `handle` rebuilds what is not plain data. Raises `Malformed`."""
    if tree is None or type(tree) in (bool, int, float, str):
        return tree
    if depth > MAX_DEPTH + 1:
        raise Malformed("nested too deeply")

    def inner(part: Tree) -> object:
        return decode(part, blobs, handle, depth + 1)

    if type(tree) is list:
        return [inner(part) for part in tree]
    if type(tree) is not dict:
        raise Malformed("not a value")
    try:
        kind, body = tree.get("$"), tree.get("v")
        match kind:
            case "null":
                return None
            case "bytes":
                return blobs[body]
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
                return Decimal(body)
            case "path":
                return pathlib.Path(body)
            case "tuple":
                return tuple(inner(part) for part in body)
            case "set":
                return {inner(part) for part in body}
            case "frozenset":
                return frozenset(inner(part) for part in body)
            case "dict":
                return {inner(key): inner(part) for key, part in body}
            case "handle" | "file":  # what exists over there only
                return handle(tree)
            case _:
                return _decode_library(kind, tree, inner, blobs)
    except Malformed:
        raise
    except Exception as error:  # whatever a hostile tree provokes in a constructor
        raise Malformed(f"{type(error).__name__} in a value of kind {kind!r}") from None
    except BaseException as error:  # a panic of a compiled library derives from BaseException
        if isinstance(error, KeyboardInterrupt | SystemExit):
            raise
        raise Malformed(f"{type(error).__name__} in a value of kind {kind!r}") from None


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
        return inner(value.item())
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
    for position in range(frame.shape[1]):
        column = frame.iloc[:, position]
        try:
            arrow[str(position)] = pa.array(column, from_pandas=True)
            if column.dtype == object and pa.types.is_nested(arrow[str(position)].type):
                raise pa.ArrowInvalid
        except (pa.ArrowException, TypeError, ValueError, OverflowError):
            arrow.pop(str(position), None)
            lists[str(position)] = inner(column.tolist())
    dtypes = [str(dtype) for dtype in frame.dtypes]
    table = pa.table(arrow) if arrow else pa.table({"0": pa.nulls(len(frame))})
    return {
        "rows": len(frame),
        "width": frame.shape[1],
        "dtypes": dtypes,
        "lists": lists,
        "arrow": _arrow_blob(table, blobs),
    }


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


def _decode_library(kind: str, tree: dict, inner: Callable[[Tree], object], blobs: list[bytes]) -> object:
    match kind:
        case "array":
            return _array(tree, blobs)
        case "scalar":
            return _array(tree["v"], blobs)[()]
        case "objects":
            import numpy as np

            parts = [inner(part) for part in tree["v"]]
            array = np.empty(len(parts), dtype=object)
            array[:] = parts
            return array.reshape(tree["shape"])
        case "sparse":
            import scipy.sparse

            rows = scipy.sparse.csr_array(
                tuple(inner(part) for part in tree["v"]), shape=tuple(tree["shape"])
            )
            rows.check_format(full_check=True)
            return rows
        case "pandas":
            return _pandas(tree, inner, blobs)
        case "polars":
            return _polars(tree, inner, blobs)
        case "arrow":
            return _read_arrow(blobs[tree["v"]])
    raise Malformed(f"unknown kind {kind!r}")


def _array(tree: dict, blobs: list[bytes]) -> object:
    import numpy as np

    dtype = np.dtype(str(tree["dtype"]))
    if dtype.kind not in "biufcmMSU":
        raise Malformed(f"arrays of {dtype} cannot be sent")
    return np.frombuffer(blobs[tree["v"]], dtype=dtype).reshape(tree["shape"]).copy()


def _pandas(tree: dict, inner: Callable[[Tree], object], blobs: list[bytes]) -> object:
    import pandas as pd

    body = tree["v"]
    table = _read_arrow(blobs[body["arrow"]])
    rows = int(body["rows"])
    if rows > MAX_ROWS or table.num_rows not in (rows, 0):
        raise Malformed("row count")
    columns = []
    for position in range(int(body["width"])):
        name = str(position)
        if name in body["lists"]:
            columns.append(pd.Series(inner(body["lists"][name]), dtype=object))
        else:
            columns.append(_with_dtype(table.column(name).to_pandas(), str(body["dtypes"][position])))
    index = inner(tree["index"]) if tree.get("index") is not None else pd.RangeIndex(rows)
    if tree["of"] == "index":
        names = inner(tree["names"])
        if tree["multi"]:
            return pd.MultiIndex.from_arrays(columns, names=names)
        return pd.Index(columns[0]).rename(names[0])
    if (
        not isinstance(index, pd.Index)
        or len(index) != rows
        or any(len(column) != rows for column in columns)
    ):
        raise Malformed("row count")
    if tree["of"] == "series":
        return columns[0].set_axis(index).rename(inner(tree["name"]))
    frame = pd.DataFrame(dict(enumerate(columns)), index=pd.RangeIndex(rows)).set_axis(index)
    labels, names = inner(tree["columns"]), inner(tree["names"])
    frame.columns = (
        pd.MultiIndex.from_tuples(labels, names=names)
        if len(names) > 1
        else pd.Index(labels, name=names[0], tupleize_cols=False)
        if labels
        else pd.Index([])
    )
    return frame


def _with_dtype(column: object, dtype: str) -> object:
    if str(column.dtype) == dtype:
        return column
    try:  # nullable integers, categories, resolutions of time: what Arrow alone does not restore
        return column.astype(dtype)
    except (TypeError, ValueError):
        return column


def _polars(tree: dict, inner: Callable[[Tree], object], blobs: list[bytes]) -> object:
    import polars as pl

    if tree["of"] == "series":
        return _polars(tree["v"], inner, blobs).to_series().rename(str(tree["name"]))
    table = _read_arrow(blobs[tree["arrow"]])
    frame = pl.from_arrow(table) if table.num_columns else pl.DataFrame()
    for name, values in tree["lists"].items():
        frame = frame.with_columns(pl.Series(name, inner(values), dtype=pl.Object))
    return frame.select([str(name) for name in tree["columns"]])


def _read_arrow(data: bytes) -> object:
    """Read an Arrow stream from an untrusted process: uncompressed only, every offset verified."""
    import pyarrow as pa

    for message in pa.ipc.MessageReader.open_stream(data):
        if message.type != "schema" and _compressed(message.metadata.to_pybytes(), message.type):
            raise Malformed("compressed Arrow data")
    with pa.ipc.open_stream(data) as stream:
        table = stream.read_all()
    if table.num_rows > MAX_ROWS:
        raise Malformed(f"more than {MAX_ROWS:,} rows")
    table.validate(full=True)
    return table


def _compressed(metadata: bytes, kind: str) -> bool:
    """Whether a record batch declares compression; pyarrow can read such a batch but not say so."""

    def follow(position: int) -> int:
        return position + struct.unpack_from("<I", metadata, position)[0]

    def field(table: int, index: int) -> int | None:
        vtable = table - struct.unpack_from("<i", metadata, table)[0]
        size = struct.unpack_from("<H", metadata, vtable)[0]
        entry = 4 + 2 * index
        offset = struct.unpack_from("<H", metadata, vtable + entry)[0] if entry < size else 0
        return table + offset if offset else None

    header = field(follow(0), 2)
    if header is None:
        raise Malformed("an Arrow message without a header")
    batch = follow(header)
    if kind == "dictionary":
        inside = field(batch, 1)
        if inside is None:
            raise Malformed("an Arrow dictionary without values")
        batch = follow(inside)
    return field(batch, 3) is not None


# --- frames on the wire ------------------------------------------------------------------------------------


def write(stream: BinaryIO, message: Tree, blobs: list[bytes]) -> None:
    """Write one message: length of the header, header (JSON), blobs. Raises `Unsendable` when too large."""
    try:
        header = json.dumps({"message": message, "blobs": [len(blob) for blob in blobs]}).encode()
    except (ValueError, TypeError, RecursionError) as error:
        raise Unsendable(f"the value cannot be sent: {error}") from None
    size = len(header) + sum(map(len, blobs))
    if len(header) > MAX_TREE or size > MAX_FRAME:
        raise Unsendable(f"the value is too large to be sent: {size / 2**20:.0f} MB")
    stream.write(struct.pack(">I", len(header)) + header)
    for blob in blobs:
        stream.write(blob)
    stream.flush()


def read(stream: BinaryIO) -> tuple[Tree, list[bytes]]:
    """Read one message. Raises `EOFError` when the other side is gone, `Malformed` when it talks nonsense."""
    size = struct.unpack(">I", _exactly(stream, 4))[0]
    if size > MAX_TREE:
        raise Malformed("a header that is too large")
    try:
        header = json.loads(_exactly(stream, size))
        message, sizes = header["message"], header["blobs"]
    except (ValueError, KeyError, TypeError, RecursionError):
        raise Malformed("a header that is not JSON") from None
    if type(sizes) is not list or not all(type(part) is int and part >= 0 for part in sizes):
        raise Malformed("sizes that are not numbers")
    if sum(sizes) > MAX_FRAME:
        raise Malformed("a message that is too large")
    return message, [_exactly(stream, part) for part in sizes]


def _exactly(stream: BinaryIO, size: int) -> bytes:
    data = stream.read(size)
    while data is not None and len(data) < size:
        more = stream.read(size - len(data))
        if not more:
            raise EOFError
        data += more
    if data is None:
        raise EOFError
    return data


def digest(tree: Tree, blobs: list[bytes]) -> str:
    """A text that is equal for equal encoded values."""
    import hashlib

    content = hashlib.sha256(json.dumps(tree, sort_keys=True).encode())
    for blob in blobs:
        content.update(struct.pack(">Q", len(blob)) + blob)
    return base64.b16encode(content.digest()).decode()
