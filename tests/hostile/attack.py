"""Attacks: what a submission tries, and what must become of it. A family is a table of them."""

import ast
import inspect
import os
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from grader.authoring.rotation import turn

from .course import COURSE, notebook

T = TypeVar("T")
GROUNDS = ("sandbox", "process", "spawned")
"""The three ways to run a submission: both levels with fork, and the level `process` without fork."""
ECHO = 5  # points of the neighbour: a task that no attack is about
MARK = f"hostile-mark-{os.getpid()}"  # in the name of whatever an attack leaves behind; grounds share the machine
READS_DISK = "it reads the disk"
SAME_USER = "it runs as the same user"
NETWORK = "it reaches the network"
LEAVES = "where nobody forks, a child that leaves its group stays"
NO_AMOUNT = "it limits one process, not all of them together"
OPEN = {
    READS_DISK: "the checks, their expected answers and the truth of a world can be read",
    SAME_USER: "it can write the files of that user, look into the user's processes and end them",
    NETWORK: "a submission can ask other machines, and other processes of this one",
    LEAVES: "a child that leaves its process group runs on after its worker",
    NO_AMOUNT: "many processes together can fill memory and disk until the task's time is up",
}
"""What the level `process` cannot prevent, and what follows: the same sentences as in the documentation."""


def at_process(reason: str) -> dict[str, str]:
    """The level `process` cannot hold this, with or without fork."""
    return {"process": reason, "spawned": reason}


@dataclass(frozen=True)
class Attack:
    """One submission and what it deserves.

    `source(host)` is its notebook, given what an attacker may know of the host; `files(folder)` lays the files
    beside it; `before` is a submission that is
    graded ahead of it and leaves something for it. `task` must end with `verdict` (one of several, where the
    machine decides which), `score` points and the text `says` in a message; `neighbour` are the points of the same
    notebook's right answer to another task. `open` names the grounds where the attack succeeds, and why.
    `memory` and `trusted` are the MB that all processes, and the trusted ones, may take meanwhile above
    what they have at rest; `processes` how many there may be; `seconds` how long grading may take.
    `slow`: it costs seconds of a processor, or most of a limit of time, and waits for DOJO_ATTACKS=all.
    """

    name: str
    source: Callable[[Mapping], str | list[str]] = lambda host: notebook()
    verdict: str = "error"
    says: str = ""
    files: Callable[[Path], None] | None = None
    task: str = "sum"
    score: float = 0
    neighbour: float = ECHO
    before: Callable[[Mapping], str] | None = None
    open: Mapping[str, str] = field(default_factory=dict)
    grounds: tuple[str, ...] = GROUNDS
    memory: int = 0
    trusted: int = 0
    processes: int = 0
    seconds: float = 20
    slow: bool = False


class Family(list[Attack]):
    """The attacks of one kind. Their functions are never called here: workers get their text."""

    def __init__(self, name: str, **defaults: object):
        super().__init__()
        self.name, self._defaults = name, defaults

    def __call__(
        self, verdict: str, says: str = "", *, use: Iterable[Callable] = (), before: Callable = None, **more
    ) -> Callable:
        """Declare the decorated function to be an attack; `use` are the functions that it calls."""

        def declare(function: Callable) -> Callable:
            modules = dict.fromkeys(part.__module__ for part in (function, *use))
            setup = "\n".join(_imports(sys.modules[module]) for module in modules)
            options = self._defaults | more
            entry = COURSE.task(options.get("task", "sum")).entry
            helpers = "".join(f"@app.function\n{_text(helper)}\n\n" for helper in use)

            def source(answer: Callable) -> Callable[[Mapping], str]:
                return lambda host: notebook(
                    f"{setup}\nHOST = {dict(host)!r}", helpers, **{entry: _text(answer, entry)}
                )

            self.append(
                Attack(
                    f"{self.name}: {function.__name__.replace('_', ' ')}",
                    source(function),
                    verdict,
                    says,
                    before=source(before) if before else None,
                    **options,
                )
            )
            return function

        return declare

    def files(self, verdict: str, says: str = "", **more: object) -> Callable:
        """Declare the decorated function, which lays files into a folder, to be an attack."""

        def declare(function: Callable) -> Callable:
            name = f"{self.name}: {function.__name__.replace('_', ' ')}"
            options = self._defaults | more
            self.append(Attack(name, verdict=verdict, says=says, files=function, **options))
            return function

        return declare

    def text(
        self, name: str, source: str | list[str] | Callable, verdict: str, says: str = "", **more
    ) -> None:
        """Declare the text of a notebook, or the codes of its cells, to be an attack."""
        given = source if callable(source) else lambda host: source
        options = self._defaults | more
        self.append(Attack(f"{self.name}: {name}", given, verdict, says, **options))


def due(things: Sequence[T], many: int) -> list[T]:
    """Return those that the usual run tries, with each commit the next ones; with DOJO_ATTACKS=all, all of them."""
    return list(things) if os.environ.get("DOJO_ATTACKS") == "all" else turn(things, many)


def probing(family: Family, **more: object) -> Callable:
    """An attack that answers rightly and raises what it has found: full marks if it has found nothing."""
    return family("passed", score=10, **more)


def _text(function: Callable, name: str = "") -> str:
    node = ast.parse(inspect.getsource(function)).body[0]
    node.decorator_list = []
    node.name = name or node.name
    return ast.unparse(node)


def _imports(module: object) -> str:
    """What the family's module imports, but for the suite itself: its functions need it."""
    nodes = ast.parse(inspect.getsource(module)).body
    return "\n".join(
        ast.unparse(node)
        for node in nodes
        if isinstance(node, ast.Import) or (isinstance(node, ast.ImportFrom) and not node.level)
    )
