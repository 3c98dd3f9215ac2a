"""What the engine is given to grade with: the tasks of one notebook and where their checks lie."""

from dataclasses import dataclass
from pathlib import Path

LIBRARIES = (
    "numpy",
    "pandas",
    "polars",
    "pyarrow.parquet",
    "scipy.stats",
    "altair",
    "marimo",
    "duckdb",
    "pandera.polars",
    "pandera.pandas",
    "sklearn.ensemble",
    "sklearn.feature_selection",
    "sklearn.linear_model",
    "sklearn.model_selection",
    "sklearn.neighbors",
    "sklearn.pipeline",
    "sklearn.preprocessing",
)


@dataclass(frozen=True)
class Task:
    """One graded function. `review` are the points of the part that a human judges."""

    id: str
    title: str
    entry: str
    points: float
    needs: tuple[str, ...] = ()
    review: float = 0


@dataclass(frozen=True)
class Assignment:
    """One notebook's tasks.

    `checks` is the folder of their pytest files, `shipped` the text of the notebook as a learner gets it,
    `packages` the folders that workers may import, `hidden` the paths below their parents that are left
    out of them, `preload` the modules that are imported before any submission is looked at.
    """

    name: str
    tasks: tuple[Task, ...]
    checks: Path
    shipped: str
    packages: tuple[Path, ...] = ()
    hidden: tuple[str, ...] = ()
    preload: tuple[str, ...] = LIBRARIES

    def task(self, task_id: str) -> Task:
        """Return the task with this id; KeyError when there is none."""
        for task in self.tasks:
            if task.id == task_id:
                return task
        raise KeyError(f"{self.name} has no task {task_id}")
