"""What is practised next: wrong, new, forgotten; and `dojo drill`, which asks it."""

import json
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta

from grader.course import drills, manifest, quizzes

UNIT = manifest.course().units[0].name
NOW = datetime(2026, 1, 31, tzinfo=UTC)
BANK = [item.id for item in quizzes.load(UNIT)]
NEW = [item.id for item in quizzes.load(UNIT) if item.group == "drill"]


def answered(item: str, right: bool, days_ago: int) -> dict:
    at = (NOW - timedelta(days=days_ago)).isoformat()
    return {"kind": "quiz", "key": f"{UNIT}/{item}", "right": right, "at": at}


def order(*entries: dict) -> list[str]:
    return [question.item.id for question in drills.questions(entries, NOW, some=100)]


def test_what_was_wrong_comes_first_and_what_was_right_returns_after_a_while():
    others = [name for name in BANK if name not in NEW]
    fresh, old, wrong, learnt = others[:4]
    found = order(
        answered(fresh, True, 0),
        answered(old, True, 2),
        answered(wrong, True, 9),
        answered(wrong, False, 1),
        *(answered(learnt, True, days) for days in (30, 20, 5)),
    )
    assert found == [wrong, *NEW, old, fresh, learnt]


def test_a_newcomer_gets_the_drills_of_the_first_unit():
    assert order() == NEW
    assert drills.timed([]) and all(drill.unit == UNIT and drill.minutes for drill in drills.timed([]))


def test_a_timed_drill_that_was_done_goes_to_the_end():
    first = drills.timed([])[0]
    entry = {"kind": "drill", "key": first.key, "at": NOW.isoformat()}
    assert drills.timed([entry])[-1] == first


def test_the_command_asks_again_explains_and_records(tmp_path):
    item = quizzes.load(UNIT)[BANK.index(NEW[0])]
    done = subprocess.run(
        [sys.executable, "-m", "grader.command", "drill", "--items", "2"],
        input="nothing\n1\n",  # and then the end of the input
        env={**os.environ, "DOJO_HOME": str(tmp_path)},
        capture_output=True,
        text=True,
    )
    entries = [json.loads(line) for line in (tmp_path / ".dojo" / "history.jsonl").read_text().splitlines()]
    assert done.returncode == 0 and "from 1 to" in done.stdout and "Stopped" in done.stdout
    assert [entry["key"] for entry in entries] == [f"{UNIT}/{item.id}"]
