"""What the commands do to a stack: start it, look at it, stop it."""

import socket
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack, closing, suppress
from pathlib import Path

import httpx
import psutil

from cardshop.rollout.state import State
from cardshop.stack import storage, supervisor
from cardshop.stack.components import Component, components, log_file
from cardshop.stack.releases import Releases
from cardshop.stack.settings import Settings
from cardshop.stack.supervisor import AlreadyRuns

PATIENCE = 120.0  # seconds until everything has to be ready, on a slow and busy machine
GIVEN_UP = 3  # restarts of a component before it has been ready once
STATUS = ("service", "mlflow", "monitor", "prometheus")


class StackError(RuntimeError):
    """The stack cannot do what was asked; the message says why, and what to do."""


def runs(folder: Path) -> bool:
    """Whether a supervisor lives in this folder. Raises StackError on a system that cannot have one."""
    if sys.platform == "win32":
        raise StackError(
            "The stack runs on Linux and macOS. On Windows, use the Linux that `wsl --install` brings."
        )
    try:
        supervisor.lock(folder).close()
    except AlreadyRuns:
        return True
    return False


def launch(settings: Settings, say: Callable[[str], None], seed: int = 0) -> None:
    """Start the stack and return when it is ready; where there is no model yet, train one. Raises StackError.

    The first model learns from the catalogue of the world `seed`; `say` is told what is waited for.
    """
    require_storage(settings)
    _first_model(settings, say, seed)
    supervising = start(settings)
    try:
        wait(settings, lambda state: say(f"Waiting for {', '.join(unready(state))}"))
    except (KeyboardInterrupt, SystemExit):  # it may be too young to have written down who it is
        supervising.terminate()
        supervising.wait()
        raise


def require_storage(settings: Settings) -> None:
    """Return if runs and models can be kept where the settings say. Raises StackError."""
    if trouble := storage.trouble(settings):
        raise StackError(trouble)


def start(settings: Settings) -> subprocess.Popen:
    """Start the supervisor, after what an earlier one has left was ended; return its process. Raises StackError."""
    _end_leftovers(settings.folder)
    for component in filter(lambda one: one.health, _components(settings)):
        _require_free(component.name, settings.host, getattr(settings, f"{component.name}_port"))
    try:
        settings.write()
        settings.logs.mkdir(parents=True, exist_ok=True)
        log = log_file(settings, "supervisor").open("ab")
    except OSError as error:
        raise StackError(f"The stack's folder {settings.folder} cannot be written: {error}.") from None
    with log:
        return subprocess.Popen(
            [sys.executable, "-m", "cardshop.stack.supervisor", str(settings.folder)],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )


def wait(settings: Settings, changed: Callable[[dict], None] = lambda state: None) -> None:
    """Return when everything is ready; `changed` gets each new status. Raises StackError."""
    end, seen = time.monotonic() + PATIENCE, None
    while True:
        state = status(settings)
        if state != seen:
            changed(seen := state)
        waiting = unready(state)
        if not waiting:
            return
        failing = [
            name
            for name, one in supervisor.processes(settings.folder).items()
            if name in waiting and one["restarts"] >= GIVEN_UP
        ]
        if failing or time.monotonic() > end:
            name = (failing or waiting)[0]
            raise StackError(
                f"{name} does not get ready. The end of its log:\n{tail(settings, name, 10)}\n"
                f"`cardshop logs {name}` has more; `cardshop down` stops the rest."
            )
        time.sleep(0.2)


def status(settings: Settings) -> dict[str, dict | None]:
    """For each component its `url` and whether it is `ready`; None for what is not installed here."""
    there = {component.name: component for component in _components(settings)}
    alive = runs(settings.folder)
    return {
        name: {
            "url": settings.url(name),
            "ready": alive and _answers(settings.url(name) + there[name].health),
        }
        if name in there
        else None
        for name in STATUS
    }


def run_release(settings: Settings, number: int, by: str) -> None:
    """Let a release of the service run, and return when it answers. Raises StackError.

    A release that does not get ready is taken back, and the error has the end of its log.
    """
    releases, before = Releases(settings.releases), Releases(settings.releases).current()
    old, begun = supervisor.processes(settings.folder).get("service"), _size(log_file(settings, "service"))
    releases.choose(number)
    end = time.monotonic() + PATIENCE
    while True:
        now = supervisor.processes(settings.folder).get("service")
        if now and (old is None or now["pid"] != old["pid"]):
            if now["restarts"] == 0 and _answers(settings.url("service") + "/ready"):
                break
            if now["restarts"] > 0 or time.monotonic() > end:
                releases.choose(before)
                while not _answers(settings.url("service") + "/ready") and time.monotonic() < end + PATIENCE:
                    time.sleep(0.2)
                said = tail(settings, "service", 12, begun)
                raise StackError(
                    f"Release {number} does not get ready, and release {before} runs again. The end of its log:\n{said}"
                )
        if not runs(settings.folder):
            raise StackError(
                f"The stack was stopped meanwhile; release {number} runs from the next start on."
            )
        time.sleep(0.2)
    State(settings.rollout).note("release", f"Release {number} runs in place of release {before}.", by)


def unready(state: dict[str, dict | None]) -> list[str]:
    """The components of a status that are not ready yet."""
    return [name for name, one in state.items() if one is not None and not one["ready"]]


def stop(folder: Path) -> bool:
    """Stop the stack and everything of it; false where nothing ran. Raises StackError."""
    noted = supervisor.processes(folder).get("supervisor")
    if not runs(folder):
        return _end_leftovers(folder)
    if noted is None or not supervisor.is_same(noted):
        raise StackError(
            f"Something holds {folder / 'lock'} and is not a stack that was started by `cardshop up`."
        )
    process = psutil.Process(noted["pid"])
    process.terminate()
    try:
        process.wait(2 * supervisor.PATIENCE + 5)
    except psutil.TimeoutExpired:
        process.kill()
        process.wait(supervisor.PATIENCE)
        _end_leftovers(folder)
    return True


def tail(settings: Settings, name: str, lines: int, start: int = 0) -> str:
    """The end of a component's log from byte `start` on, at most 64 KB. Raises StackError where there is no log."""
    file = log_file(settings, name)
    try:
        with file.open("rb") as log:
            log.seek(max(start, file.stat().st_size - 65_536))
            return "\n".join(log.read().decode(errors="replace").splitlines()[-lines:])
    except FileNotFoundError:
        known = sorted(one.stem for one in settings.logs.glob("*.log")) if settings.logs.exists() else []
        there = f"there are logs of {', '.join(known)}" if known else "the stack has not been started here"
        raise StackError(f"There is no log of {name}: {there}.") from None


def free_ports(number: int) -> list[int]:
    """Return ports of this machine that nobody listens on; held together, so that they differ."""
    with ExitStack() as held:
        probes = [held.enter_context(closing(socket.socket())) for _ in range(number)]
        for probe in probes:
            probe.bind((Settings.model_fields["host"].default, 0))
        return [probe.getsockname()[1] for probe in probes]


def _components(settings: Settings) -> list[Component]:
    try:
        return components(settings)
    except (OSError, ValueError) as error:
        raise StackError(f"The release that is to run cannot be read: {error}") from None


def _first_model(settings: Settings, say: Callable[[str], None], seed: int) -> None:
    if (settings.folder / "first_model").exists():
        return
    from cardshop.training import job  # imports mlflow, which takes seconds
    from cardshop.training.registry import Registry

    settings.folder.mkdir(parents=True, exist_ok=True)
    registry = Registry(settings.store, settings.models, settings.artifact_root)
    outcome = job.train(registry, seed, say=lambda step: say(f"The first model: {step.lower()}"))
    if failed := [gate for gate in outcome.gates if not gate.passed]:
        raise StackError(
            f"The first model may not serve. {failed[0].sentence} `cardshop train` shows every gate."
        )
    State(settings.rollout).note(
        "first model",
        f"Version {outcome.version.version} was trained on the catalogue and passed all {len(outcome.gates)} gates. "
        f"{outcome.gates[0].sentence}",
        "cardshop up",
    )
    (settings.folder / "first_model").write_text(outcome.version.version, encoding="utf-8")


def _end_leftovers(folder: Path) -> bool:
    """End what a supervisor that was killed has left behind; true if there was anything."""
    left = [one["pid"] for name, one in supervisor.processes(folder).items() if supervisor.is_same(one)]
    supervisor.end(left)
    (folder / "processes.json").unlink(missing_ok=True)
    return bool(left)


def _size(file: Path) -> int:
    return file.stat().st_size if file.exists() else 0


def _require_free(name: str, host: str, port: int) -> None:
    with closing(socket.socket()) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            raise StackError(
                f"Port {port}, where {name} would listen, is in use{_by(port)}: stop that program, or choose another "
                f"port with --{name}-port."
            ) from None


def _by(port: int) -> str:
    with suppress(psutil.Error):  # on macOS only root may ask
        for one in psutil.net_connections("tcp"):
            if one.laddr and one.laddr.port == port and one.status == psutil.CONN_LISTEN and one.pid:
                return f" by {psutil.Process(one.pid).name()} (process {one.pid})"
    return ""


def _answers(url: str) -> bool:
    try:
        return httpx.get(url, timeout=2, trust_env=False).status_code == 200
    except httpx.HTTPError:
        return False
