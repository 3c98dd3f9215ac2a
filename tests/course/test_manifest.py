"""The manifest refuses what would not make sense, in sentences."""

import pytest

from grader.course.manifest import ROOT, ManifestError, course, read

TEXT = (ROOT / "course.toml").read_text(encoding="utf-8")


def test_the_course_holds_together():
    for unit in course().units:
        for assignment in unit.assignments:
            assert assignment.points == 100
            assert assignment.solution.exists() and list(assignment.checks.glob("test_*.py"))
            assert all(len(task.hints) >= 3 for task in assignment.tasks)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('id = "1.1b"', 'id = "1.1a"', "two tasks are called 1.1a"),
        ('entry = "find_issues"', 'entry = "find_issues"\nneeds = ["9.9"]', "needs 9.9"),
        ('entry = "find_issues"', 'entry = "find_issues"\ncolour = "red"', "colour"),
        ("review = 20", "review = 30", "does not add up"),
        ("[course]", "[course", "cannot be read"),
        ("pass_mark = 0.8", "pass_mark = 8", "pass_mark"),
    ],
)
def test_faults_are_named(old, new, words):
    with pytest.raises(ManifestError, match=words):
        read(TEXT.replace(old, new, 1))
