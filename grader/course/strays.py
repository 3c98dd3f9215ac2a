"""Files in the rooms of the course that belong to no unit: forgotten, misnamed, or not in the manifest yet."""

from collections.abc import Iterator
from pathlib import Path

from .manifest import PLACES, ROOT, Course

SHARED = ("shared",)
"""Folders of checks/ that belong to several assignments."""
_LEFT_BEHIND = ("__pycache__", "__marimo__", "layouts")


def stray_files(course: Course, root: Path = ROOT) -> list[str]:
    """Return a sentence, with the repair, for each notebook, quiz, check folder or stored answer without an owner."""
    return [
        *_notebooks(course, root),
        *_quizzes(course, root),
        *_checks(course, root),
        *_answers(course, root),
    ]


def _notebooks(course: Course, root: Path) -> Iterator[str]:
    known = {"notebooks/home.py", "notebooks/drill.py", *(unit.lesson for unit in course.units)}
    for assignment in course.assignments:
        for file in (assignment.solution, assignment.exercise):
            place = file.relative_to(ROOT)
            known |= {
                place.as_posix(),
                *(f"{place.with_suffix('').as_posix()}/{name}" for name in assignment.file_names),
            }
    rooms = {"notebooks", *(room for places in PLACES.values() for room in places)}
    found = {name for room in rooms for name in _files(root, room, "*.py")}
    for name in sorted(found - known):
        yield f"{name} belongs to no unit of course.toml. Add the unit, or remove the file."


def _quizzes(course: Course, root: Path) -> Iterator[str]:
    known = {f"assessments/quizzes/{unit.name}.toml" for unit in course.units}
    for name in sorted(_files(root, "assessments/quizzes", "*.toml") - known):
        yield f"{name} is not named after a unit, so no lesson asks its questions. Rename or remove it."


def _checks(course: Course, root: Path) -> Iterator[str]:
    known = {assignment.name for assignment in course.assignments}
    folders = {
        Path(name).parent.relative_to("checks").as_posix() for name in _files(root, "checks", "test_*.py")
    }
    folders |= {Path(name).parent.parent.relative_to("checks").as_posix() for name in _stored(root)}
    for name in sorted(folders - known - set(SHARED)):
        yield f"checks/{name} belongs to no assignment of course.toml. Add the assignment, or remove the folder."


def _answers(course: Course, root: Path) -> Iterator[str]:
    tasks = {assignment.name: {task.id for task in assignment.tasks} for assignment in course.assignments}
    for name in sorted(_stored(root)):
        owner = Path(name).parent.parent.relative_to("checks").as_posix()
        task = Path(name).stem.partition("_")[0]
        if owner in tasks and task not in tasks[owner]:
            yield f"{name} answers {task}, which is not a task of {owner}. Rename or remove the file."


def _stored(root: Path) -> set[str]:
    return _files(root, "checks", "variants/*.py") | _files(root, "checks", "misconceptions/*.py")


def _files(root: Path, room: str, pattern: str) -> set[str]:
    found = (file.relative_to(root) for file in (root / room).rglob(pattern))
    return {file.as_posix() for file in found if not set(_LEFT_BEHIND) & set(file.parts)}
