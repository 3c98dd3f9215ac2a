"""The course as `course.toml` states it: units, tasks, points, hints. Everything else derives from here."""

import tomllib
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

if TYPE_CHECKING:
    from grader import engine

ROOT = Path(__file__).resolve().parents[2]
"""The folder of the course."""


class ManifestError(ValueError):
    """`course.toml` cannot be used; the text says what is wrong and where."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Minutes(_Strict):
    """How long the parts of a unit take."""

    lesson: int
    exercises: int
    checkpoint: int


class Criterion(_Strict):
    """One line of a rubric: `levels` describe what earns none, half and all of the points."""

    criterion: str
    points: float
    levels: tuple[str, ...] = Field(min_length=3)


class Design(_Strict):
    """The design card of a task."""

    goal: str
    out_of_scope: str
    minutes: int


class Task(_Strict):
    """One graded function. `review` are the points of the part that a human judges by the rubric."""

    id: str
    title: str
    entry: str
    points: Annotated[float, Field(gt=0)]
    needs: tuple[str, ...] = ()
    hints: tuple[str, ...] = Field(min_length=3)
    design: Design
    public: str = ""  # "module:name" of cardshop's version, which stands in for a learner who has none
    review: float = 0
    rubric: tuple[Criterion, ...] = ()

    @model_validator(mode="after")
    def _rubric_adds_up(self) -> Self:
        if sum(line.points for line in self.rubric) != self.review:
            raise ValueError(f"the rubric of {self.id} does not add up to its {self.review:g} review points")
        return self


class Assignment(_Strict):
    """What is graded with one notebook: the exercises of a unit, or its checkpoint."""

    name: str
    title: str
    tasks: tuple[Task, ...]
    solution: Path
    exercise: Path

    @property
    def checks(self) -> Path:
        return ROOT / "checks" / self.name

    @property
    def points(self) -> float:
        return sum(task.points for task in self.tasks)

    def shipped(self) -> str:
        """The notebook as a learner gets it: built from the solution, whatever has become of the file."""
        from grader.authoring.build import build

        return build(self.solution.read_text(encoding="utf-8"), {task.entry: task.id for task in self.tasks})

    def engine(self) -> "engine.Assignment":
        """This assignment as the engine takes it."""
        from grader.engine import Assignment, Task
        from grader.engine.assignment import LIBRARIES

        tasks = tuple(
            Task(task.id, task.title, task.entry, task.points, task.needs, task.review) for task in self.tasks
        )
        return Assignment(
            self.name,
            tasks,
            self.checks,
            self.shipped(),
            packages=(ROOT / "cardshop", ROOT / "datasets"),
            hidden=("cardshop/world/truth",),
            preload=(*LIBRARIES, "cardshop.world", "cardshop.quality", "cardshop.contracts"),
        )


class Checkpoint(_Strict):
    """The assessment at the end of a unit, in a notebook of its own."""

    id: str
    title: str
    minutes: int
    tasks: tuple[Task, ...]


class Unit(_Strict):
    """A module or a lab."""

    name: Annotated[str, Field(pattern=r"^\d\d_[a-z_]+$")]
    title: str
    question: str
    lesson: str
    minutes: Minutes
    prerequisites: tuple[str, ...] = ()
    objectives: tuple[str, ...]
    pass_mark: Annotated[float, Field(gt=0, le=1)]
    tasks: tuple[Task, ...]
    checkpoint: Checkpoint

    @property
    def assignments(self) -> tuple[Assignment, Assignment]:
        """The exercises and the checkpoint."""
        file = f"{self.name}.py"
        return (
            Assignment(
                name=self.name,
                title=self.title,
                tasks=self.tasks,
                solution=ROOT / "solutions" / file,
                exercise=ROOT / "exercises" / file,
            ),
            Assignment(
                name=self.checkpoint.id,
                title=self.checkpoint.title,
                tasks=self.checkpoint.tasks,
                solution=ROOT / "solutions" / "checkpoints" / file,
                exercise=ROOT / "assessments" / "checkpoints" / file,
            ),
        )


class Course(_Strict):
    """All of it."""

    title: str
    units: tuple[Unit, ...]

    @model_validator(mode="after")
    def _ids_are_unique_and_needs_exist(self) -> Self:
        known: set[str] = set()
        for unit in self.units:
            for assignment in unit.assignments:
                for task in assignment.tasks:
                    if task.id in known:
                        raise ValueError(f"two tasks are called {task.id}")
                    own = {other.id for other in assignment.tasks}
                    if strange := [need for need in task.needs if need not in own or need == task.id]:
                        raise ValueError(
                            f"{task.id} needs {strange[0]}, which is no other task of {assignment.name}"
                        )
                    known.add(task.id)
        names = [unit.name for unit in self.units]
        for unit in self.units:
            if missing := [name for name in unit.prerequisites if name not in names]:
                raise ValueError(f"{unit.name} has the prerequisite {missing[0]}, which is no unit")
        return self

    @property
    def assignments(self) -> tuple[Assignment, ...]:
        return tuple(assignment for unit in self.units for assignment in unit.assignments)

    def assignment(self, name: str) -> Assignment:
        """Return the assignment of this name (`01_data_engineering`, `CP-1`); KeyError when there is none."""
        for found in self.assignments:
            if found.name == name:
                return found
        raise KeyError(name)


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
