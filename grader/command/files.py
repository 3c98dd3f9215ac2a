"""Files that other people handed in: found and read without following anything out of their folder.

A link in a hand-in may point at the solution, or at somebody else's work. Only regular files inside the folder
are ever opened; everything else is named.
"""

import codecs
import io
import os
import stat
import tokenize
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from grader.course.handin import SOURCE

LEFT_BEHIND = (
    "__pycache__",
    "__marimo__",
    "__MACOSX",
    ".DS_Store",
    "Thumbs.db",
    "desktop.ini",
)  # by machines
HOST_NAMES = ("idna", "punycode")  # encodings that nobody writes a file in, and that take long to decode
REPLACED = "\N{REPLACEMENT CHARACTER}"
_KINDS = {
    stat.S_IFLNK: "is a link, and links are not followed",
    stat.S_IFDIR: "is a folder",
    stat.S_IFIFO: "is a named pipe",
    stat.S_IFSOCK: "is a socket",
    stat.S_IFCHR: "is a device",
    stat.S_IFBLK: "is a device",
}


class Unusable(OSError):
    """A file that is not looked at; the text says why, as a clause: "is a link"."""


def look(file: Path) -> os.stat_result:
    """Return what the file system knows of a regular file. Raises Unusable for anything else."""
    try:
        known = file.lstat()
    except OSError as error:
        raise Unusable(f"cannot be read ({error.strerror})") from None
    if not stat.S_ISREG(known.st_mode):
        raise Unusable(_KINDS.get(stat.S_IFMT(known.st_mode), "is not a regular file"))
    return known


def walk(folder: Path) -> Iterator[tuple[Path, str]]:
    """Yield what lies in a folder at any depth, in order: each regular file, and what else there is with its reason.

    What editors and Python leave behind is passed over.
    """
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError as error:
        yield folder, f"cannot be read ({error.strerror})"
        return
    for entry in entries:
        path = folder / entry.name
        if entry.name in LEFT_BEHIND or entry.name.startswith("._"):
            continue
        if entry.is_dir(follow_symlinks=False) and not getattr(entry, "is_junction", bool)():
            if entry.name.startswith("."):
                yield path, "is a hidden folder"
            else:
                yield from walk(path)
        else:
            try:
                look(path)
                yield path, "is a hidden file" if entry.name.startswith(".") else ""
            except Unusable as reason:
                yield path, str(reason)


def read_text(file: Path) -> str:
    """Return the text of a notebook, whatever its bytes: those that are not text become question marks.

    Raises Unusable, for a file of more than SOURCE bytes too.
    """
    return read(file)[0]


def read(file: Path) -> tuple[str, int]:
    """Return the text of a notebook, and how many characters of it could not be read. Raises Unusable."""
    if (size := look(file).st_size) > SOURCE:
        raise Unusable(
            f"is too large for a notebook ({size / 1e6:.1f} MB; at most {SOURCE // 2**20} MB are read)"
        )
    with _opened(file) as stream:
        content = stream.read(SOURCE)
    text = content.decode(_encoding(content), errors="replace")
    return text, max(text.count(REPLACED) - content.count(REPLACED.encode()), 0)


def _opened(file: Path) -> BinaryIO:
    flags = [getattr(os, name, 0) for name in ("O_NOFOLLOW", "O_NONBLOCK", "O_BINARY")]
    try:
        stream = os.fdopen(os.open(file, os.O_RDONLY | flags[0] | flags[1] | flags[2]), "rb")
    except OSError as error:
        raise Unusable(f"cannot be read ({error.strerror})") from None
    if not stat.S_ISREG(os.fstat(stream.fileno()).st_mode):  # it was another file a moment ago
        stream.close()
        raise Unusable("is not a regular file")
    return stream


def _encoding(content: bytes) -> str:
    """The encoding of a file as Python sees it: by its mark, by what it declares, else UTF-8."""
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):  # as some editors on Windows save it
        return "utf-16"
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(content[:1000]).readline)
        b"x".decode(encoding, errors="replace")
    except (SyntaxError, LookupError, UnicodeError):  # unknown, not for texts, or not what is declared
        return "utf-8-sig"
    return "utf-8-sig" if encoding in HOST_NAMES else encoding
