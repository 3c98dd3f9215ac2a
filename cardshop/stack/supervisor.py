"""Keeps the components running: starts them, starts again what died, and ends them all when it is told to.

One process a stack, which `cardshop up` leaves behind. While it lives it holds a lock on a file of the stack's folder;
the system takes the lock from a process that dies, so there is no such thing as a stale lock.
"""

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

import psutil

from cardshop.stack.components import Component, components, environment, log_file, prometheus_configuration
from cardshop.stack.releases import Releases
from cardshop.stack.settings import Settings

TICK = 0.1  # seconds between two looks
PATIENCE = 10.0  # seconds that components have to end by themselves
LONGEST_WAIT = 30.0  # seconds before a component is started again
STEADY = 30.0  # seconds after which a component counts as healthy again
MOST_LOG = 20_000_000  # bytes; a log that is larger when its component starts is put aside


class AlreadyRuns(RuntimeError):
    """Another supervisor holds the lock of this folder."""


class Child:
    """A component and its process."""

    def __init__(self, component: Component, settings: Settings):
        self.component, self._log = component, log_file(settings, component.name)
        self.restarts, self._due, self._started = -1, 0.0, 0.0
        self.process: subprocess.Popen | None = None

    def become(self, component: Component) -> None:
        """Be another component, such as the next release: the process that runs ends, `tend` starts the new one."""
        self.end()
        self.component, self.restarts, self._due = component, -1, 0.0

    def end(self) -> None:
        if self.process is not None:
            end([self.process.pid])
            self.process.wait()
            print(f"{self.component.name} was ended", flush=True)
        self.process = None

    def tend(self, now: float) -> bool:
        """Start the process if it does not run and its time has come; true if it was started."""
        if self.process is not None:
            if self.process.poll() is None:
                return False
            print(f"{self.component.name} ended with {self.process.returncode}", flush=True)
            end_group(self.process.pid, signal.SIGKILL)  # workers that outlived it
            if now - self._started > STEADY:
                self.restarts = 0
            self._due = now + min(0.5 * 2 ** max(self.restarts, 0), LONGEST_WAIT)
            self.process = None
        if now < self._due:
            return False
        self._started, self.restarts = now, self.restarts + 1
        with suppress(FileNotFoundError):
            if self._log.stat().st_size > MOST_LOG:
                self._log.replace(self._log.with_suffix(".old.log"))
        with self._log.open("ab") as log:
            self.process = subprocess.Popen(
                self.component.command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=environment(self.component),
                start_new_session=True,
            )
        print(f"{self.component.name} started as {self.process.pid}", flush=True)
        return True


def supervise(settings: Settings) -> None:
    """Run the stack until SIGTERM or SIGINT. Raises AlreadyRuns."""
    held = lock(settings.folder)
    stopped = False

    def stop(*_: object) -> None:
        nonlocal stopped
        stopped = True

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    Releases(settings.releases).begin()
    children: dict[str, Child] = {}
    configured = ""
    while not stopped:
        changed = _follow(settings, children)
        if (wanted := prometheus_configuration(settings)) != configured:
            (settings.folder / "prometheus.yml").write_text(configured := wanted, encoding="utf-8")
            _reload(children.get("prometheus"))
        if any([_tended(child) for child in children.values()]) or changed:
            _note(settings, list(children.values()))
        time.sleep(TICK)
    end([child.process.pid for child in children.values() if child.process])
    (settings.folder / "processes.json").unlink(missing_ok=True)
    held.close()


def lock(folder: Path) -> BinaryIO:
    """Take the lock of a stack's folder; it is held while the file is open. Raises AlreadyRuns."""
    import fcntl  # not on Windows, where `operations.start` refuses

    folder.mkdir(parents=True, exist_ok=True)
    file = (folder / "lock").open("ab")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        raise AlreadyRuns(str(folder)) from None
    return file


def processes(folder: Path) -> dict[str, dict]:
    """What the supervisor has written down: for each name its `pid`, `created`, and how often it was started again."""
    try:
        return json.loads((folder / "processes.json").read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return {}


def is_same(noted: dict) -> bool:
    """Whether the process that was noted still runs, and its number has not gone to another."""
    try:
        return abs(psutil.Process(noted["pid"]).create_time() - noted["created"]) < 1
    except (psutil.Error, KeyError, TypeError):
        return False


def end(pids: list[int]) -> None:
    """End these processes with everything that they started: first politely, then not."""
    for pid in pids:
        end_group(pid, signal.SIGTERM)
    _, left = psutil.wait_procs([p for pid in pids if (p := _process(pid))], timeout=PATIENCE)
    for pid in pids:  # the leaders may be gone and their workers not
        end_group(pid, signal.SIGKILL)
    psutil.wait_procs(left, timeout=PATIENCE)


def end_group(pid: int, how: signal.Signals) -> None:
    """Send a signal to a process that leads a group, and to the group."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, how)


def _follow(settings: Settings, children: dict[str, Child]) -> bool:
    """Let the children be what is to run now, such as another release; true if one was ended."""
    try:
        wanted = {component.name: component for component in components(settings)}
    except (OSError, ValueError) as error:  # a release that was edited by hand: what runs goes on
        print(error, flush=True)
        time.sleep(1)
        return False
    changed = False
    for name in children.keys() - wanted.keys():
        children.pop(name).end()
        changed = True
    for name, component in wanted.items():
        if name not in children:
            children[name] = Child(component, settings)
        elif children[name].component != component:
            children[name].become(component)
            changed = True
    return changed


def _reload(prometheus: Child | None) -> None:
    """Let Prometheus read its configuration again, if it runs."""
    if prometheus and prometheus.process and prometheus.process.poll() is None:
        prometheus.process.send_signal(signal.SIGHUP)


def _tended(child: Child) -> bool:
    try:
        return child.tend(time.monotonic())
    except OSError as error:  # a full disk, no process left: the others go on
        print(f"{child.component.name} could not be started: {error}", flush=True)
        time.sleep(1)
        return False


def _note(settings: Settings, children: list[Child]) -> None:
    own = psutil.Process()
    noted = {"supervisor": {"pid": own.pid, "created": own.create_time(), "restarts": 0}}
    for child in children:
        if child.process and (process := _process(child.process.pid)):
            noted[child.component.name] = {
                "pid": process.pid,
                "created": process.create_time(),
                "restarts": child.restarts,
            }
    file = settings.folder / "processes.json"
    fresh = file.with_suffix(".new")
    with suppress(OSError):
        fresh.write_text(json.dumps(noted), encoding="utf-8")
        fresh.replace(file)


def _process(pid: int) -> psutil.Process | None:
    try:
        return psutil.Process(pid)
    except psutil.NoSuchProcess:
        return None


if __name__ == "__main__":
    supervise(Settings.read(Path(sys.argv[1])))
