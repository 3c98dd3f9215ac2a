"""A folder of hand-ins: nothing is followed out of it, everything in it is graded or named."""

import os
import socket
import sys
import time
from pathlib import Path

import pytest
import typer

from grader.command.files import SOURCE, Unusable, read_text
from grader.command.intake import take_in
from grader.course.manifest import assignments

UNIT, CHECKPOINT = assignments()[0], assignments()[1]
SHIPPED = UNIT.shipped()
STRANGE = (
    'import marimo\napp = marimo.App(app_title="Other course")\n\n@app.function\ndef clean():\n    pass\n'
)
needs_links = pytest.mark.skipif(sys.platform == "win32", reason="links need a privilege on Windows")


def fill(folder: Path, files: dict[str, str | bytes]) -> Path:
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    return folder


def graded(folder: Path) -> list[str]:
    return [one.file.relative_to(folder).as_posix() for one in take_in(folder).hand_ins]


def remark_on(folder: Path, name: str) -> str:
    (remark,) = [one for one in take_in(folder).remarks if str(folder / name) in one]
    return remark


@needs_links
def test_links_are_named_and_never_followed(tmp_path):
    solutions = UNIT.solution.parent
    folder = fill(tmp_path / "class", {"ada/mine.py": SHIPPED})
    (folder / "bob").mkdir()
    (folder / "bob" / "mine.py").symlink_to(UNIT.solution)
    (folder / "bob" / "again").symlink_to(solutions)
    (folder / "carl").symlink_to(solutions)
    (folder / "dora.py").symlink_to(folder / "ada" / "mine.py")
    (folder / "ada" / "data.csv").symlink_to("/etc/passwd")
    intake = take_in(folder)
    assert [(one.file, one.files) for one in intake.hand_ins] == [(folder / "ada" / "mine.py", {})]
    for name in ("bob/mine.py", "bob/again", "carl", "dora.py", "ada/data.csv"):
        assert "a link" in remark_on(folder, name)
    assert any(one == f"No notebook was graded in {folder / 'bob'}." for one in intake.remarks)


@needs_links
@pytest.mark.parametrize("target", [UNIT.solution, UNIT.solution.parent])
def test_a_link_on_the_command_line_is_not_followed_either(target, tmp_path, capsys):
    (tmp_path / "mine").symlink_to(target)
    with pytest.raises(typer.Exit):  # it may come from `dojo grade submissions/*`
        take_in(tmp_path / "mine")
    assert "is a link" in capsys.readouterr().err


@needs_links
def test_a_module_that_is_a_link_does_not_come_along(tmp_path):
    fill(
        tmp_path,
        {"mine.py": SHIPPED + "\nimport help_a\nimport help_b, help_c\n", "help_a.py": "import help_c"},
    )
    (tmp_path / "help_b.py").symlink_to(UNIT.solution)
    (tmp_path / "help_c.py").write_text("")
    (hand_in,) = take_in(tmp_path / "mine.py").hand_ins
    assert set(hand_in.files) == {"help_a.py", "help_c.py"}


@needs_links
def test_what_is_not_a_regular_file_is_named_and_not_opened(tmp_path):
    fill(tmp_path, {"ada.py": SHIPPED})
    os.mkfifo(tmp_path / "pipe.py")
    with socket.socket(socket.AF_UNIX) as server:
        here = Path.cwd()
        os.chdir(tmp_path)  # a socket's path has to be short
        try:
            server.bind("socket.py")
        finally:
            os.chdir(here)
        assert graded(tmp_path) == ["ada.py"]
        assert "a named pipe" in remark_on(tmp_path, "pipe.py")
        assert "a socket" in remark_on(tmp_path, "socket.py")
    with pytest.raises(Unusable, match="a device"):
        read_text(Path("/dev/zero"))


def test_a_large_file_is_refused_unread(tmp_path):
    fill(tmp_path, {"ada.py": SHIPPED, "sparse.py": ""})
    os.truncate(tmp_path / "sparse.py", 300 * 2**20)
    assert graded(tmp_path) == ["ada.py"] and "at most 2 MB" in remark_on(tmp_path, "sparse.py")
    (tmp_path / "edge.py").write_bytes(b"#" * SOURCE)
    assert len(read_text(tmp_path / "edge.py")) == SOURCE


def test_every_file_is_graded_or_named_and_every_person_too(tmp_path):
    fill(
        tmp_path,
        {
            "ada/mine.py": SHIPPED,
            "bob/mine.py.txt": SHIPPED,
            "carl/mine.zip": b"PK",
            "dora/mine.md": "---\nmarimo-version: 0.25\n---\n",
            "eve/mine": SHIPPED,
            "fred/other.py": STRANGE,
            "gus/mine.ipynb": "{}",
            "hal/plain.py": "def break_cards(cards):\n    return {}\n",
            "ivy/notes.pdf": b"",
            "jo/.mine.py": SHIPPED,
            "ada/__pycache__/mine.pyc": b"",
        },
    )
    (tmp_path / "kim").mkdir()
    assert graded(tmp_path) == ["ada/mine.py", "bob/mine.py.txt", "eve/mine", "hal/plain.py"]
    for name, words in {
        "bob/mine.py.txt": "does not end in .py",
        "carl/mine.zip": "archive",
        "dora/mine.md": "save it as .py",
        "eve/mine": "does not end in .py",
        "fred/other.py": "not one of this course",
        "gus/mine.ipynb": "Jupyter",
        "ivy/notes.pdf": "not a notebook",
        "jo/.mine.py": "hidden",
    }.items():
        assert words in remark_on(tmp_path, name), name
    idle = [one for one in take_in(tmp_path).remarks if one.startswith("No notebook was graded in")]
    people = ["carl", "dora", "fred", "gus", "ivy", "jo", "kim"]
    assert idle == [f"No notebook was graded in {tmp_path / name}." for name in people]


def test_a_folder_goes_with_its_notebooks(tmp_path):
    other = CHECKPOINT.shipped()
    fill(
        tmp_path,
        {
            "ada/exercises/01_data_engineering.py": SHIPPED,
            "ada/exercises/helper.py": "def find_issues(cards): ...",
            "ada/assessments/checkpoints/01_data_engineering.py": other,
            "ada/artifacts/model.onnx": b"\0",
            "ada/alerts.yaml": "",
            "bob/mine.py": SHIPPED,
        },
    )
    checkpoint, exercises, bob = take_in(tmp_path).hand_ins
    assert set(exercises.files) == {"helper.py", "artifacts/model.onnx", "alerts.yaml"}
    assert set(exercises.others) == {CHECKPOINT.name} and set(checkpoint.others) == {UNIT.name}
    assert (bob.others, bob.files) == ({}, {})
    assert exercises.submitted().others == {CHECKPOINT.name: other}
    assert "helper.py" in next(one for one in take_in(tmp_path).remarks if "exercises" in one)


def test_where_nobody_can_tell_whose_a_file_is_nobody_gets_it(tmp_path):
    fill(
        tmp_path,
        {
            "ada.py": SHIPPED + "\nimport helper\n",
            "bob.py": SHIPPED,
            "helper.py": "",
            "answers.csv": "",
            "cp.py": CHECKPOINT.shipped(),
        },
    )
    ada, bob, checkpoint = take_in(tmp_path).hand_ins
    assert list(ada.files) == ["helper.py"] and not bob.files and not checkpoint.others
    assert "not a notebook" in remark_on(tmp_path, "answers.csv")


def test_the_files_of_another_notebook_stay_with_it(tmp_path):
    fill(
        tmp_path,
        {
            "ada/one.py": SHIPPED,
            "ada/one/alerts.yaml": "",
            "ada/cp.py": CHECKPOINT.shipped(),
            "ada/cp/alerts.yaml": "",
            "ada/notes.txt": "",
        },
    )
    checkpoint, exercises = take_in(tmp_path).hand_ins
    for one, folder in ((exercises, "one"), (checkpoint, "cp")):
        assert one.files == {
            "alerts.yaml": tmp_path / "ada" / folder / "alerts.yaml",
            "notes.txt": tmp_path / "ada" / "notes.txt",
        }


def test_the_same_files_go_with_a_notebook_by_itself_and_in_a_class(tmp_path):
    (tmp_path / "class").mkdir()
    fill(
        tmp_path / "class" / "ada",
        {"mine.py": SHIPPED + "\nimport helper\n", "helper.py": "", "mine/artifacts/model.onnx": b"\0"},
    )
    for path in (tmp_path / "class", tmp_path / "class" / "ada", tmp_path / "class" / "ada" / "mine.py"):
        (hand_in,) = take_in(path).hand_ins
        assert set(hand_in.files) == {"helper.py", "artifacts/model.onnx"}, path


def test_the_declared_encoding_counts_and_unreadable_characters_are_told(tmp_path):
    text = "# -*- coding: cp1252 -*-\nname = 'Pokémon'\n"
    host = text.replace("cp1252", "punycode")  # not an encoding of texts, and slow to decode
    fill(tmp_path, {"a.py": text.encode("cp1252"), "b.py": host, "c.py": SHIPPED.encode() + b"\xff"})
    assert read_text(tmp_path / "a.py") == text and read_text(tmp_path / "b.py") == host
    assert any("c.py has 1 character that could not be decoded" in one for one in take_in(tmp_path).remarks)


def test_a_file_of_empty_lines_is_identified_at_once(tmp_path):
    fill(tmp_path, {"ada.py": "\n" * (SOURCE - 10)})
    start = time.process_time()
    assert not take_in(tmp_path).hand_ins and time.process_time() - start < 5
