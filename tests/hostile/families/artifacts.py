"""Files beside the notebook: pickles that run code, bombs for our readers, links, pipes, too much of everything."""

import os
import pickle
import sqlite3
from contextlib import closing
from pathlib import Path

from ..attack import MARK, Family
from ..course import lay_right_files

LATE = "No answer within"
family = Family("artifacts", task="model", trusted=1300, seconds=25)


def right(folder: Path) -> Path:
    """Lay right files; return the path of the model."""
    lay_right_files(folder)
    return folder / "artifacts" / "model.pkl"


def running(expression: str) -> bytes:
    """A pickle that is the value of an expression."""
    return b"cbuiltins\neval\n(V" + expression.encode() + b"\ntR."


@family.files("error", "ended from inside")
def a_pickle_that_ends_the_process(folder):
    right(folder).write_bytes(running("__import__('os')._exit(3)"))


@family.files("timed_out", "within")
def a_pickle_that_never_ends(folder):
    right(folder).write_bytes(running("sum(iter(int, 1))"))


@family.files("error timed_out")
def a_pickle_that_fills_the_memory(folder):
    right(folder).write_bytes(running("[bytearray(2**27) for _ in range(2**20)]"))


@family.files("failed error")
def a_pickle_equal_to_everything(folder):
    code = "type('Any', (), {'count': lambda *_: type('Any', (int,), {'__eq__': lambda *_: True})(7)})()"
    right(folder).write_bytes(running(code))


@family.files("passed", score=10)
def a_pickle_that_leaves_something(folder):
    """The next submission must not find it."""
    stays = "__import__('os').fork() or __import__('time').sleep(60)"
    code = f"[open('{MARK}-pickle', 'w').close(), {stays}] and list('aab')"
    right(folder).write_bytes(running(code))


@family.files("error")
def a_pickle_that_is_cut_off(folder):
    right(folder).write_bytes(pickle.dumps(list("aab"))[:-3])


@family.files("error")
def a_pickle_that_asks_for_gigabytes(folder):
    right(folder).write_bytes(b"\x80\x04\x8e" + (2**40).to_bytes(8, "little") + b".")


@family.files("not_attempted")
def a_link_to_a_file(folder):
    path = right(folder)
    secret = folder.parent / "model-of-another"
    secret.write_bytes(pickle.dumps(list("aab")))
    path.unlink()
    path.symlink_to(secret)


@family.files("not_attempted")
def a_link_to_a_folder(folder):
    elsewhere = folder.parent / "folder-of-another"
    elsewhere.mkdir(exist_ok=True)
    (elsewhere / "model.pkl").write_bytes(pickle.dumps(list("aab")))
    right(folder).unlink()
    (folder / "artifacts").rmdir()
    (folder / "artifacts").symlink_to(elsewhere, target_is_directory=True)


@family.files("not_attempted")
def a_pipe(folder):
    path = right(folder)
    path.unlink()
    os.mkfifo(path)


@family.files("error", "MB")
def a_sparse_giant(folder):
    right(folder)
    with (folder / "giant.bin").open("wb") as file:
        file.truncate(2**40)


@family.files("error", "files")
def two_thousand_files(folder):
    right(folder)
    for number in range(2000):
        (folder / f"{number}.txt").touch()


@family.files("passed error", score=10)
def folders_deeper_than_a_path_can_be(folder):
    right(folder)
    here = os.open(folder, os.O_RDONLY)
    for _ in range(60):
        os.mkdir("x" * 100, dir_fd=here)
        below = os.open("x" * 100, os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = below
    os.close(os.open("file.txt", os.O_CREAT | os.O_WRONLY, dir_fd=here))
    os.close(here)


@family.files("passed", score=10)
def names_that_are_no_text(folder):
    right(folder)
    for name in (b"\xff\xfe.txt", b"\x1b[2J.txt", b"a\nb.txt", "\u202e.txt".encode()):
        (folder / os.fsdecode(name)).write_text("x")


@family.files("passed", score=10)
def modules_that_shadow_the_reader(folder):
    right(folder)
    for name in ("joblib", "pickle", "dojo_worker", "sitecustomize", "conftest"):
        (folder / f"{name}.py").write_text("raise SystemExit(3)")


@family.files("timed_out", "within", task="runs")
def a_store_that_never_ends(folder):
    right(folder)
    store = folder / "runs.db"
    with closing(sqlite3.connect(store)) as db:
        db.executescript(
            "DROP TABLE runs; CREATE VIEW runs AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n)"
            " SELECT i AS run_uuid, 'forest' AS name, 'x' AS status, 1 AS experiment_id, 1 AS start_time,"
            " 1 AS end_time, 'active' AS lifecycle_stage FROM n;"
        )


@family.files("error failed timed_out", task="runs")
def a_store_of_gigabytes(folder):
    right(folder)
    with closing(sqlite3.connect(folder / "runs.db")) as db:
        db.executescript(
            "DROP TABLE runs; CREATE VIEW runs AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n"
            " WHERE i < 9999) SELECT i AS run_uuid, hex(zeroblob(10000000)) AS name, 'x' AS status,"
            " 1 AS experiment_id, 1 AS start_time, 1 AS end_time, 'active' AS lifecycle_stage FROM n;"
        )


@family.files("error", task="runs")
def a_store_that_is_none(folder):
    right(folder)
    (folder / "runs.db").write_bytes(b"SQLite format 3\0" + os.urandom(4096))


@family.files("failed", "not enough memory", task="alerts", seconds=60, slow=True)
def a_billion_laughs(folder):
    right(folder)
    lines = ["a0: &a0 [late, late, late, late, late, late, late, late, late]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 9)]
    (folder / "alerts.yaml").write_text("\n".join([*lines, "groups: *a8"]))


@family.files("failed error", task="alerts")
def brackets_ten_thousand_deep(folder):
    right(folder)
    (folder / "alerts.yaml").write_text("groups: " + "[" * 10_000)


@family.files("failed error", task="alerts")
def a_rule_that_draws(folder):
    right(folder)
    (folder / "alerts.yaml").write_text("groups: ['\x1b[2J\u202e']\n", encoding="utf-8")


@family.files("error", "1 MB", task="alerts")
def a_rule_of_megabytes(folder):
    right(folder)
    (folder / "alerts.yaml").write_text("groups: [late]\n" + "# x\n" * 1_000_000)
