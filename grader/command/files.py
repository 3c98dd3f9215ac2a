"""Files that other people handed in: found and read without following anything out of their folder.

A link in a hand-in may point at the solution, or at somebody else's work. Only regular files inside the folder
are ever opened; everything else is named.
"""

import codecs
import io
import os
import re
import stat
import tokenize
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

SOURCE = 2 * 2**20  # bytes that a notebook or module may have
LEFT_BEHIND = (
    "__pycache__",
    "__marimo__",
    "__MACOSX",
    ".DS_Store",
    "Thumbs.db",
    "desktop.ini",
)  # by machines
_ENCODING = re.compile(r"utf|latin|iso|cp\d|windows|mac|koi|gb|big5|shift|euc|ascii", re.IGNORECASE)
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
    """Return the text of a notebook or module, whatever its bytes: those that are not text become question marks.

    Raises Unusable, for a file of more than SOURCE bytes too.
    """
    if (size := look(file).st_size) > SOURCE:
        raise Unusable(
            f"is too large for a notebook ({size / 1e6:.1f} MB; at most {SOURCE // 2**20} MB are read)"
        )
    with _opened(file) as stream:
        content = stream.read(SOURCE)
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):  # as some editors on Windows save it
        return content.decode("utf-16", errors="replace")
    return content.decode(_declared(content), errors="replace")


def copy(file: Path, target: Path) -> None:
    """Copy a regular file. Raises Unusable, also when it has grown since it was looked at; OSError of the target."""
    size = look(file).st_size
    target.parent.mkdir(parents=True, exist_ok=True)
    with _opened(file) as stream, target.open("xb") as new:
        while size > 0 and (part := stream.read(min(size, 2**20))):
            size -= new.write(part)


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


def _declared(content: bytes) -> str:
    """The encoding that the file declares, as Python reads it; UTF-8 where it declares none that is for texts."""
    try:
        name, _ = tokenize.detect_encoding(io.BytesIO(content[:1000]).readline)
    except (SyntaxError, UnicodeDecodeError):
        return "utf-8-sig"
    return name if _ENCODING.match(name) else "utf-8-sig"
