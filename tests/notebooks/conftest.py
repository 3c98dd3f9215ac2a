"""The notebooks under test: lessons and solutions as they are, exercises and checkpoints freshly built.

What a learner has made of the committed exercises is no business of these tests.
"""

import shutil
from dataclasses import dataclass
from pathlib import Path
from tempfile import mkdtemp

import pytest

from grader.authoring import evidence
from grader.authoring.contract import Draft
from grader.authoring.rotation import turn
from grader.course import manifest

ROOT = Path(__file__).parents[2]
OTHERS = 3  # notebooks that run each time although nothing of theirs has changed


@dataclass(frozen=True)
class Subject:
    """A notebook: where it lies, and whether the learner's functions in it are still empty."""

    path: Path
    name: str
    unsolved: bool = False
    entries: frozenset[str] = frozenset()
    source: Path | None = None  # the committed file that it is, or is built from

    @property
    def due(self) -> bool:
        """Whether the notebook has changed since somebody looked at it."""
        return bool(evidence.page_changes(self.source or self.path))

    def parse(self) -> Draft:
        return Draft.parse(self.path.read_text(encoding="utf-8"), self.name, self.entries)


def _written() -> list[Subject]:
    entries = {
        assignment.solution.resolve(): frozenset(task.entry for task in assignment.tasks)
        for assignment in manifest.assignments()
    }
    solutions = [
        path for path in ROOT.glob("solutions/**/*.py") if path.resolve() in entries
    ]  # not files beside
    paths = sorted([*ROOT.glob("notebooks/**/*.py"), *solutions])
    return [
        Subject(path, path.relative_to(ROOT).as_posix(), entries=entries.get(path.resolve(), frozenset()))
        for path in paths
        if "__marimo__" not in path.parts
    ]


def _built(folder: Path) -> list[Subject]:
    found = []
    for assignment in filter(lambda assignment: assignment.solution.exists(), manifest.assignments()):
        name = assignment.exercise.relative_to(ROOT).as_posix()
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(assignment.shipped(), encoding="utf-8")
        for file, text in assignment.shipped_files().items():
            (path.with_suffix("") / file).parent.mkdir(parents=True, exist_ok=True)
            (path.with_suffix("") / file).write_text(text, encoding="utf-8")
        entries = frozenset(task.entry for task in assignment.tasks)
        found.append(Subject(path, name, True, entries, assignment.solution))
    return found


def pytest_configure(config: pytest.Config) -> None:
    # not from pytest: its own folders are made after collection, and empty what they find
    config.stash[_FOLDER] = Path(mkdtemp(prefix="dojo-built-"))


def pytest_unconfigure(config: pytest.Config) -> None:
    shutil.rmtree(config.stash[_FOLDER])


_FOLDER = pytest.StashKey[Path]()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """`subject` is every notebook that has to run now, `lesson` every lesson that has to be looked at."""
    if "subject" in metafunc.fixturenames:
        every = subjects(metafunc.config)
        still = [one for one in every if not one.due]
        _parametrize(metafunc, "subject", [one for one in every if one.due] + turn(still, OTHERS))
    if "lesson" in metafunc.fixturenames:
        lessons = [one for one in _written() if one.name.startswith("notebooks/")]
        _parametrize(metafunc, "lesson", [one for one in lessons if one.due or one.path.stem == "home"])


def _parametrize(metafunc: pytest.Metafunc, name: str, values: list[Subject]) -> None:
    """One after the other in any process: each has a process of its own anyway."""
    marked = [
        pytest.param(
            one, id=one.name, marks=pytest.mark.xdist_group(f"{metafunc.module.__name__} {one.name}")
        )
        for one in values
    ]
    metafunc.parametrize(name, marked)


def subjects(config: pytest.Config) -> list[Subject]:
    """Return every notebook of the course."""
    return [*_written(), *_built(config.stash[_FOLDER])]
