"""What the engine is given: the tasks of one notebook, what they need, and what a learner hands in."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Literal, TypeVar

from .inside import programs

ARTIFACTS = 50 * 2**20
"""Bytes that the files of a submission may have together."""

RESERVED = frozenset(
    {
        *("again", "artifact", "asgi", "begin", "call_on_files", "close", "cold", "file", "files", "folder"),
        *("last", "losses", "make", "read", "read_made", "renew", "replay", "running", "shipped", "text"),
    }
)
"""What Submission calls its own: no function of a notebook can be graded under such a name."""

T = TypeVar("T")
Answer = Literal["function", "file", "artifact", "text"]
Profile = Literal["minimal", "service"]


@dataclass(frozen=True)
class Budget:
    """Seconds for one call, for the cells that a function needs, and for a task; threads that it may use.

    `memory` are the gigabytes of a worker and its children together.
    """

    call: float
    first: float
    total: float
    threads: int = 1
    memory: float = 3


LIVE = Budget(call=3, first=8, total=12)
FULL = Budget(call=10, first=15, total=90)


@dataclass(frozen=True)
class Task:
    """One graded answer.

    `entry` names it: a function, a text file or an artifact of the submission's folder, or a cell whose text
    people judge (`answer` says which). `review` are the points that people award, for the cell `judged`.
    `hides` are the modules that workers of this task cannot import; the profile `service` is for what needs `/proc`.
    `programs` have to be on the path; each comes with the words how to install it.
    """

    id: str
    title: str
    entry: str
    points: float
    needs: tuple[str, ...] = ()
    review: float = 0
    answer: Answer = "function"
    judged: str = ""
    hides: tuple[str, ...] = ()
    profile: Profile = "minimal"
    live: Budget = LIVE
    full: Budget = FULL
    programs: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Earlier:
    """A task of another notebook, as `mine(id)` finds it: in the submission's notebook, or the public version.

    `shipped` is the text of the definition that was handed out, `public` a "module:name" that workers can import.
    """

    id: str
    entry: str
    notebook: str
    shipped: str = ""
    public: str = ""


@dataclass(frozen=True)
class Environment:
    """Where workers run, and how to install what is missing there.

    `python` is the interpreter of an environment of its own; None means the one that grades. `distributions`
    have to be installed in the latter. `install` is the command that installs what is missing.
    """

    name: str = ""
    python: Path | None = None
    distributions: tuple[str, ...] = ()
    install: str = ""

    def missing(self) -> str | None:
        """Return a sentence on what is not installed and how to install it; None when nothing is missing."""
        if self.python is not None:
            if self.python.exists():
                return None
            return f"This needs the environment `{self.name}`, which is not installed. Run: {self.install}"
        absent = [name for name in self.distributions if not _installed(name)]
        if not absent:
            return None
        return f"This needs {', '.join(absent)}, which is not installed. Run: {self.install}"


def missing_program(tasks: Iterable[Task]) -> str | None:
    """Return a sentence on a program that tasks need and that is not there; None when they have all of them."""
    for task in tasks:
        for program, how in task.programs:
            if programs.find(program) is None:
                return f"{task.id} needs the program {program}, which is not installed. Install it: {how}"
    return None


def _installed(distribution: str) -> bool:
    try:
        version(distribution)
    except PackageNotFoundError:
        return False
    return True


@dataclass(frozen=True)
class Assignment:
    """One notebook's tasks.

    `checks` is the folder of their pytest files, `shipped` the text of the notebook as a learner gets it and
    `files` the text files that come with it, `packages` the folders that workers may import, `hidden` the
    paths below their parents that are left out of them, `preload` the modules that are imported before any
    submission is looked at, `earlier` the tasks of other notebooks that this one may build on.
    """

    name: str
    tasks: tuple[Task, ...]
    checks: Path
    shipped: str
    packages: tuple[Path, ...] = ()
    hidden: tuple[str, ...] = ()
    preload: tuple[str, ...] = ()
    environment: Environment = Environment()
    files: dict[str, str] = field(default_factory=dict)
    earlier: tuple[Earlier, ...] = ()

    def task(self, task_id: str) -> Task:
        """Return the task with this id; KeyError when there is none."""
        for task in self.tasks:
            if task.id == task_id:
                return task
        raise KeyError(f"{self.name} has no task {task_id}")


@dataclass(frozen=True)
class Submitted:
    """What a learner hands in.

    `notebook` is the text of the graded notebook or the codes of its cells; `others` are the texts of the
    submission's other notebooks by the name of their assignment; `files` is a folder with more files, or regular
    files by the names that they have for the notebook; `contents` are texts by their path that lie in no file yet.
    The engine copies them (see `files.snapshot`) and fills in the rest: all texts, and what is wrong with the files.
    """

    notebook: str | list[str]
    others: dict[str, str] = field(default_factory=dict)
    files: Path | dict[str, Path] | None = None
    contents: dict[str, str | None] = field(default_factory=dict)
    problem: str = ""

    @classmethod
    def of(cls, given: "str | list[str] | Submitted") -> "Submitted":
        """Return a submission of a notebook alone, or the submission itself."""
        return given if isinstance(given, Submitted) else cls(given)


def to_data(value: Assignment | Submitted) -> dict:
    """Return what JSON can carry of an assignment or a submission; `from_data` reads it."""
    from pydantic import TypeAdapter

    return TypeAdapter(type(value)).dump_python(value, mode="json")


def from_data(kind: type[T], data: dict) -> T:
    """Return the assignment or submission that `to_data` has written."""
    from pydantic import TypeAdapter

    return TypeAdapter(kind).validate_python(data)
