"""What belongs to no unit is named, and the course as it is has nothing to be named."""

import pytest

from grader.authoring import housekeeping
from grader.course.manifest import assignments


def test_the_course_is_tidy():
    assert housekeeping.faults(assignments()) == []


@pytest.mark.parametrize(
    "name",
    [
        "checks/01_data_engineering/variants/9.9_strange.py",
        "checks/01_data_engineering/tests.py",
        "solutions/99_nothing.py",
        "assessments/quizzes/99_nothing.toml",
        "evidence/99_nothing.json",
    ],
)
def test_a_stray_file_is_named(name, tmp_path, monkeypatch):
    monkeypatch.setattr(housekeeping, "ROOT", tmp_path)
    monkeypatch.setattr("grader.course.manifest.ROOT", tmp_path)
    (tmp_path / name).parent.mkdir(parents=True)
    (tmp_path / name).touch()
    assert list(housekeeping.stray()) == [f"{name} belongs to no unit or task. Rename or delete it."]
