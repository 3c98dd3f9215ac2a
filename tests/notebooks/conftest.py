"""The notebooks under test: lessons and solutions as they are, exercises and checkpoints freshly built.

What a learner has made of the committed exercises is no business of these tests.
"""

from dataclasses import dataclass
from pathlib import Path

import pytest

from grader.authoring.contract import Draft
from grader.course import manifest

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Subject:
    """A notebook: where it lies, and whether the learner's functions in it are still empty."""

    path: Path
    name: str
    unsolved: bool = False
    entries: frozenset[str] = frozenset()

    def parse(self) -> Draft:
        return Draft.parse(self.path.read_text(encoding="utf-8"), self.name, self.entries)


def _written() -> list[Subject]:
    entries = {
        assignment.solution.resolve(): frozenset(task.entry for task in assignment.tasks)
        for assignment in manifest.assignments()
    }
    paths = sorted([*ROOT.glob("notebooks/**/*.py"), *ROOT.glob("solutions/**/*.py")])
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
        found.append(Subject(path, name, True, frozenset(task.entry for task in assignment.tasks)))
    return found


def pytest_configure(config: pytest.Config) -> None:
    config.stash[_FOLDER] = pytest.TempPathFactory.from_config(config, _ispytest=True).mktemp("built")


_FOLDER = pytest.StashKey[Path]()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "subject" in metafunc.fixturenames:
        subjects = [*_written(), *_built(metafunc.config.stash[_FOLDER])]
        metafunc.parametrize("subject", subjects, ids=[subject.name for subject in subjects])
    if "lesson" in metafunc.fixturenames:
        lessons = [subject for subject in _written() if subject.name.startswith("notebooks/")]
        metafunc.parametrize("lesson", lessons, ids=[lesson.name for lesson in lessons])
