"""From a path to what is graded: the text of a notebook, and the assignment that it answers."""

from dataclasses import dataclass
from pathlib import Path

from grader.manifest import Assignment, course

from .output import stop


@dataclass(frozen=True)
class Notebook:
    """A notebook to be graded, under the name that the report gives it."""

    name: str
    text: str
    assignment: Assignment


def found(path: Path) -> list[Notebook]:
    """Return the notebooks at a path: the file itself, or those in the folder. Ends the command if there are none."""
    if not path.exists():
        stop(f"There is no file {path}.")
    if path.is_file():
        return [_read(path)]
    files = sorted(file for file in path.rglob("*.py")
                   if not any(part.startswith((".", "__")) for part in file.relative_to(path).parts))
    notebooks = [_read(file) for file in files if _looks_like_one(file)]
    return notebooks or stop(f"There is no notebook in {path}.")


def _looks_like_one(file: Path) -> bool:
    try:
        text = file.read_bytes().decode(errors="replace")
    except OSError:
        return False
    return any(_defines(text, assignment) for assignment in course().assignments) or "marimo.App(" in text


def _read(file: Path) -> Notebook:
    try:
        text = file.read_bytes().decode(errors="replace")
    except OSError as error:
        stop(f"{file} cannot be read ({error.strerror}).")
    return Notebook(str(file), text, _assignment(file, text))


def _assignment(file: Path, text: str) -> Assignment:
    """The one whose functions the notebook names; where that does not decide, the one that the path names."""

    def likeness(assignment: Assignment) -> tuple[int, bool, bool, bool]:
        at_home = file.resolve() in (assignment.exercise.resolve(), assignment.solution.resolve())
        beside = file.resolve().parent.name == assignment.exercise.parent.name  # checkpoints are named as their units
        named = assignment.name in file.stem or assignment.exercise.stem == file.stem
        return _defines(text, assignment), at_home, named, beside

    return max(course().assignments, key=likeness)


def _defines(text: str, assignment: Assignment) -> int:
    return sum(f"def {task.entry}(" in text for task in assignment.tasks)
