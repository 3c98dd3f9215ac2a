"""`cardshop demo`: the whole story unattended, a report that is true, and nothing left behind (P-6)."""

import json
import os
import re
import signal
import subprocess
from datetime import datetime

import polars as pl
import pytest

from cardshop.demo.story import NotHappened, Story
from cardshop.stack.settings import Settings
from cardshop.training.retraining import keep, recall
from cardshop.training.triggers import Mark, Memory

from .test_stack import COMMAND, cardshop, processes_of, until

SLOW = 900  # seconds; it takes a third of that on a busy machine


@pytest.fixture(scope="module")
def played(tmp_path_factory):
    """The folder of a demo that has come to its end, and what it printed."""
    folder = tmp_path_factory.mktemp("demo")
    ended = subprocess.run(
        [COMMAND, "demo", "--folder", folder], capture_output=True, text=True, timeout=SLOW
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert processes_of(folder) == []
    return folder, ended.stdout


@pytest.fixture(scope="module")
def audit(played):
    lines = (played[0] / "rollout" / "audit.jsonl").read_text().splitlines()
    return [json.loads(line) for line in lines]


@pytest.fixture(scope="module")
def answers(played):
    """The journal, read without any code of ours: each answer with its day and its label, if it has one."""
    said, told = (
        pl.read_ndjson(sorted((played[0] / "journal").glob(f"{kind}-*.jsonl")))
        for kind in ("predictions", "feedback")
    )
    return (
        said.with_columns(
            pl.col("card").struct.field("card_id"),
            day=pl.col("request_id").str.extract(r"-(\d+)-\d+$").cast(int),
            at=pl.Series([datetime.fromisoformat(at) for at in said["at"]]),
        )
        .join(
            told.select("request_id", "card_id", label="card_type"), on=["request_id", "card_id"], how="left"
        )
        .with_columns(right=pl.col("card_type") == pl.col("label"))
        .sort("at")
    )


@pytest.fixture(scope="module")
def rows(played):
    """The table of the report, by period: its numbers as text."""
    text = (played[0] / "report.md").read_text()
    cells = [line.strip("| ").split(" | ") for line in text.splitlines() if line.startswith("|")]
    return {first: rest for first, *rest in cells}


def moment(audit, action):
    return datetime.fromisoformat(next(line["at"] for line in audit if line["action"] == action))


def test_the_story_is_in_the_audit_log_step_by_step(audit):
    told = [(line["action"], line["by"]) for line in audit]
    story = [
        ("first model", "cardshop up"),
        ("notice", "cardshop retrain"),
        ("retrain", "cardshop retrain"),
        ("gates", "cardshop retrain"),
        ("begin", "cardshop retrain"),
        ("promote", "the service"),
        ("bypass", "cardshop demo"),
        ("begin", "cardshop demo"),
        ("rollback", "the service"),
    ]
    rest = iter(told)
    assert all(step in rest for step in story), told
    assert sum(action == "retrain" for action, _ in told) == 1


def test_the_report_says_what_the_journal_says(played, audit, answers, rows):
    text = (played[0] / "report.md").read_text()
    trouble = int(re.search(r"On day (\d+) a scanner stopped reading", text).group(1))
    promoted = moment(audit, "promote")
    bad = pl.col("version") == "3"
    periods = {
        "before the trouble": answers.filter(pl.col("day") < trouble),
        "trouble, until the promotion": answers.filter(pl.col("day") >= trouble, pl.col("at") < promoted),
        "after the promotion": answers.filter(pl.col("at") >= promoted, ~bad),
        "the bad model": answers.filter(bad),
    }
    usual = 1 - periods["before the trouble"]["right"].mean()
    for name, period in periods.items():
        cards, wrong = period.height, period.height * (1 - period["right"].mean())
        days, said_cards, labelled, right, _, said_wrong, extra = rows[name]
        assert int(days) == period["day"].n_unique()
        assert said_cards == f"{cards:,}" and labelled == f"{period['right'].count():,}"
        assert right == f"{period['right'].mean():.1%}"
        assert said_wrong == f"{wrong:,.0f}" and extra == f"{wrong - cards * usual:,.0f}"
    shares = [period["right"].mean() for period in periods.values()]
    assert shares[0] > shares[2] > shares[1] > shares[3], "the new model helps, and the bad one does not"
    whole = answers.filter(pl.col("day") < answers["day"].max())
    days = answers["day"].max()
    assert f"In the {days} whole days" in text and f"{whole.height:,} answers to {200 * days:,} cards" in text


def test_the_report_says_what_the_audit_log_says(played, audit, answers, rows):
    text = (played[0] / "report.md").read_text()
    decided = text.split("## What was decided")[1]
    for line in audit:
        assert f"| {line['action']} | {line['by']} | {line['reason']} |" in decided
    seconds = (moment(audit, "retrain") - moment(audit, "notice")).total_seconds()
    assert rows["the monitor notices"][2] == f"{seconds:.0f}"
    day = answers.filter(pl.col("at") <= moment(audit, "promote"))["day"].max()
    assert f"promoted it on day {day}." in text


def test_what_is_on_the_screen_is_the_report(played):
    folder, printed = played
    assert "What was decided, and why" in printed and str(folder / "report.md") in printed.replace("\n", "")


@pytest.mark.parametrize(
    ("file", "how", "code"),
    [("mlflow.db", signal.SIGINT, 2), ("processes.json", signal.SIGINT, 2), ("journal", signal.SIGTERM, 143)],
    ids=["while it trains", "while the stack starts", "while there is traffic"],
)
def test_a_demo_that_is_interrupted_leaves_nothing(tmp_path, file, how, code):
    demo = subprocess.Popen([COMMAND, "demo", "--folder", tmp_path], stderr=subprocess.PIPE, text=True)
    until(lambda: (tmp_path / file).exists(), file)
    os.kill(demo.pid, how)
    _, said = demo.communicate(timeout=SLOW)
    assert demo.returncode == code and ("Stopped before the end" in said) == (code == 2)
    assert processes_of(tmp_path) == []


@pytest.mark.parametrize(
    ("action", "words"),
    [
        ("rollback", "has not promoted the new model, but: rollback. It is slow."),
        ("gates", "has ended before it has promoted the new model"),
    ],
)
def test_a_step_that_does_not_happen_is_named(tmp_path, action, words):
    told = []
    story = Story(Settings(folder=tmp_path), 1, lambda *line: told.append(line), lambda what: None)
    story.state.note(action, "It is slow.", "a test")
    with pytest.raises(NotHappened, match=words):
        story.until("promote", "promoted the new model", unless=("rollback",))
    assert told == [(action, "It is slow.")]


def test_a_folder_that_is_not_a_demo_s_is_not_touched(tmp_path):
    (tmp_path / "thesis.txt").write_text("three years of work")
    refused = cardshop("demo", "--folder", tmp_path)
    assert refused.returncode == 2 and "was not made by `cardshop demo`" in refused.stderr
    assert [file.name for file in tmp_path.iterdir()] == ["thesis.txt"]


def test_what_triggers_remember_is_kept_and_a_broken_file_is_named(tmp_path):
    file = tmp_path / "new" / "memory.json"
    memory = Memory({"drift": Mark(1.5, None, 2.0)}, (1.0, 2.0))
    assert recall(file) == Memory()
    keep(file, memory)
    assert recall(file) == memory
    for broken in ("{", "[]", '{"marks": {"drift": {"old": 1}}, "trainings": []}'):
        file.write_text(broken)
        with pytest.raises(ValueError, match=r"memory\.json cannot be read .* delete it"):
            recall(file)
