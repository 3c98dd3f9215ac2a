"""Ground: an engine at one level, the host around it, and the rule that every attack is held to."""

import re
import socket
import tempfile
import time
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path

from grader.engine import Engine, Submitted

from .attack import MARK, Attack
from .course import COURSE, POINTS, TOY, lay_right_files, notebook
from .host import Host, Peak

SECRET = "secret-token"
PRELOAD = ("numpy", "pandas", "polars", "pyarrow")  # where workers are forked: else each imports them itself
MESSAGE = 2100  # characters: 2 kB and the cut
QUOTED = "Your code raised"
BLAME = re.compile(r"the grader|GraderBroken|Internal", re.I)
UNPRINTABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\u2028\u2029\ud800-\udfff]")


class Ground:
    """Where attacks are graded, one after the other."""

    def __init__(self, name: str, folders: Path):
        """`folders` is where what people hand in lies."""
        self.name, self._folders = name, folders
        self.host = Host(Path(tempfile.gettempdir()))
        self._listeners = _listen()
        self.known = {
            "port": self._listeners[0].getsockname()[1],
            "abstract": self._listeners[1].getsockname(),
            "checks": str(TOY / "checks"),
            "temporary": tempfile.gettempdir(),
            "secret": SECRET,
            "mark": MARK,
        }
        self._open()

    def _open(self) -> None:
        level = "sandbox" if self.name == "sandbox" else "process"
        if self.name == "spawned":
            self.engine = Engine(COURSE, level, forks=False)
        else:
            self.engine = Engine(replace(COURSE, preload=PRELOAD), level)
        assert self.grade(notebook(), None, lay_right_files)["score"] == POINTS
        time.sleep(0.5)  # until a spare worker is ready
        self.host.remember()

    def grade(self, source: str | list[str], tasks: list[str] | None, files: Callable | None = None) -> dict:
        with tempfile.TemporaryDirectory(dir=self._folders) as folder:
            if files:
                files(Path(folder))
            submitted = Submitted(source, files=Path(folder) if files else None)
            result = self.engine.grade(submitted, name="mine.py", tasks=tasks)
        assert result["isolation"] == ("sandbox" if self.name == "sandbox" else "process")
        return result

    def complaints(self, attack: Attack) -> list[str]:
        """Grade an attack; return every way in which it was not held."""
        if attack.before:
            self.grade(attack.before(self.known), [attack.task])
        start = time.monotonic()
        stated = attack.memory or attack.trusted or attack.processes
        with self.host.watched() if stated else nullcontext(Peak()) as peak:
            result = self.grade(attack.source(self.known), [attack.task, "echo"], attack.files)
        seconds = time.monotonic() - start
        undeserved = self._judged(attack, *result["tasks"])
        used = [
            f"{what} {had:.0f} of {may}"
            for what, had, may in (
                ("MB taken:", peak.memory, attack.memory),
                ("MB of the trusted side:", peak.trusted, attack.trusted),
                ("processes:", peak.processes, attack.processes),
                ("seconds:", seconds, attack.seconds),
            )
            if may and had > may
        ]
        after = self._next()  # grades with a service in any case, perhaps with a new one
        if harm := self.host.harm():  # for which the next attack is not to blame
            self.engine.close()
            self.host.clear()
            self._open()
        found = undeserved + used + harm
        if self.name not in attack.open:
            return found + after
        return after if found else [f"is held here, although the table says: {attack.open[self.name]}"]

    def _judged(self, attack: Attack, task: dict, neighbour: dict) -> list[str]:
        messages = [check["message"] for check in task["checks"]]
        text = "\n".join(messages)
        found = []
        if task["verdict"] not in attack.verdict.split() or task["score"] != attack.score:
            found.append(f"{task['verdict']} with {task['score']:g} points: {text[:300]!r}")
        if attack.says not in text:
            found.append(f"does not say {attack.says!r}: {text[:300]!r}")
        ours = [
            message.partition(QUOTED)[0] for message in messages
        ]  # what follows are the submission's words
        if BLAME.search("\n".join(ours)):
            found.append(f"blames the grader: {text[:300]!r}")
        if max(map(len, messages), default=0) > MESSAGE:
            found.append(f"a message of {max(map(len, messages)):,} characters")
        if odd := UNPRINTABLE.search(text):
            found.append(f"{odd.group()!r} in a message")
        if neighbour["score"] != attack.neighbour:
            what = neighbour["checks"][0]["message"][:300] if neighbour["checks"] else ""
            found.append(
                f"the task beside it: {neighbour['verdict']}, {neighbour['score']:g} points: {what!r}"
            )
        return found

    def _next(self) -> list[str]:
        (task,) = self.grade(notebook(), ["sum"])["tasks"]
        if (task["verdict"], task["score"]) == ("passed", 10):
            return []
        return [f"the next submission: {task['verdict']}: {task['checks'][0]['message'][:300]!r}"]

    def close(self) -> None:
        self.engine.close()
        for listener in self._listeners:
            listener.close()


def _listen() -> list[socket.socket]:
    """What an attack may try to reach: a port, and a socket without a file."""
    port = socket.create_server(("127.0.0.1", 0))
    abstract = socket.socket(socket.AF_UNIX)
    abstract.bind("")  # the kernel chooses a name
    abstract.listen()
    return [port, abstract]
