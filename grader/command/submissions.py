"""From a path to what is graded: the text of a notebook, and the assignment that it answers."""

from contextlib import suppress
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
        try:
            return [_notebook(path, path.read_bytes())]
        except OSError as error:
            stop(f"{path} cannot be read ({error.strerror}).")
    files = sorted(file for file in path.rglob("*.py")
                   if not any(part.startswith((".", "__")) for part in file.relative_to(path).parts))
    notebooks = []
    for file in files:
        with suppress(OSError):
            notebooks.append(_notebook(file, file.read_bytes()))
    return [one for one in notebooks if _defines(one.text, one.assignment) or "marimo.App(" in one.text] \
        or stop(f"There is no notebook in {path}.")


def _notebook(file: Path, content: bytes) -> Notebook:
    text = content.decode(errors="replace")
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
