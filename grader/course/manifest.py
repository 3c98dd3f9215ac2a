"""The course as `course.toml` states it: units, tasks, points, hints. Everything else derives from here."""

import keyword
import re
import tomllib
from collections.abc import Iterator
from functools import cache, cached_property
from graphlib import CycleError, TopologicalSorter
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from grader.engine.assignment import FULL, LIVE, RESERVED, Answer, Profile

if TYPE_CHECKING:
    from grader import engine

ROOT = Path(__file__).resolve().parents[2]
"""The folder of the course."""
PLACES = {
    "module": ("exercises", "solutions"),
    "lab": ("exercises", "solutions"),
    "exam": ("assessments/exams", "solutions/exams"),
    "capstone": ("assessments/capstone", "solutions/capstone"),
    "incident": ("assessments/incidents", "solutions/incidents"),
    "checkpoint": ("assessments/checkpoints", "solutions/checkpoints"),
}
"""Where the notebooks of each kind lie: as handed out, and solved."""
HIDDEN = ("cardshop/world/truth",)
"""What no worker of any task may see."""
PACKAGES = ("cardshop", "datasets")

Kind = Literal["module", "lab", "exam", "capstone", "incident"]
Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9][\w.-]*(/[A-Za-z0-9][\w.-]*)*$")]
Positive = Annotated[float, Field(gt=0)]
Programs = Annotated[
    tuple[tuple[str, str], ...],
    BeforeValidator(lambda table: tuple(table.items()) if isinstance(table, dict) else table),
]
"""A table of TOML, as pairs: what is frozen has to be hashable."""


class ManifestError(ValueError):
    """`course.toml` cannot be used; the text says what is wrong and where."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Minutes(_Strict):
    """How long the lesson and the exercises of a unit take."""

    lesson: int = 0
    exercises: int = 0


class Criterion(_Strict):
    """One line of a rubric: `levels` describe what earns none, half and all of the points."""

    criterion: str
    points: float
    levels: tuple[str, ...] = Field(min_length=3)


class Design(_Strict):
    """The design card of a task. `goal` completes what its card says after a pass: "You can now …"."""

    goal: str
    out_of_scope: str
    minutes: int


class Budget(_Strict):
    """Seconds for one call, for loading what it needs, and for all calls of a task; threads; gigabytes.

    What is not stated is the engine's.
    """

    call: Positive | None = None
    first: Positive | None = None
    total: Positive | None = None
    threads: Annotated[int, Field(ge=1, le=16)] | None = None
    memory: Annotated[float, Field(gt=0, le=16)] | None = None

    def over(self, usual: "engine.Budget") -> "engine.Budget":
        """Return the engine's usual budget with what is stated here instead."""
        from dataclasses import replace

        return replace(usual, **self.model_dump(exclude_none=True))


class Competition(_Strict):
    """A contest on one task, in so many held-out `worlds`.

    `bar` is the accuracy to reach, `wins` in how many worlds a new entry has to be better than the last one of the
    same person.
    """

    task: str
    worlds: Annotated[int, Field(ge=2)]
    bar: Annotated[float, Field(gt=0, le=1)]
    wins: int

    @model_validator(mode="after")
    def _wins_are_possible(self) -> Self:
        if not 0 < self.wins <= self.worlds:
            raise ValueError(
                f"the competition on {self.task} has {self.worlds} worlds but asks for {self.wins} wins"
            )
        return self


class Task(_Strict):
    """One graded answer.

    `entry` names it: a function, a file of the submission, or a cell (`answer` says which). `review` are the
    points that people award by the rubric, for the text of the cell `judged`; `review = { cell = …, rubric = … }`
    states all three. `hides` are modules of cardshop that workers of this task cannot import; the profile
    `service` is for libraries that read `/proc`. `budget` holds for full runs, `live` for the notebook.
    `programs` have to be on the path: their names, and for each how it is installed.
    """

    id: str
    title: str
    entry: str
    points: Annotated[float, Field(ge=0)]
    answer: Answer = "function"
    needs: tuple[str, ...] = ()
    hints: tuple[str, ...] = Field(min_length=3)
    design: Design
    public: str = ""  # "module:name" of cardshop's version, which stands in for a learner who has none
    hides: tuple[str, ...] = ()
    profile: Profile = "minimal"
    budget: Budget = Budget()
    live: Budget = Budget()
    review: float = 0
    judged: str = ""
    rubric: tuple[Criterion, ...] = ()
    programs: Programs = ()

    @model_validator(mode="before")
    @classmethod
    def _review_in_one_table(cls, given: Any) -> Any:
        if not isinstance(given, dict) or not isinstance(given.get("review"), dict):
            return given
        table = dict(given["review"])
        cell, rubric = table.pop("cell", ""), table.pop("rubric", [])
        if table or not cell or not rubric:
            raise ValueError("a review names its cell and its rubric: review = { cell = …, rubric = [ … ] }")
        points = sum(line.get("points", 0) for line in rubric if isinstance(line, dict))
        return {**given, "review": points, "judged": cell, "rubric": rubric}

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        if sum(line.points for line in self.rubric) != self.review:
            raise ValueError(f"the rubric of {self.id} does not add up to its {self.review:g} review points")
        if not self.points and not self.review:
            raise ValueError(f"{self.id} has no points")
        if not self.points and self.answer != "text":
            raise ValueError(
                f"{self.id} has no points for its {self.answer}; only a text is judged by people alone"
            )
        if self.answer == "text" and not self.review:
            raise ValueError(f"{self.id} asks for a text, so it needs a review with a rubric")
        if problem := _entry_problem(self):
            raise ValueError(f"{self.id}: the entry `{self.entry}` {problem}")
        if strange := next((name for name in self.hides if not _can_be_hidden(name)), None):
            raise ValueError(f"{self.id} hides {strange}, which is not a module of {' or '.join(PACKAGES)}")
        for budget, usual in ((self.budget, FULL), (self.live, LIVE)):
            whole = budget.over(usual)
            if whole.call > whole.total:
                raise ValueError(
                    f"{self.id} allows {whole.call:g} s for a call but {whole.total:g} s for all of them"
                )
        return self

    def for_engine(self) -> "engine.Task":
        """This task as the engine takes it."""
        from grader.engine import Task

        return Task(
            self.id,
            self.title,
            self.entry,
            self.points,
            self.needs,
            self.review,
            self.answer,
            self.judged,
            self.hides,
            self.profile,
            self.live.over(LIVE),
            self.budget.over(FULL),
            self.programs,
        )


def _entry_problem(task: Task) -> str:
    """Why the entry of a task cannot be what it should be; nothing when it can."""
    name = task.entry
    if task.answer in ("function", "text"):
        if not name.isidentifier() or keyword.iskeyword(name):
            return "is not a name in Python"
        if name.startswith("_"):
            return "is private to its cell; take the underscore away"
        if task.answer == "function" and name in RESERVED:
            return "is a method of Submission, so a check could not call it; rename the function"
        return ""
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or str(path) != name or "\\" in name:
        return "is not a path inside the submission (`alerts.yaml`, `artifacts/model.joblib`)"
    return ""


class Part(_Strict):
    """What is graded with one notebook, as the manifest states it.

    `uses` are modules that workers import before they see a submission, besides those that the notebook
    imports; `extra` is an extra of pyproject.toml that it takes, `environment` a folder of `environments/` with
    the lock of an environment of its own; `files` are text files that are handed out beside the notebook.
    """

    id: Name
    title: str
    minutes: int
    tasks: tuple[Task, ...] = Field(min_length=1)
    uses: tuple[str, ...] = ()
    extra: str = ""
    environment: str = ""
    files: tuple[str, ...] = ()
    competition: Competition | None = None

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        if self.extra and self.environment:
            raise ValueError(
                f"{self.id} has both an extra and an environment; the environment contains everything"
            )
        entries = [task.entry for task in self.tasks if task.answer != "text"]
        if twice := _twice(entries):
            raise ValueError(f"two tasks of {self.id} have the entry `{twice}`")
        if self.competition and self.competition.task not in {task.id for task in self.tasks}:
            raise ValueError(
                f"the competition of {self.id} is on {self.competition.task}, which is not a task of it"
            )
        return self


class Assignment(Part):
    """A part of a unit with the places of its notebooks. `label` is what a page calls it."""

    label: str
    kind: str
    solution: Path
    exercise: Path

    @property
    def name(self) -> str:
        """The name by which commands, checks and results know it (`01_data_engineering`, `CP-1`)."""
        return self.id

    @property
    def checks(self) -> Path:
        return ROOT / "checks" / self.name

    @property
    def folder(self) -> Path:
        """Where a learner's files lie, beside the notebook: what is handed out, and `artifacts/`."""
        return self.exercise.with_suffix("")

    @property
    def points(self) -> float:
        return sum(task.points for task in self.tasks)

    def shipped(self) -> str:
        """The notebook as a learner gets it: built from the solution, whatever has become of the file."""
        from grader.authoring.build import build

        from .mark import write_mark

        tasks = {task.entry: task.id for task in self.tasks}
        return write_mark(build(self.solution.read_text(encoding="utf-8"), tasks), self.name)

    @property
    def file_names(self) -> tuple[str, ...]:
        """The text files that are handed out beside the notebook."""
        return tuple(
            dict.fromkeys([*self.files, *(task.entry for task in self.tasks if task.answer == "file")])
        )

    def files_of(self, task: Task) -> tuple[str, ...]:
        """The text files that answer a task: its entry, and those of `files` in the same folder."""
        folder = PurePosixPath(task.entry).parent
        return (
            task.entry,
            *(name for name in self.files if folder.name and PurePosixPath(name).parent == folder),
        )

    def shipped_files(self) -> dict[str, str]:
        """The text files as a learner gets them, by name; built from those beside the solution."""
        from grader.authoring.build import build_file

        beside = self.solution.with_suffix("")
        return {name: build_file((beside / name).read_text(encoding="utf-8")) for name in self.file_names}

    def needed_environment(self) -> "engine.Environment":
        """Where its workers run; `missing()` of it says what has to be installed, and how."""
        from .environments import extra, own

        return own(self.environment) if self.environment else extra(self.extra)

    def missing(self) -> str | None:
        """Return a sentence on what one of its tasks needs and is not installed; None when nothing is missing."""
        from grader.engine.assignment import missing_program

        return self.needed_environment().missing() or missing_program(self.tasks)

    def engine(self) -> "engine.Assignment":
        """This assignment as the engine takes it."""
        from grader.engine import Assignment

        from .preload import modules

        shipped = self.shipped()
        hidden = {name for task in self.tasks for name in task.hides}
        return Assignment(
            self.name,
            tuple(task.for_engine() for task in self.tasks),
            self.checks,
            shipped,
            packages=tuple(ROOT / package for package in PACKAGES),
            hidden=HIDDEN,
            preload=modules(shipped, self.uses, hidden),
            environment=self.needed_environment(),
            files=self.shipped_files(),
            earlier=tuple(_built_on(self)),
        )


def earlier(assignment: Assignment, task: Task) -> "engine.Earlier":
    """Return a task as a later notebook takes it with `mine`."""
    import ast

    from grader.engine import Earlier
    from grader.engine.inside.notebook import Notebook

    definition = Notebook.parse(assignment.shipped()).definition(task.entry)
    shipped = ast.unparse(definition) if definition is not None else ""
    return Earlier(task.id, task.entry, assignment.name, shipped, task.public)


def _built_on(assignment: Assignment) -> "Iterator[engine.Earlier]":
    """The tasks of other notebooks that this one needs, or takes with `mine`."""
    wanted = {need for task in assignment.tasks for need in task.needs}
    wanted |= set(
        re.findall(r"""\bmine\(["']([\w.-]+)["']\)""", assignment.solution.read_text(encoding="utf-8"))
    )
    for name, (other, task) in tasks().items():
        if name in wanted and other.name != assignment.name:
            yield earlier(other, task)


class Unit(_Strict):
    """A module, a lab, an exam, the capstone or an incident.

    A module or lab has exercises (its `tasks`) and mostly a checkpoint; everything else has any number of
    `parts`. `number` (the name up to its first underscore) begins the keys of its cards.
    """

    name: Name
    kind: Kind = "module"
    title: str
    question: str
    lesson: str = ""
    minutes: Minutes = Minutes()
    prerequisites: tuple[str, ...] = ()
    objectives: tuple[str, ...] = ()
    pass_mark: Annotated[float, Field(gt=0, le=1)]
    tasks: tuple[Task, ...] = ()
    uses: tuple[str, ...] = ()
    extra: str = ""
    environment: str = ""
    files: tuple[str, ...] = ()
    checkpoint: Part | None = None
    parts: tuple[Part, ...] = ()

    @model_validator(mode="after")
    def _has_something_to_grade(self) -> Self:
        if not self.assignments:
            raise ValueError(f"{self.name} has nothing to grade: give it tasks, a checkpoint or parts")
        return self

    @property
    def number(self) -> str:
        """`01` of `01_data_engineering`, `L03` of `labs/L03_feature_store`."""
        return self.name.rpartition("/")[2].partition("_")[0]

    def owns(self, key: str) -> bool:
        """Whether a card's key in the history belongs to this unit."""
        return key.startswith((f"{self.name}/", f"{self.number}-"))

    @cached_property
    def assignments(self) -> tuple[Assignment, ...]:
        """What is graded, in the order in which it is worked through."""
        found = []
        if self.tasks:
            own = {
                field: getattr(self, field)
                for field in ("title", "tasks", "uses", "extra", "environment", "files")
            }
            exercises = Part(id=self.name, minutes=self.minutes.exercises, **own)
            found.append(self._assignment(exercises, "Exercises", self.kind, self.name))
        if self.checkpoint:
            found.append(self._assignment(self.checkpoint, "Checkpoint", "checkpoint", self.name))
        found += [self._assignment(part, part.title, self.kind, part.id) for part in self.parts]
        return tuple(found)

    def _assignment(self, part: Part, label: str, kind: str, file: str) -> Assignment:
        handed_out, solved = PLACES[kind]
        return Assignment(
            **{name: getattr(part, name) for name in Part.model_fields},
            label=label,
            kind=kind,
            solution=ROOT / solved / f"{file}.py",
            exercise=ROOT / handed_out / f"{file}.py",
        )


class Course(_Strict):
    """All of it."""

    title: str
    units: tuple[Unit, ...]

    @model_validator(mode="after")
    def _names_are_unique(self) -> Self:
        kinds = {
            "units": [unit.name for unit in self.units],
            "units (by number)": [unit.number for unit in self.units],
            "assignments": [assignment.name for assignment in self.assignments],
            "notebooks": [
                assignment.exercise.stem for assignment in self.assignments if assignment.kind != "checkpoint"
            ],
            "tasks": [task.id for assignment in self.assignments for task in assignment.tasks],
        }
        for kind, names in kinds.items():
            if name := _twice(names):
                raise ValueError(f"two {kind} are called {name}")
        return self

    @model_validator(mode="after")
    def _needs_and_prerequisites_can_be_met(self) -> Self:
        every = {task.id: task for assignment in self.assignments for task in assignment.tasks}
        for task in every.values():
            if strange := [need for need in task.needs if need not in every or need == task.id]:
                raise ValueError(f"{task.id} needs {strange[0]}, which is not another task of the course")
            for need in task.needs:
                home = every[need].public.partition(":")[0]
                if hidden := [name for name in task.hides if _is_inside(home, name)]:
                    raise ValueError(f"{task.id} hides {hidden[0]}, where the public version of {need} lies")
        try:
            TopologicalSorter({task.id: task.needs for task in every.values()}).prepare()
        except CycleError as error:
            raise ValueError(f"these tasks need one another: {', '.join(error.args[1])}") from None
        before: set[str] = set()
        for unit in self.units:
            if missing := [name for name in unit.prerequisites if name not in before]:
                raise ValueError(
                    f"{unit.name} has the prerequisite {missing[0]}, which is not an earlier unit"
                )
            before.add(unit.name)
        return self

    @cached_property
    def assignments(self) -> tuple[Assignment, ...]:
        return tuple(assignment for unit in self.units for assignment in unit.assignments)

    def assignment(self, name: str) -> Assignment:
        """Return the assignment of this name (`01_data_engineering`, `CP-1`); KeyError when there is none."""
        for assignment in self.assignments:
            if assignment.name == name:
                return assignment
        raise KeyError(name)

    def unit_of(self, key: str) -> Unit | None:
        """Return the unit that a card's key in the history belongs to."""
        return next((unit for unit in self.units if unit.owns(key)), None)


def _twice(names: list[str]) -> str | None:
    return next((name for place, name in enumerate(names) if name in names[:place]), None)


def _can_be_hidden(module: str) -> bool:
    place = ROOT / module.replace(".", "/")
    return module.partition(".")[0] in PACKAGES and (place.is_dir() or place.with_suffix(".py").is_file())


def _is_inside(module: str, package: str) -> bool:
    return f"{module}.".startswith(f"{package}.")


@cache
def course() -> Course:
    """Return the course. Raises ManifestError."""
    return read((ROOT / "course.toml").read_text(encoding="utf-8"))


def read(text: str) -> Course:
    """Return the course that a manifest describes. Raises ManifestError with a sentence for every fault."""
    try:
        given = tomllib.loads(text)
        return Course.model_validate({**given.pop("course", {}), **given})
    except tomllib.TOMLDecodeError as error:
        raise ManifestError(f"course.toml cannot be read: {error}") from None
    except ValidationError as error:
        faults = [
            f"{'.'.join(map(str, fault['loc'])) or 'course'}: {fault['msg']}" for fault in error.errors()
        ]
        raise ManifestError("course.toml: " + "; ".join(faults)) from None


def tasks() -> dict[str, tuple[Assignment, Task]]:
    """Return every task of the course by its id, with the assignment that it belongs to."""
    return {task.id: (assignment, task) for assignment in assignments() for task in assignment.tasks}


def assignments() -> tuple[Assignment, ...]:
    """Return every assignment of the course, in its order."""
    return course().assignments
