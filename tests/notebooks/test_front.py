"""The front page: it says where the learner stands and what comes next, whatever the history holds."""

from datetime import datetime

import pytest

from grader.course import manifest, progress
from grader.page import weekly
from grader.page.front import following, front, pages, parts, standing

COURSE = manifest.course()
UNIT = COURSE.units[0]
LESSON, EXERCISES, CHECKPOINT = parts(UNIT)
READ = {"kind": "quiz", "key": f"{UNIT.name}/x", "right": True}


def passed(*tasks: str, verdict: str = "passed") -> list[dict]:
    return [{"kind": "attempt", "task": task, "verdict": verdict, "score": 1.0} for task in tasks]


def test_a_newcomer_starts_with_the_first_lesson() -> None:
    sentence, part = following(COURSE, standing([]))
    assert part == LESSON and UNIT.question in sentence
    page = front(COURSE, [])
    assert "Start here" in page and "units" in page


def test_after_the_lesson_come_the_exercises() -> None:
    sentence, part = following(COURSE, standing([READ]))
    assert part == EXERCISES and UNIT.tasks[0].id in sentence


def test_what_was_tried_is_gone_on_with() -> None:
    first, second = UNIT.tasks[:2]
    history = [READ, *passed(first.id), *passed(second.id, verdict="failed")]
    sentence, _part = following(COURSE, standing(history))
    assert sentence.startswith(f"Continue with {second.id}")
    assert f"1 of {len(UNIT.tasks)} passed" in front(COURSE, history)


def test_a_later_failure_takes_nothing_away() -> None:
    task = UNIT.tasks[0].id
    stand = standing([*passed(task), *passed(task, verdict="failed")])
    assert stand.passed(EXERCISES) == 1


def test_then_the_checkpoint() -> None:
    history = [READ, *passed(*(task.id for task in UNIT.tasks))]
    assert following(COURSE, standing(history))[1] == CHECKPOINT


def test_the_end() -> None:
    tasks = [task.id for assignment in COURSE.assignments for task in assignment.tasks]
    history = passed(*tasks)
    assert following(COURSE, standing(history)) is None
    assert "You have passed every task" in front(COURSE, history)


def test_strange_entries_are_passed_over() -> None:
    assert "<h1>" in front(
        COURSE, [{}, {"kind": "attempt"}, {"kind": "other", "key": 3}, {"kind": "attempt", "task": "9"}]
    )


def test_every_notebook_has_a_link_of_its_own() -> None:
    for part in (LESSON, EXERCISES, CHECKPOINT):
        assert part.link == f"?file={part.file.relative_to(manifest.ROOT).as_posix()}"


def test_an_unreadable_history_is_a_sentence(monkeypatch: pytest.MonkeyPatch, tmp_path) -> None:
    def refuse() -> None:
        raise PermissionError("the folder .dojo may not be read")

    monkeypatch.setattr(progress, "history", refuse)
    assert "Your progress cannot be read: the folder .dojo may not be read" in pages(tmp_path)[0]


def test_a_first_task_of_a_few_minutes_is_one_click_away() -> None:
    quick = UNIT.tasks[0].model_copy(
        update={"design": UNIT.tasks[0].design.model_copy(update={"minutes": 3})}
    )
    course = COURSE.model_copy(
        update={"units": (UNIT.model_copy(update={"tasks": (quick, *UNIT.tasks[1:])}), *COURSE.units[1:])}
    )
    assert f"Solve task {quick.id} first" in front(course, [])
    assert f"Solve task {quick.id} first" not in front(course, [READ])


def test_the_week_is_over_after_seven_days_of_which_one_was_used() -> None:
    at = ["2026-01-05T09:00:00+00:00", "2026-01-08T09:00:00+00:00", "2026-01-12T09:00:00+00:00"]
    entries = [{"kind": "quiz", "at": at[0]}, {"kind": "quiz", "at": at[1]}]
    now = datetime.fromisoformat(at[2])
    assert weekly.due(entries, now) and not weekly.due(entries[:1], now) and not weekly.due([], now)
    assert not weekly.due([*entries, {"kind": "weekly", "at": at[2]}, {"kind": "quiz", "at": at[2]}], now)
