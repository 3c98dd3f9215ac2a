"""Answers that are not functions: a file, an artifact, a text for people; and the readers of what is not plain text."""

import pickle
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from grader.engine import Assignment, Engine, Submitted, Task
from grader.engine.files import snapshot
from grader.engine.inside import readers
from grader.engine.inside.notebook import LoadError
from tests.conftest import LEVELS

SHIPPED = '''import marimo

app = marimo.App()

with app.setup:
    from pathlib import Path


@app.function
def lines() -> int:
    """Count the lines of the log."""
    raise NotImplementedError


@app.cell
def recommendation(mo):
    mo.md("""
    TODO
    """)
    return
'''
SOLVED = SHIPPED.replace(
    "raise NotImplementedError", 'return len(Path("logs/day.log").read_text().splitlines())'
)
SOLVED = SOLVED.replace("TODO", "**Load it**: 3 % of the rows are damaged.")
ALERTS = "groups: []\n"
CHECKS = """
from grader.engine import checks, expect

@checks("file")
def test_file(submission):
    expect("severity" in submission.file("alerts.yaml"), "a severity", because=submission.file("alerts.yaml"))

@checks("lines")
def test_lines(submission):
    given = len(submission.file("logs/day.log").splitlines())
    expect(submission.lines() == given, f"{given}")

@checks("model")
def test_model(submission, record_property):
    model = submission.artifact("artifacts/model.joblib")
    expect(model.count("a") == 2, "2")
    expect(submission.read("joblib", "artifacts/model.joblib").count("b") == 1, "1")
    record_property("without the notebook", submission.read("", "artifacts/table.csv")["a"].to_list())

@checks("text", weight=1)
def test_text(submission, record_property):
    record_property("text", submission.text("recommendation"))
    expect("%" in submission.text("recommendation"), "a number")

@checks("runs")
def test_runs(submission, record_property):
    (run,) = submission.read("mlflow_runs", "mlruns.db")
    record_property("run", run)
"""


@pytest.fixture(scope="module", params=LEVELS)
def engine(request, tmp_path_factory) -> Iterator[Engine]:
    folder = tmp_path_factory.mktemp("checks")
    (folder / "test_answers.py").write_text(CHECKS)
    tasks = (
        Task("file", "Alerts", "alerts.yaml", 10, answer="file"),
        Task("lines", "Lines", "lines", 10),
        Task("model", "Model", "artifacts/model.joblib", 10, answer="artifact"),
        Task("text", "Recommendation", "recommendation", 0, review=5, answer="text", judged="recommendation"),
        Task("runs", "Runs", "mlruns.db", 10, answer="artifact"),
    )
    files = {"alerts.yaml": ALERTS, "logs/day.log": "a\nb\n"}
    with Engine(Assignment("answers", tasks, folder, SHIPPED, files=files), request.param) as engine:
        yield engine


@pytest.fixture
def files(tmp_path) -> Path:
    """What a learner hands in beside the notebook."""
    (tmp_path / "artifacts").mkdir(mode=0o700)
    (tmp_path / "artifacts/model.joblib").write_bytes(pickle.dumps(list("aab")))
    (tmp_path / "artifacts/table.csv").write_text("a\n1\n")
    (tmp_path / "artifacts/model.onnx").write_bytes(b"\0")
    (tmp_path / "alerts.yaml").write_text("groups: [{severity: page}]\n")
    with closing(sqlite3.connect(tmp_path / "mlruns.db")) as store:
        store.executescript("""
            CREATE TABLE experiments (experiment_id INTEGER, name TEXT);
            CREATE TABLE runs (run_uuid TEXT, name TEXT, status TEXT, experiment_id INTEGER, start_time INTEGER,
                               end_time INTEGER, lifecycle_stage TEXT);
            CREATE TABLE params (key TEXT, value TEXT, run_uuid TEXT);
            CREATE TABLE tags (key TEXT, value TEXT, run_uuid TEXT);
            CREATE TABLE latest_metrics (key TEXT, value REAL, run_uuid TEXT);
            INSERT INTO experiments VALUES (1, 'cards');
            INSERT INTO runs VALUES ('r1', 'forest', 'FINISHED', 1, 10, 20, 'active'),
                                    ('r2', 'gone', 'FINISHED', 1, 30, 40, 'deleted');
            INSERT INTO params VALUES ('trees', '100', 'r1');
            INSERT INTO latest_metrics VALUES ('accuracy', 0.8, 'r1');
        """)
        store.commit()
    return tmp_path


def grade(engine: Engine, submitted: Submitted, *tasks: str) -> dict[str, dict]:
    return {task["id"]: task for task in engine.grade(submitted, tasks=tasks or None)["tasks"]}


def test_as_handed_out_nothing_is_attempted(engine, tmp_path):
    (tmp_path / "alerts.yaml").write_text(ALERTS)
    for submitted in (Submitted(SHIPPED), Submitted(SHIPPED, files=tmp_path)):
        assert {task["verdict"] for task in grade(engine, submitted).values()} == {"not_attempted"}


def test_every_kind_of_answer_is_graded(engine, files):
    tasks = grade(engine, Submitted(SOLVED, files=files), "file", "lines", "model", "text", "runs")
    assert [task["verdict"] for task in tasks.values()] == ["passed"] * 3 + ["review", "passed"], tasks
    assert tasks["text"]["checks"][0]["figures"]["text"] == "**Load it**: 3 % of the rows are damaged."
    assert tasks["text"]["max_score"] == 0 and tasks["text"]["review"]["max"] == 5
    assert tasks["text"]["review"]["text"].startswith("**Load it**")
    run = tasks["runs"]["checks"][0]["figures"]["run"]
    assert (run["name"], run["experiment"], run["params"], run["metrics"]) == (
        "forest",
        "cards",
        {"trees": "100"},
        {"accuracy": 0.8},
    )


def test_a_file_that_is_wrong_or_not_text_is_said_so(engine, files):
    (files / "alerts.yaml").write_text("groups: [{}]\n")
    task = grade(engine, Submitted(SHIPPED, files=files), "file")["file"]
    assert task["verdict"] == "failed" and "groups: [{}]" in task["checks"][0]["message"]
    (files / "alerts.yaml").write_bytes(b"\xff\0")
    task = grade(engine, Submitted(SHIPPED, files=files), "file")["file"]
    assert task["verdict"] == "error" and "not a text file" in task["checks"][0]["message"]


def test_a_reader_without_its_library_says_how_to_install_it(files, monkeypatch):
    monkeypatch.setitem(sys.modules, "onnxruntime", None)  # as in an environment that has not installed it
    monkeypatch.delitem(sys.modules, "grader.engine.inside.readers.onnx", raising=False)
    with pytest.raises(LoadError, match="takes onnxruntime, which is not installed"):
        readers.read("", str(files / "artifacts/model.onnx"), {})


def test_a_hostile_file_harms_its_own_task_alone(engine, files):
    class Bomb:
        def __reduce__(self):
            return (exec, ("import os; os._exit(1)",))

    (files / "artifacts/model.joblib").write_bytes(pickle.dumps(Bomb()))
    (files / "mlruns.db").write_bytes(b"SQLite format 3\0 not really")
    tasks = grade(engine, Submitted(SOLVED, files=files), "model", "runs", "lines")
    assert [task["verdict"] for task in tasks.values()] == ["error", "error", "passed"]
    assert "DatabaseError" in tasks["runs"]["checks"][0]["message"]


def test_files_that_are_too_large_are_left_out_and_the_result_says_so(engine, files):
    with (files / "large").open("wb") as large:
        large.truncate(60 * 2**20)
    result = engine.grade(Submitted(SOLVED, files=files), tasks=["file", "model", "text"])
    file, model, text = result["tasks"]
    assert "60 MB; at most 50 MB are graded" in result["problem"]
    for task in (file, model):
        assert task["verdict"] == "error" and "60 MB" in task["checks"][0]["message"]
    assert text["verdict"] == "review"


def test_files_are_copied_regular_and_few(files, tmp_path):
    (files / "link.txt").symlink_to("/etc/hostname")
    (files / ".hidden").write_text("x")
    with snapshot(Submitted("", files=files), {}) as kept:
        assert "link.txt" not in kept.contents and ".hidden" not in kept.contents
        assert kept.contents["artifacts/table.csv"] == "a\n1\n" and kept.contents["mlruns.db"] is None
    assert not kept.files.exists()
    with (files / "large").open("wb") as large:
        large.truncate(60 * 2**20)
    with snapshot(Submitted("", files=files), {"given.txt": "x"}) as kept:
        assert "60 MB" in kept.problem and list(kept.contents) == ["given.txt"]
