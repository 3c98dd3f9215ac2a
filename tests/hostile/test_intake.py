"""What a class hands in, through `dojo grade FOLDER`: links, pipes, devices, giants, archives, names that draw."""

import json
import os
import re
import socket
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from grader.course.manifest import assignments

from .ground import SECRET, UNPRINTABLE

DOJO = Path(sys.executable).with_name("dojo")
UNIT = assignments()[0]
DRAWING = "\x1b[2J\u202e\u2066\nme.py"
SIZE = 300 * 2**20
BYSTANDERS = {  # what pytest, Python or the engine would take for their own if they looked into the folder
    "conftest.py": "raise SystemExit('hostile-mark')",
    "pytest.ini": "[pytest]\naddopts = -k nothing\n",
    "pyproject.toml": "[tool.pytest.ini_options]\naddopts = '-k nothing'\n",
    "sitecustomize.py": "raise SystemExit('hostile-mark')",
    "polars.py": "raise SystemExit('hostile-mark')",
    "json.py": "raise SystemExit('hostile-mark')",
    "grader.py": "raise SystemExit('hostile-mark')",
    ".env": "PYTEST_ADDOPTS=-k nothing",
}


def one_task_right() -> tuple[str, float]:
    """The solution of the unit's quickest task, all others missing; its points."""
    task = UNIT.engine().task("1.1a")
    text = UNIT.solution.read_text(encoding="utf-8")
    for other in UNIT.tasks:
        if other.id != task.id:
            text = text.replace(f"def {other.entry}(", f"def no_{other.entry}(")
    return text, task.points


def grade(*arguments: Path | str, cwd: Path) -> subprocess.CompletedProcess:
    """Run the command as it is installed, in a folder that people hand in."""
    return subprocess.run(
        [DOJO, "grade", *arguments],
        cwd=cwd,
        env={**os.environ, "DOJO_SECRET": SECRET},
        capture_output=True,
        text=True,
        timeout=240,  # it starts a grader for each of two assignments
        check=False,
    )


@pytest.fixture(autouse=True)
def temporary(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """A temporary folder of our own, and a lock that no other grader holds."""
    monkeypatch.setenv("TMPDIR", str(tmp_path_factory.mktemp("temporary")))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))


@pytest.fixture(scope="module")
def handed_in(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A class of honest people, and of people who hand in everything but their work."""
    folder = tmp_path_factory.mktemp("class")
    right = one_task_right()[0].encode()
    for name in (
        "honest",
        "hard",
        "link",
        "relative",
        "folder",
        "loop",
        "pipe",
        "giant",
        "archive",
        "odd",
        "late",
    ):
        (folder / name).mkdir()
    (folder / "honest" / "mine.py").write_bytes(right)
    os.link(folder / "honest" / "mine.py", folder / "hard" / "mine.py")
    (folder / "link" / "mine.py").symlink_to(UNIT.solution)
    (folder / "relative" / "mine.py").symlink_to(os.path.relpath(UNIT.solution, folder / "relative"))
    (folder / "folder" / "work").symlink_to(UNIT.solution.parent, target_is_directory=True)
    (folder / "whole").symlink_to(UNIT.solution.parent, target_is_directory=True)
    (folder / "loop" / "again").symlink_to(folder)
    (folder / "loop" / "secret.py").symlink_to("/proc/self/environ")
    (folder / "loop" / "nowhere.py").symlink_to("nowhere")
    os.mkfifo(folder / "pipe" / "mine.py")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(os.path.relpath(folder / "pipe" / "socket.py"))
    if os.getuid() == 0:
        os.mknod(folder / "pipe" / "zero.py", 0o600 | 0o020000, os.makedev(1, 5))
    with (folder / "giant" / "sparse.py").open("wb") as file:
        file.write(b"import marimo\napp = marimo.App()\n")
        file.truncate(SIZE)
    with zipfile.ZipFile(folder / "archive" / "bomb.py", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.comment = b"app = marimo.App() def fingerprint("
        for number in range(20):
            archive.writestr(f"{number}.py", bytes(10 * 2**20))
    (folder / "odd" / DRAWING).write_bytes(right)
    (folder / "odd" / "folder.py").mkdir()
    for name, content in {"mine.py.txt": right, "mine.zip": b"PK", "mine.md": right, "mine": right}.items():
        (folder / "late" / name).write_bytes(content)
    for name, text in BYSTANDERS.items():
        (folder / name).write_text(text)
        (folder / "honest" / name).write_text(text)
    return folder


def test_a_class_gets_what_it_deserves(handed_in, tmp_path):
    way = tmp_path / "way"  # the instructor may use links
    way.symlink_to(handed_in.parent, target_is_directory=True)
    done = grade(way / handed_in.name, "--json", cwd=tmp_path)
    assert done.returncode in (0, 2) and "Traceback" not in done.stderr
    results = {
        os.path.relpath(result["submission"], way / handed_in.name): result["score"]
        for result in json.loads(done.stdout)
    }
    points = one_task_right()[1]
    expected = ["honest/mine.py", "hard/mine.py", f"odd/{DRAWING}"]
    expected += ["late/mine", "late/mine.py.txt"]  # saved under another ending: graded, with a note
    expected = dict.fromkeys(expected, points)
    assert {Path(name).as_posix(): score for name, score in results.items() if score} == expected
    said = done.stderr
    wanted = [
        "link/mine.py",
        "relative/mine.py",
        "folder/work",
        "whole",
        "loop/again",
        "loop/secret.py",
        "sparse.py",
    ]
    wanted += ["pipe/mine.py", "pipe/socket.py", "bomb.py", "mine.py.txt", "mine.zip", "mine.md", "late/mine"]
    not_named = [
        name for name in wanted if name not in said and not any(name in graded for graded in results)
    ]
    assert not not_named, said
    assert SECRET not in said + done.stdout and not UNPRINTABLE.search(said)


def test_what_reaches_the_terminal_does_not_draw(tmp_path):
    text, points = one_task_right()
    shipped = UNIT.shipped().replace(
        "raise NotImplementedError", "raise ValueError('\x1b]0;x\x07\u202e\\x1b[2J\\u2066')#"
    )
    (tmp_path / DRAWING).write_text(text)
    (tmp_path / "raises.py").write_text(shipped)
    done = grade(tmp_path, "--isolation", "process", cwd=tmp_path)
    assert f"{points:g} of 100 points" in done.stdout and "\n0 of 100 points" in done.stdout
    assert not UNPRINTABLE.search(done.stdout + done.stderr)
    assert not re.search(r"^me\.py", done.stdout, re.M)


@pytest.mark.parametrize(
    "name, words",
    [
        ("link/mine.py", "link"),
        ("whole", "link"),
        ("pipe/mine.py", "named pipe"),
        ("pipe/socket.py", "socket"),
        ("giant/sparse.py", "2 MB"),
    ],
)
def test_what_is_named_and_cannot_be_graded_is_refused_in_a_sentence(handed_in, name, words):
    done = grade(name, "--json", cwd=handed_in)
    assert done.returncode == 2 and words in done.stderr and "Traceback" not in done.stderr
    assert not done.stdout
