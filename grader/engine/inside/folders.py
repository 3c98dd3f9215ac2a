"""Folders that must not outlive their owners, and one that must not change."""

import os
import shutil
import stat
import subprocess
import tempfile
import time
from contextlib import suppress
from pathlib import Path

try:
    import fcntl
except ImportError:  # Windows: what a killed process leaves behind stays
    fcntl = None

YOUNG = 60  # seconds in which a folder may not be locked yet


class Temporary:
    """A folder in the temporary directory. Those of owners who are gone are removed when one is made."""

    def __init__(self, prefix: str):
        self._lock: int | None = None
        for place in Path(tempfile.gettempdir()).glob(f"{prefix}*"):
            with suppress(OSError):
                _sweep(place)
        self.path = Path(tempfile.mkdtemp(prefix=prefix))
        self.path.chmod(0o755)
        if fcntl is not None:
            self._lock = os.open(self.path, os.O_RDONLY)
            fcntl.flock(self._lock, fcntl.LOCK_SH)  # until the last process that has it ends

    def close(self) -> None:
        """Remove the folder."""
        remove(self.path)
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None


def _sweep(place: Path) -> None:
    """Remove a folder whose owner is gone."""
    found = place.lstat()
    ours = stat.S_ISDIR(found.st_mode) and fcntl is not None and found.st_uid == os.geteuid()
    if not ours or time.time() - found.st_mtime < YOUNG:
        return
    lock = os.open(place, os.O_RDONLY | os.O_NOFOLLOW)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        remove(place)
    finally:
        os.close(lock)


def remove(folder: Path) -> None:
    """Remove a folder, whatever a submission has put there; what cannot be removed stays."""
    if os.name != "posix":
        shutil.rmtree(folder, ignore_errors=True)
    else:
        removal(folder).wait()


def removal(folder: Path) -> subprocess.Popen:
    """Start to remove a folder: of any depth, and of any mode (POSIX)."""
    script = 'chmod -R u+rwX "$1"; exec rm -rf "$1"'
    silent = subprocess.DEVNULL
    return subprocess.Popen(
        ["/bin/sh", "-c", script, "sh", str(folder)], stdin=silent, stdout=silent, stderr=silent
    )


class Original:
    """What a folder held at first, to put it back where a submission could have changed it."""

    def __init__(self, folder: Path):
        self._folder = folder
        self._files = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
        self._remember()

    def _remember(self) -> None:
        folders = {parent for path in self._files for parent in path.parents if parent >= self._folder}
        self._states = {path: _state(path) for path in (*self._files, *folders)}

    def restore(self) -> None:
        """Put everything back if anything has changed. Raises OSError."""
        if all(_state(path) == state for path, state in self._states.items()):
            return
        parent = self._folder.parent
        parent.chmod(0o755)
        if os.path.lexists(self._folder):
            self._folder.rename(
                parent / f"changed-{time.monotonic_ns()}"
            )  # quick, and whatever its modes are
        for path, content in self._files.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        self._remember()


def _state(path: Path) -> tuple[int, ...] | None:
    """What changes with a file, and with the list of a folder's files. Nobody can set the time of a change."""
    try:
        found = os.lstat(path)
    except OSError:
        return None
    return found.st_ino, found.st_mode, found.st_size, found.st_mtime_ns, found.st_ctime_ns
