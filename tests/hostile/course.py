"""A small course that is there to be attacked: quick to grade, with something to steal behind every door."""

import pickle
import sqlite3
from contextlib import closing
from pathlib import Path

from grader.engine import Assignment, Budget, Task

TOY = Path(__file__).parent / "toy"
BUDGET = Budget(call=1.5, first=4, total=5)
ROOMY = Budget(call=6, first=8, total=15)  # for answers that take a moment to make
NARROW = Budget(call=6, first=8, total=15, memory=0.5)  # so that a limit is reached in little time
COURSE = Assignment(
    "hostile",
    (
        Task("sum", "Add up", "total", 10, live=BUDGET, full=BUDGET),
        Task("echo", "Return the text", "echo", 5, live=BUDGET, full=BUDGET),
        Task("table", "Double a table", "double", 10, live=ROOMY, full=ROOMY),
        Task("hoard", "Keep nothing", "keep", 10, live=NARROW, full=NARROW),
        Task("files", "Count lines", "count", 10, live=BUDGET, full=BUDGET),
        Task("race", "Be quick", "unique", 10, live=ROOMY, full=ROOMY),
        Task(
            "model", "Hand in a model", "artifacts/model.pkl", 10, answer="artifact", live=ROOMY, full=ROOMY
        ),
        Task("runs", "Hand in a run", "runs.db", 10, answer="artifact", live=ROOMY, full=ROOMY),
        Task("alerts", "Hand in a rule", "alerts.yaml", 10, answer="file", live=BUDGET, full=BUDGET),
    ),
    checks=TOY / "checks",
    shipped=(TOY / "shipped.py").read_text(encoding="utf-8"),
    packages=(TOY / "shop",),
    hidden=("shop/truth",),
    preload=(),
    files={"alerts.yaml": "groups: []\n"},
)
POINTS = sum(task.points for task in COURSE.tasks)
RIGHT = {
    "total": "def total(numbers):\n    return sum(numbers)\n",
    "echo": "def echo(text):\n    return text\n",
    "double": "def double(table):\n    return table.with_columns(a=table['a'] * 2)\n",
    "keep": "def keep(number):\n    return number\n",
    "count": (
        "def count(folder):\n"
        "    return sum(len(f.read_text().splitlines()) for f in folder.rglob('*') if f.is_file())\n"
    ),
    "unique": "def unique(path):\n    return list(dict.fromkeys(path.read_text().split()))\n",
}


def notebook(setup: str = "pass", extra: str = "", **definitions: str) -> str:
    """The notebook with these definitions and the right ones of everything else, as marimo saves it.

    `setup` are the statements of its setup cell, `extra` is more text of the file.
    """
    lines = "\n    ".join(setup.splitlines())
    functions = "".join(f"@app.function\n{text}\n\n" for text in (RIGHT | definitions).values())
    return (
        f"import marimo\n\napp = marimo.App()\n\nwith app.setup:\n    {lines}\n\n\n{functions}{extra}\n\n"
        'if __name__ == "__main__":\n    app.run()\n'
    )


def lay_right_files(folder: Path) -> None:
    """Lay the files of a right submission into a folder."""
    (folder / "artifacts").mkdir()
    (folder / "artifacts" / "model.pkl").write_bytes(pickle.dumps(list("aab")))
    (folder / "alerts.yaml").write_text("groups: [late]\n")
    with closing(sqlite3.connect(folder / "runs.db")) as store:
        store.executescript(
            "CREATE TABLE experiments (experiment_id INTEGER, name TEXT);"
            "CREATE TABLE runs (run_uuid TEXT, name TEXT, status TEXT, experiment_id INTEGER,"
            " start_time INTEGER, end_time INTEGER, lifecycle_stage TEXT);"
            "CREATE TABLE params (key TEXT, value TEXT, run_uuid TEXT);"
            "CREATE TABLE tags (key TEXT, value TEXT, run_uuid TEXT);"
            "CREATE TABLE metrics (key TEXT, value REAL, run_uuid TEXT);"
            "CREATE TABLE latest_metrics (key TEXT, value REAL, run_uuid TEXT);"
            "INSERT INTO runs VALUES ('r1', 'forest', 'FINISHED', 1, 10, 20, 'active');"
        )
        store.commit()
