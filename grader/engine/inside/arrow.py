"""Tables from an untrusted process, as Arrow streams: uncompressed, of known types and sizes, every offset verified."""

import struct
from collections.abc import Callable

from . import bounds
from .bounds import Malformed


def read(data: bytes, count: Callable[..., None]) -> object:
    """Return the `pyarrow.Table` of a stream. `count` is told of `cells` and of `size`, bytes, before they are there.

    Raises `Malformed`, or whatever pyarrow raises for what is no stream.
    """
    import pyarrow as pa

    pieces = 0
    for message in pa.ipc.MessageReader.open_stream(data):
        pieces += 1
        if message.type == "schema":
            _small(message.metadata.size)
        else:
            _plainly_written(message.metadata.to_pybytes(), message.type)
    with pa.ipc.open_stream(data) as stream:
        width = sum(_width(field.type) for field in stream.schema)
        narrow(width)
        if width * pieces > bounds.ARRAYS:
            raise Malformed("a table in too many pieces")
        table = stream.read_all()  # copies nothing
    table.validate()
    count(size=table.nbytes)
    for column in table.columns:
        for chunk in column.chunks:
            count(*_cost(chunk))
    table.validate(full=True)
    return table


def narrow(width: int) -> None:
    """Raise `Malformed` for a table of too many columns."""
    if width > bounds.COLUMNS:
        raise Malformed(f"a table of more than {bounds.COLUMNS:,} columns")


def _small(description: int) -> None:
    if description > bounds.SCHEMA:
        raise Malformed("a table whose columns take too long to describe")


def _width(kind: object, depth: int = 0) -> int:
    """How many columns one of this Arrow type is. Raises `Malformed` for a type that nothing of ours sends."""
    import pyarrow as pa

    types = pa.types
    if depth > bounds.DEPTH:
        raise Malformed("a column that is nested too deeply")
    if types.is_dictionary(kind):
        if types.is_nested(kind.value_type) or types.is_dictionary(kind.value_type):
            raise Malformed("categories that are no plain values")
        return _width(kind.value_type, depth + 1)
    if types.is_struct(kind) or types.is_map(kind):
        return 1 + sum(_width(kind.field(n).type, depth + 1) for n in range(kind.num_fields))
    if types.is_list(kind) or types.is_large_list(kind) or types.is_fixed_size_list(kind):
        return 1 + _width(kind.value_type, depth + 1)
    texts = ("is_string", "is_large_string", "is_binary", "is_large_binary", "is_fixed_size_binary")
    plain = ("is_null", "is_boolean", "is_integer", "is_floating", "is_decimal", "is_temporal")
    if isinstance(kind, pa.BaseExtensionType) or not any(
        getattr(types, name)(kind) for name in (*texts, *plain)
    ):
        raise Malformed("a column of a type that is not accepted")
    return 1


def _cost(array: object) -> tuple[int, int]:
    """The cells of an Arrow array, and bytes beside its own that they need as Python objects. It may lack data."""
    import pyarrow as pa

    kind, cells = array.type, len(array)
    size = 0 if pa.types.is_primitive(kind) else cells * bounds.OBJECT
    inner = []
    if pa.types.is_dictionary(kind):
        size += cells * _longest(array.dictionary)
    elif pa.types.is_struct(kind):
        inner = [array.field(n) for n in range(kind.num_fields)]
    elif pa.types.is_map(kind):
        inner = [array.keys, array.items]
    elif pa.types.is_nested(kind):
        inner = [array.values]
    for part in inner:
        more = _cost(part)
        cells, size = cells + more[0], size + more[1]
    return cells, size


def _longest(values: object) -> int:
    """Bytes of the longest of some texts; 0 where they are numbers."""
    import pyarrow.compute as pc

    try:
        return pc.max(pc.binary_length(values)).as_py() or 0
    except NotImplementedError:
        return 0


def _plainly_written(metadata: bytes, kind: str) -> None:
    """Refuse batches that are compressed, and pieces of dictionaries; pyarrow can read both but not say so."""

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
        inside, piece = field(batch, 1), field(batch, 2)
        if inside is None or (piece is not None and metadata[piece]):
            raise Malformed("an Arrow dictionary without values, or in pieces")
        batch = follow(inside)
    if field(batch, 3) is not None:
        raise Malformed("compressed Arrow data")
