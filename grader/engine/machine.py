"""What the graders of one user share on a machine: a folder, and a lock so that nothing runs beside a measurement."""

import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path
from typing import IO

try:
    import fcntl
except ImportError:  # Windows: nothing to lock with that would not need polling
    fcntl = None

TURN = 60  # seconds that a check waits for a measurement elsewhere
ALONE = 120  # seconds that a measurement waits for other graders


def folder() -> Path:
    """Return the cache folder of this user; it may not exist, and it may not be possible to make it."""
    if sys.platform == "win32":
        home = os.environ.get("LOCALAPPDATA")
    else:
        home = os.environ.get("XDG_CACHE_HOME")
    return (Path(home) if home else Path.home() / ".cache") / "dojo"


class Lock:
    """One holder of the lock. Where locks are not available, it locks nothing."""

    def __init__(self) -> None:
        self._file: IO | None = None
        if fcntl is not None:
            with suppress(OSError, RuntimeError):
                folder().mkdir(parents=True, exist_ok=True)
                self._file = (folder() / "lock").open("a")

    def fileno(self) -> int | None:
        return None if self._file is None else self._file.fileno()

    @contextmanager
    def shared(self) -> Iterator[Callable]:
        """Share the machine with other graders; `alone()` waits until nobody else runs, and keeps them out."""
        if self._file is None:
            yield nullcontext
            return
        _take(self._file, fcntl.LOCK_SH, TURN)

        @contextmanager
        def alone() -> Iterator[None]:
            _take(self._file, fcntl.LOCK_EX, ALONE)
            try:
                yield
            finally:
                _take(self._file, fcntl.LOCK_SH, TURN)

        try:
            yield alone
        finally:
            fcntl.flock(self._file, fcntl.LOCK_UN)

    def close(self) -> None:
        if self._file is not None:
            self._file.close()


def _take(lock: IO, kind: int, seconds: int) -> None:
    """Wait for a lock, and go on without it after that time: who holds it may be stopped."""
    before = signal.signal(signal.SIGALRM, _late)
    with suppress(TimeoutError):
        signal.alarm(seconds)
        try:
            fcntl.flock(lock, kind)
        finally:
            signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


def _late(*_: object) -> None:
    raise TimeoutError
