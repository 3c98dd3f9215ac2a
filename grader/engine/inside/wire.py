"""Messages on the wire between the grader and a worker: a header, which is JSON, and blobs."""

import json
import struct
from typing import BinaryIO

from . import bounds
from .bounds import Malformed, Unsendable
from .codec import Tree


def write(stream: BinaryIO, message: Tree, blobs: list[bytes]) -> None:
    """Write one message: length of the header, header (JSON), blobs. Raises `Unsendable` when too large."""
    try:
        header = json.dumps({"message": message, "blobs": [len(blob) for blob in blobs]}).encode()
    except (ValueError, TypeError, RecursionError) as error:
        raise Unsendable(f"the value cannot be sent: {error}") from None
    size = len(header) + sum(map(len, blobs))
    if len(header) > bounds.TREE or size > bounds.MESSAGE:
        raise Unsendable(f"the value is too large to be sent: {size / 2**20:.0f} MB")
    stream.write(struct.pack(">I", len(header)) + header)
    for blob in blobs:
        stream.write(blob)
    stream.flush()


def read(stream: BinaryIO) -> tuple[Tree, list[bytes]]:
    """Read one message. Raises `EOFError` when the other side is gone, `Malformed` when it talks nonsense."""
    size = struct.unpack(">I", _exactly(stream, 4))[0]
    if size > bounds.TREE:
        raise Malformed("a header that is too large")
    text = _exactly(stream, size)
    if sum(map(text.count, (b",", b"[", b"{"))) > bounds.NODES:
        raise Malformed("too many values")
    try:
        header = json.loads(text)
        message, sizes = header["message"], header["blobs"]
    except (ValueError, KeyError, TypeError, RecursionError):
        raise Malformed("a header that is not JSON") from None
    if type(sizes) is not list or not all(type(part) is int and part >= 0 for part in sizes):
        raise Malformed("sizes that are not numbers")
    if sum(sizes) > bounds.MESSAGE:
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


def text(value: object, room: int = bounds.TEXT) -> str:
    """The beginning of a text that arrived as it is; empty when it is something else."""
    return value[:room] if isinstance(value, str) else ""


def texts(value: object, most: int = 50) -> list[str]:
    """The first of some texts; none when it is something else."""
    return [text(part, 500) for part in value[:most]] if isinstance(value, list) else []
