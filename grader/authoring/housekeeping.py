"""What can be seen of the course without running it: whether it is built, tidy, and keeps to the rules of notebooks."""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from grader.course.manifest import PLACES, ROOT, Assignment, Unit, assignments, course

from . import contract
from .answers import load_answers
from .build import BuildError

MARK = "WRITE:"  # in what `dojo author new` lays out
KEPT = ("__init__.py", "survivors.toml", "misconceptions.toml")  # beside test files and stored answers


def faults(wanted: Iterable[Assignment]) -> list[str]:
    """Return what is wrong, as sentences: with the wanted assignments, and with stray files anywhere."""
    wanted = list(wanted)
    found = [fault for one in wanted for fault in (*_built(one), *_answered(one), *_ruled(one))]
    return [
        *stray(),
        *found,
        *_unwritten({unit.name: unit for one in wanted for unit in [_unit(one)]}.values()),
    ]


def stray() -> Iterator[str]:
    """Files that belong to no unit."""
    every = assignments()
    units = {unit.name for unit in course().units}
    ids = {task.id for one in every for task in one.tasks}
    known = {one.solution for one in every} | {one.exercise for one in every}
    beside = [folder for one in every for folder in (one.solution.with_suffix(""), one.folder)]
    files = {file for places in PLACES.values() for place in places for file in (ROOT / place).rglob("*.py")}
    yield from (_strange(file) for file in sorted(files - known) if not any(map(file.is_relative_to, beside)))
    for pattern in ("notebooks/[0-9]*.py", "assessments/quizzes/*.toml", "cheatsheets/[0-9]*.md"):
        yield from (_strange(file) for file in ROOT.glob(pattern) if file.stem not in units)
    for one in every:
        for file in one.checks.rglob("*.*"):
            first = file.relative_to(one.checks).parts[:2][-1]  # a stored answer may be a folder
            task = first.partition("_")[0]
            test = re.fullmatch(r"test_\w+\.py", file.name)
            if file.suffix != ".pyc" and file.name not in KEPT and not test and task not in ids:
                yield _strange(file)
    names = {one.name for one in every} | {"pages", "engine", "verdicts"}
    yield from (_strange(file) for file in ROOT.glob("evidence/*") if file.stem not in names)


def _built(assignment: Assignment) -> Iterator[str]:
    """Whether the exercise and the files beside it are what the solution builds."""
    try:
        shipped = {assignment.exercise: assignment.shipped()}
        shipped |= {assignment.folder / name: text for name, text in assignment.shipped_files().items()}
    except (BuildError, OSError) as error:
        yield f"{assignment.name}: {error}"
        return
    for file, text in shipped.items():
        if not file.exists() or file.read_text(encoding="utf-8") != text:
            yield f"{_name(file)} is not what the solution builds. Run `dojo author build`."


def _answered(assignment: Assignment) -> Iterator[str]:
    """Whether there are checks and wrong answers for every task."""
    if not list(assignment.checks.glob("test_*.py")):
        yield f"{assignment.name} has no checks: {_name(assignment.checks)}/test_….py is missing."
        return
    try:
        wrong = {answer.task.id for answer in load_answers(assignment, "misconceptions")}
        load_answers(assignment, "variants")
    except ValueError as error:
        yield f"{assignment.name}: {error}"
        return
    judged = [task for task in assignment.tasks if task.answer != "text"]  # people mark the others
    yield from (f"{task.id} has no misconception." for task in judged if task.id not in wrong)


def _ruled(assignment: Assignment) -> Iterator[str]:
    """Whether its notebooks keep to the contract."""
    entries = frozenset(task.entry for task in assignment.tasks)
    for notebook in notebooks(assignment):
        text = notebook.read_text(encoding="utf-8") if notebook.exists() else ""
        yield from contract.faults(contract.Draft.parse(text, _name(notebook), entries))


def _unwritten(units: Iterable[Unit]) -> Iterator[str]:
    """Where `dojo author new` has left something to write."""
    for unit in units:
        names = [one.name for one in unit.assignments]
        files = [
            ROOT / unit.lesson,
            *(one.solution for one in unit.assignments),
            *(file for name in names for file in sorted((ROOT / "checks" / name).rglob("*.*"))),
            ROOT / "assessments" / "quizzes" / f"{unit.name}.toml",
            ROOT / "cheatsheets" / f"{unit.name}.md",
        ]
        for file in files:
            if file.is_file() and file.suffix in (".py", ".toml", ".md"):
                yield from _marked(_name(file), file.read_text(encoding="utf-8").splitlines())
        text = (ROOT / "course.toml").read_text(encoding="utf-8").splitlines()
        begin = next((n for n, line in enumerate(text) if line.strip() == f'name = "{unit.name}"'), 0)
        end = next((n for n in range(begin, len(text)) if text[n].strip() == "[[units]]"), len(text))
        yield from _marked("course.toml", text[begin:end], begin)


def _marked(name: str, lines: list[str], before: int = 0) -> Iterator[str]:
    for number, line in enumerate(lines, before + 1):
        for what in re.findall(rf"{MARK} ([^\"]+)", line):
            yield f"{name}:{number}: still to be written: {what.strip()}"


def _unit(assignment: Assignment) -> Unit:
    return next(unit for unit in course().units if assignment in unit.assignments)


def notebooks(assignment: Assignment) -> list[Path]:
    """Return the notebooks that people read: the lesson of a unit, what is handed out, the solution."""
    lesson = ROOT / "notebooks" / f"{assignment.name}.py"
    return [*([lesson] if lesson.exists() else []), assignment.exercise, assignment.solution]


def _strange(file: Path) -> str:
    return f"{_name(file)} belongs to no unit or task. Rename or delete it."


def _name(file: Path) -> str:
    return file.relative_to(ROOT).as_posix()
