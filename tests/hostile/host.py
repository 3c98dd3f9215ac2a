"""The machine around an engine: what lies in its folders, which processes it has, what they take."""

import ctypes
import os
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

from .attack import MARK

SETTLE = 5  # seconds that the engine has to tidy up, on a busy machine too
KEPT = 150  # MB that may be held more than before: caches of libraries
PLACES = ("/tmp", "/var/tmp", "/dev/shm", "~")
_SUBREAPER = 36
MB = 2**20


def adopt_orphans() -> None:
    """Become the parent of what a dead process leaves behind, to find it."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_SUBREAPER, 1, 0, 0, 0)


@dataclass
class Peak:
    """The most that was seen at once, above what there was at rest: MB of all and of trusted processes."""

    memory: float = 0
    trusted: float = 0
    processes: int = 0


class Host:
    """What must be after an attack as it was before. `temporary` is the folder that the engine works in."""

    def __init__(self, temporary: Path):
        adopt_orphans()
        self._temporary, self._mine = temporary, psutil.Process()
        self._others = {process.pid for process in self._mine.children()}
        self.service: psutil.Process | None = None

    def remember(self) -> None:
        """Take the present state of the engine, which has graded something, for the state at rest."""
        (self.service,) = [one for one in self._mine.children() if self._is_service(one)]
        assert list(self._temporary.glob("dojo-*")), "the engine works elsewhere"
        self._processes = len(self._tree())
        self._files = self._count_files()
        self._view = self._view_state()
        self._memory = self._private()
        self._resident = self._sizes()
        self._descriptors = self.service.num_fds()
        self._ipc, self._marked = _ipc(), _marked()

    def harm(self) -> list[str]:
        """What is different from the state at rest and does not become as it was."""
        if not self.service.is_running() or self.service.status() == psutil.STATUS_ZOMBIE:
            return ["the service was lost"]
        until = time.monotonic() + SETTLE
        while (found := self._harm()) and time.monotonic() < until:
            time.sleep(0.02)
        return found

    def clear(self) -> None:
        """End what still runs of a closed engine, and remove what bears the mark of an attack."""
        for process in self._orphans():
            with suppress(psutil.Error):
                process.kill()
        for path in _marked_files():
            path.unlink(missing_ok=True)

    def _harm(self) -> list[str]:
        found = []
        if (extra := len(self._tree()) - self._processes) > 0:
            found.append(f"{extra} processes stay below the service")
        if orphans := self._orphans():
            found.append(f"{len(orphans)} processes have run away")
        if (files := self._count_files() - self._files) > 0:
            found.append(f"{files} files stay in the temporary folder")
        if self._view_state() != self._view:
            found.append("what workers import was changed")
        if left := _marked() - self._marked:
            found.append(f"left behind: {', '.join(left)}")
        if (kept := self._private() - self._memory) > KEPT:
            found.append(f"{kept:.0f} MB of memory are kept")
        if (open_files := self.service.num_fds() - self._descriptors) > 2:
            found.append(f"{open_files} descriptors stay open in the service")
        if (segments := _ipc() - self._ipc) > 0:
            found.append(f"{segments} System V objects stay")
        return found

    @contextmanager
    def watched(self) -> Iterator[Peak]:
        """Look at memory and processes again and again, with a tenth of a processor at most."""
        peak, over = Peak(), threading.Event()

        def look() -> None:
            pause = 0.03
            while not over.wait(pause):
                start = time.thread_time()
                tree = [*self._tree(), *self._orphans()]
                memory, trusted = self._sizes(tree)
                peak.memory = max(peak.memory, memory - self._resident[0])
                peak.trusted = max(peak.trusted, trusted - self._resident[1])
                peak.processes = max(peak.processes, len(tree) - self._processes)
                pause = max(0.03, 9 * (time.thread_time() - start))

        thread = threading.Thread(target=look)
        thread.start()
        try:
            yield peak
        finally:
            over.set()
            thread.join()

    def _is_service(self, process: psutil.Process) -> bool:
        with suppress(psutil.Error):
            return process.pid not in self._others and "grader.engine.service" in process.cmdline()
        return False

    def _tree(self) -> list[psutil.Process]:
        with suppress(psutil.Error):
            return [self.service, *self.service.children(recursive=True)]
        return []

    def _orphans(self) -> list[psutil.Process]:
        found = []
        for process in self._mine.children():
            if process.pid in self._others or process.pid == self.service.pid:
                continue
            with suppress(psutil.Error):
                if process.status() == psutil.STATUS_ZOMBIE:
                    with suppress(OSError):
                        os.waitpid(process.pid, os.WNOHANG)
                else:
                    found += [process, *process.children(recursive=True)]
        return found

    def _sizes(self, tree: list[psutil.Process] | None = None) -> tuple[float, float]:
        """MB of all processes and of the trusted ones; a shared page counts once."""
        everything = trusted = 0.0
        for process in tree or self._tree():
            with suppress(psutil.Error, OSError):
                size = _proportional(process.pid)
                everything += size
                if not any("dojo_worker" in part for part in process.cmdline()):
                    trusted += size
        return everything, trusted

    def _private(self) -> float:
        total = 0.0
        for process in self._tree():
            with suppress(psutil.Error):
                memory = process.memory_info()
                total += (memory.rss - memory.shared) / MB
        return total

    def _count_files(self) -> int:
        walk = os.walk(self._temporary)  # unlike rglob, it bears that folders are being removed
        return sum(
            len(folders) + len(names) for place, folders, names in walk if "view" not in Path(place).parts
        )

    def _view_state(self) -> list[tuple]:
        return sorted(
            (str(path), path.lstat().st_mtime_ns, path.lstat().st_size)
            for path in self._temporary.glob("dojo-*/view/**/*")
            if path.is_file()
        )


def _proportional(pid: int) -> float:
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) / 1024
    return 0.0


def _marked() -> set[str]:
    """What bears the mark of an attack, in the places where anybody may write and in the kernel's keyrings."""
    found = {str(path) for path in _marked_files()}
    keys = Path("/proc/keys")
    if keys.exists():
        found |= {line.split()[0] for line in keys.read_text().splitlines() if MARK in line}
    return found


def _marked_files() -> list[Path]:
    return [path for place in PLACES for path in Path(place).expanduser().glob(f"*{MARK}*")]


def _ipc() -> int:
    tables = [Path("/proc/sysvipc") / name for name in ("shm", "msg", "sem")]
    return sum(len(table.read_text().splitlines()) for table in tables if table.exists())
