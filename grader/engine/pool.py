"""Starting workers of one isolation level, and keeping a few ready."""

import json
import select
import socket
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

from .inside import folders, kernel, sandbox, spawned
from .view import environment, make_view, places_of
from .worker import INTERPRETER_START, Child, Gone, GraderBroken, Ordered, Worker, send

LEVELS = ("sandbox", "process")
AHEAD = {
    True: 1,
    False: 2,
}  # workers kept ready: where they are forked, where each is an interpreter of its own


class IsolationUnavailable(Exception):
    """The requested isolation level is not available on this machine; the text says what to do."""


@dataclass(frozen=True)
class _Order:
    """What a worker is to be like. Those that are kept ready are of the default kind."""

    mounts: dict[str, str] = field(default_factory=dict)
    limits: dict[str, int] = field(default_factory=dict)
    profile: str = "minimal"
    threads: int = 1
    without: tuple[str, ...] = ()


class WorkerPool:
    """Starts workers of one isolation level that may import `packages`.

    On Linux a process of its own, the zygote, has imported the libraries and forks them; elsewhere, or with
    `forks=False`, each is started as an interpreter. `level` is the level in use; `weaker_because` says why it is not
    the best of this platform, and `slower_because` why workers are not forked; both are empty otherwise. `root` is a
    folder to build sandboxes on, and `visible` are the folders that they show.
    """

    def __init__(
        self,
        level: str | None,
        packages: tuple[Path, ...],
        hidden: tuple[str, ...],
        preload: tuple[str, ...],
        forks: bool | None = None,
        python: Path | None = None,
    ):
        """`level` None means the best that is available; `python` is the interpreter of an environment of its own.

        Raises IsolationUnavailable.
        """
        self.level = self.weaker_because = self.slower_because = ""
        self.forks = sys.platform == "linux" if forks is None else forks
        self._place = folders.Temporary("dojo-pool-")
        self._view, self.root = self._place.path / "view", self._place.path / "root"
        self._preload = list(preload)
        self._numbers = count()
        self._spares: list[Worker] = []
        self._zygote: subprocess.Popen | None = None
        self._control: socket.socket | None = None
        self._controls: dict[tuple, socket.socket] = {}  # of zygotes in other environments
        self._attached = False
        try:
            self.root.mkdir()
            make_view(self._view, packages, hidden)
            self._original = None if self.forks else folders.Original(self._view)
            self._python = str(python or sys.executable)
            prefixes, sites = places_of(self._python)
            self._path = [str(self._view), *sites]
            shown = [*prefixes, *sites, str(self._view)]
            self.visible = list(dict.fromkeys([*shown, *(str(Path(p).resolve()) for p in shown)]))
            self._choose(level)
        except BaseException:
            self.close()
            raise

    def _choose(self, wanted: str | None) -> None:
        if wanted == "sandbox" and not self.forks:
            raise IsolationUnavailable("Isolation level `sandbox` needs Linux; ask for --isolation process.")
        reasons: list[str] = []
        for level in [wanted] if wanted else LEVELS if self.forks else LEVELS[1:]:
            try:
                self._try(level)
            except OSError as error:
                reasons.append(str(error))
                continue
            if reasons:
                self.weaker_because = (
                    f"{_unavailable('sandbox', reasons[0])} Level `{level}` is used instead."
                )
            return
        raise IsolationUnavailable(_unavailable(wanted or "process", reasons[-1]))

    def _try(self, level: str) -> None:
        self.level = level
        if level == "process":
            kernel.hide_process()  # it knows the checks, and their inputs
        if self.forks:
            self._start_zygote()
        else:
            self.prepare()  # and find out when one is needed

    # --- the zygote

    def _start_zygote(self) -> None:
        """Start the process that starts workers. Raises OSError when the level is not available."""
        answer = self._launch_zygote([] if self.slower_because else self._preload)
        if "threads" in answer:
            self.slower_because = (
                f"{answer['threads']}; a process with such threads must not be forked from. Each worker is therefore "
                "started as an interpreter of its own, which takes seconds. Use the library inside a function instead."
            )
            print(self.slower_because, file=sys.stderr)
            answer = self._launch_zygote([])
        if "error" in answer:
            raise OSError(answer["error"])

    def _launch_zygote(self, preload: list[str]) -> dict:
        self._end_zygote()
        self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self._zygote = subprocess.Popen(
                spawned.command(
                    self._python,
                    self._path,
                    "zygote",
                    control=theirs.fileno(),
                    level=self.level,
                    path=self._path,
                    preload=preload,
                    root=str(self.root),
                    visible=self.visible,
                ),
                env=environment(self.root, {}),
                cwd=self.root,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
                start_new_session=True,
            )
        self._control.settimeout(INTERPRETER_START)
        with suppress(OSError):
            if message := self._control.recv(65536):
                return json.loads(message)
        raise GraderBroken("the process that workers are forked from did not start")

    def _end_zygote(self) -> None:
        for control in self._controls.values():
            control.close()
        self._controls = {}
        if self._control is not None:
            self._control.close()
            self._control = None
        if self._zygote is not None:
            try:
                self._zygote.wait(5)
            except subprocess.TimeoutExpired:
                self._zygote.kill()
                self._zygote.wait()
            self._zygote = None

    def _replace_zygote(self) -> None:
        """Start the zygote once more if it is gone. Raises GraderBroken in a referee, which cannot."""
        if self._zygote is None and self._attached:
            raise GraderBroken("the process that workers are forked from is gone")
        if self._zygote is not None and select.select([self._control], [], [], 0)[0]:  # it has hung up
            self._zygote.kill()
            try:
                self._start_zygote()
            except OSError as error:
                raise GraderBroken(
                    f"the process that workers are forked from did not start: {error}"
                ) from None

    def new_control(self, env: Mapping[str, str] | None = None) -> socket.socket:
        """Return one more socket for orders, to a zygote with these environment variables if they are given.

        A referee has one of its own (see `attach`). When it is closed, the workers ordered on it end.
        """
        for last in (False, True):
            ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
            with theirs:
                try:
                    send(self._control, {"op": "control", "env": dict(env or {})}, theirs)
                    return ours
                except Gone:
                    ours.close()
                    if last:
                        raise GraderBroken(
                            "the process that workers are forked from does not stay alive"
                        ) from None
            self._replace_zygote()
        raise AssertionError

    def attach(self, control: socket.socket) -> None:
        """In a referee: give all orders on `control` from now on. The zygote cannot be started again from here."""
        control.settimeout(INTERPRETER_START)
        self._control, self._zygote, self._spares, self._attached = control, None, [], True
        self._controls = {}

    def _control_for(self, env: Mapping[str, str]) -> socket.socket:
        """The socket for orders to the zygote of an environment."""
        key = tuple(sorted(env.items()))
        if key in self._controls and select.select([self._controls[key]], [], [], 0)[0]:  # it has hung up
            self._controls.pop(key).close()
        if key not in self._controls:
            self._controls[key] = self.new_control(env)
            self._controls[key].settimeout(INTERPRETER_START)
        return self._controls[key]

    def new_place(self) -> Path | None:
        """Return a new place for the private folder of a process; None in the sandbox: it disappears with it."""
        return Path(tempfile.mkdtemp(dir=self.root)) if self.level == "process" else None

    # --- workers

    def prepare(self) -> None:
        """Order workers of the default kind ahead. What hinders that is reported when one is asked for."""
        with suppress(OSError, Gone):
            while len(self._spares) < AHEAD[self._forked]:
                self._spares.append(self._warm(_Order()))

    def warm(
        self,
        mounts: Mapping[str, Path] | None = None,
        limits: Mapping[str, int] | None = None,
        profile: str = "minimal",
        threads: int = 1,
        without: tuple[str, ...] = (),
    ) -> Worker:
        """Return a worker that has imported its libraries.

        `mounts` are folders that it may read, by their path in its working directory; everybody must be allowed to
        read them. `limits` are fields of `sandbox.Limits` that differ. Profile `service` is for what needs `/proc`.
        `without` are modules that it cannot import.
        Raises OSError when the worker cannot be isolated, GraderBroken when there is none.
        """
        order = _Order(
            {name: str(place) for name, place in (mounts or {}).items()},
            dict(limits or {}),
            profile,
            threads,
            without,
        )
        while self._spares and order == _Order():
            with suppress(EOFError):
                return self._spares.pop(0).welcome()
        return self._started(lambda: self._warm(order))

    def cold(
        self,
        env: Mapping[str, str],
        mounts: Mapping[str, Path] | None = None,
        limits: Mapping[str, int] | None = None,
        profile: str = "minimal",
        threads: int = 1,
        without: tuple[str, ...] = (),
    ) -> Worker:
        """Return a worker whose interpreter was started with these environment variables.

        In the sandbox it is forked from one that has imported the libraries since; else nothing is imported.
        """
        order = _Order(
            {name: str(place) for name, place in (mounts or {}).items()},
            dict(limits or {}),
            profile,
            threads,
            without,
        )
        if self._forked and self.level == "sandbox":  # elsewhere a worker could spoil what is imported later
            return self._started(lambda: self._fork(order, self._control_for(env)))
        return self._started(lambda: self._spawn(order, env, []))

    def _started(self, start: Any) -> Worker:
        for last in (False, True):
            try:
                return start().welcome()
            except (EOFError, Gone):
                if last:
                    raise GraderBroken("workers do not stay alive until they are ready") from None
            self._replace_zygote()
        raise AssertionError

    @property
    def _forked(self) -> bool:
        return self.forks and not self.slower_because

    def _warm(self, order: _Order) -> Worker:
        if self._forked:
            return self._fork(order, self._control)
        return self._spawn(order, {}, self._preload)

    def _fork(self, order: _Order, control: socket.socket) -> Worker:
        return self._ordered({"op": "fork", **asdict(order)}, control)

    def _spawn(self, order: _Order, env: Mapping[str, str], preload: list[str]) -> Worker:
        if self.forks:
            given = {"env": dict(env), "preload": preload}
            return self._ordered({"op": "spawn", **given, **asdict(order)}, self._control)
        self._original.restore()
        place = self.new_place()  # there is no sandbox without fork
        ours, theirs = socket.socketpair()
        with theirs:
            process = spawned.start(
                self._python,
                self._path,
                theirs,
                environment(self.root, {**sandbox.threads(order.threads), **env}),
                level=self.level,
                preload=preload,
                order=asdict(order),
                root=str(place),
                visible=self.visible,
            )
        return Worker(ours, Child(process, place))

    def _ordered(self, order: dict, control: socket.socket) -> Worker:
        ours, theirs = socket.socketpair()
        number = next(self._numbers)
        try:
            with theirs:
                send(control, {**order, "worker": number}, theirs)
        except Gone:
            ours.close()
            raise
        return Worker(ours, Ordered(control, number))

    def close(self) -> None:
        """End every worker and remove the folder that they saw."""
        while self._spares:
            self._spares.pop().close()
        self._end_zygote()
        if not self._attached:
            self._place.close()


def _unavailable(level: str, reason: str) -> str:
    return (
        f"Isolation level `{level}` is not available on this machine ({reason}). To allow it, enable unprivileged user "
        "namespaces (sysctl kernel.unprivileged_userns_clone=1, or start the container with --security-opt "
        "seccomp=unconfined), or ask for --isolation process."
    )
