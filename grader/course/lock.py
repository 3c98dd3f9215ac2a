"""One process at a time: a lock that ends with its block, or with the process that holds it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None
    import msvcrt


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold the lock of this file, which is made where there is none; wait while others hold it. Raises OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("ab") as file:
        if fcntl:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield  # closing the file unlocks it
            return
        file.seek(0)
        msvcrt.locking(file.fileno(), msvcrt.LK_LOCK, 1)  # gives up after ten seconds
        try:
            yield
        finally:
            file.seek(0)
            msvcrt.locking(file.fileno(), msvcrt.LK_UNLCK, 1)
