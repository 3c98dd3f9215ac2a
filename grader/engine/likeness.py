"""Whether two answers to the same call are the same, as far as a fresh process can be expected to repeat them."""

import math
from typing import Literal

from .inside import codec, wire

TOLERANCE = 1e-9  # relative: what the order of the rows changes in a sum is far less

ROWS = 5_000  # of a list or a table: with more, nobody looks whether only the order is another
TABLES = {
    ("polars", "DataFrame"): lambda table: table.rows(),
    ("polars", "Series"): lambda column: column.to_list(),
    ("pandas", "DataFrame"): lambda table: table.to_numpy().tolist(),
    ("pandas", "Series"): lambda column: column.tolist(),
    ("numpy", "ndarray"): lambda array: array.tolist(),
}

Reply = tuple[dict, list[bytes]]
Likeness = Literal["same", "reordered", "other"]


def likeness(one: Reply, other: Reply) -> Likeness:
    """Compare two replies: errors and what is not data by their type, floats but for their last digits."""
    errors = [reply["error"] for reply, _ in (one, other) if "error" in reply]
    if errors:
        types = {wire.text(error.get("type")) for error in errors if isinstance(error, dict)}
        return "same" if len(errors) == 2 and len(types) == 1 else "other"
    values = _read(*one), _read(*other)
    if alike(*values):
        return "same"
    rows = [_rows(value) for value in values]
    return "reordered" if rows[0] is not None and rows[0] == rows[1] else "other"


def _read(reply: dict, blobs: list[bytes]) -> object:
    """The value of a reply; why there is none, where it cannot be read."""
    try:
        return codec.decode(reply.get("value"), blobs, lambda tree: [tree["type"]])
    except codec.Malformed as error:
        return error.args


def alike(one: object, other: object) -> bool:
    """Whether two values are equal but for the last digits of floats."""
    if type(one) is not type(other):
        return False
    if isinstance(one, float):
        return math.isclose(one, other, rel_tol=TOLERANCE) or (math.isnan(one) and math.isnan(other))
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(alike(value, other[key]) for key, value in one.items())
    if isinstance(one, list | tuple):
        return len(one) == len(other) and all(map(alike, one, other))
    if (parts := _parts(one)) is not one:
        return alike(parts, _parts(other))
    return one is other or bool(one == other)


def _parts(value: object) -> object:
    """What a table or an array consists of, as builtins; other values as they are."""
    name = type(value).__name__
    match type(value).__module__.partition(".")[0]:
        case "polars":
            columns = value.get_columns() if name == "DataFrame" else [value]
            return [(column.name, str(column.dtype), column.to_list()) for column in columns]
        case "pandas" if name == "DataFrame":
            return value.index.tolist(), list(value.items())
        case "pandas" if name == "Series":
            return value.name, str(value.dtype), value.index.tolist(), value.tolist()
        case "pandas" if hasattr(value, "tolist"):
            return value.tolist()
        case "numpy" if hasattr(value, "dtype"):
            return str(value.dtype), value.shape, value.tolist()
        case "scipy":
            return value.shape, value.indptr.tolist(), value.indices.tolist(), value.data.tolist()
        case "pyarrow":
            return str(value.schema), value.to_pylist()
    return value


def _rows(value: object) -> list[str] | None:
    """The rows of a list or a table, sorted; None where it is something else, or has too many."""
    kind = type(value).__module__.partition(".")[0], type(value).__name__
    if not isinstance(value, list | tuple) and kind not in TABLES:
        return None
    if getattr(value, "shape", True) == () or len(value) > ROWS:
        return None
    return sorted(map(repr, TABLES[kind](value) if kind in TABLES else value))
