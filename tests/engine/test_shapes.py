"""A right answer is right in every shape in which marimo saves it, and by every way in.

`shapes/` has each shape as the cells that a learner types. marimo's own serialiser makes the file, as its editor does.
The cells go to the engine as a kernel has them, and as that file. `dojo grade` gets one by file, folder and class.
"""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from marimo._ast.cell import CellConfig
from marimo._ast.codegen import generate_filecontents

from grader.authoring.answers import notebook_with
from grader.course.manifest import ROOT, assignments
from grader.engine import Engine
from grader.engine.inside.notebook import Notebook
from tests.conftest import ASSIGNMENT

SETUP = "import polars as pl"
NEWER = "a newer Python"  # how the shapes begin that need Python 3.12


def shapes(name: str) -> dict[str, list[str]]:
    """Read a file of shapes: after `====` the name, between `----` the cells."""
    text = (Path(__file__).parent / "shapes" / name).read_text(encoding="utf-8")
    parts = (part.partition("\n") for part in text.split("\n==== ")[1:])
    return {title: cells.strip("\n").split("\n----\n") for title, _, cells in parts}


RIGHT = shapes("right.txt")
TOLD = {
    title: cells
    for title, cells in shapes("told.txt").items()
    if sys.version_info < (3, 12) or not title.startswith(NEWER)
}


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    with Engine(ASSIGNMENT) as engine:
        yield engine


def saved(cells: list[str], setup: str = SETUP) -> str:
    """The file that marimo's editor writes for a setup cell and these cells."""
    codes, names = [setup, *cells], ["setup", *["_"] * len(cells)]
    return generate_filecontents(codes, names, [CellConfig() for _ in codes])


def verdicts(engine: Engine, cells: list[str]) -> list[tuple[str, str]]:
    """Verdict and first message by both ways in: the cells of a kernel, the saved file at an absolute path."""
    live = [f"with app.setup:\n    {SETUP}", *cells]
    results = [
        engine.grade(source, name=name, tasks=["1"])["tasks"][0]
        for source, name in ((live, "notebook"), (saved(cells), "/srv/ada/mine.py"))
    ]
    return [
        (result["verdict"], next((check["message"] for check in result["checks"] if check["message"]), ""))
        for result in results
    ]


@pytest.mark.parametrize("shape", RIGHT)
def test_a_right_answer_passes_by_every_way_in(engine, shape):
    assert verdicts(engine, RIGHT[shape]) == [("passed", "")] * 2


@pytest.mark.parametrize("shape", TOLD)
def test_what_is_not_supported_is_told_in_the_same_sentence(engine, shape):
    sentence, *cells = TOLD[shape]
    found = verdicts(engine, cells)
    assert [verdict for verdict, _ in found] == ["error"] * 2
    assert all(sentence in message for _, message in found), found


def test_an_error_names_its_line_though_the_path_is_absolute(engine):
    cells = ["def add(numbers):\n    return numbers.sum()", "def total(numbers):\n    return add(numbers)"]
    line = saved(cells).splitlines().index("    return numbers.sum()") + 1
    (_, live), (_, file) = verdicts(engine, cells)
    assert "cell 2, line 2: return numbers.sum()" in live
    assert f"/srv/ada/mine.py, line {line}: return numbers.sum()" in file


def test_a_module_beside_the_notebook_comes_with_the_folder(engine, tmp_path):
    from grader.engine import Submitted

    text = saved(TOLD["a module beside"][1:])
    (tmp_path / "notebook.py").write_text(text)
    (tmp_path / "my_helpers.py").write_text("def add(numbers):\n    return sum(numbers)\n")
    assert engine.grade(Submitted(text, files=tmp_path), tasks=["1"])["tasks"][0]["verdict"] == "passed"
    (tmp_path / "my_helpers.py").write_text("def add(numbers):\n    return numbers.sum()\n")
    result = engine.grade(Submitted(text, files=tmp_path), tasks=["1"])["tasks"][0]
    assert "my_helpers.py, line 2: return numbers.sum()" in result["checks"][0]["message"]


def test_file_folder_and_class_give_the_same_verdict(tmp_path):
    """By `dojo grade`: an answer of the course behind a decorator, with a private name, a guard and its own file."""
    first = assignments()[0]
    task, solution = first.tasks[0], first.solution.read_text(encoding="utf-8")
    cell = next(cell for cell in Notebook.parse(solution).cells if task.entry in cell.names[0])
    head = "import pathlib\n_above = lambda one: one\nif __name__ == '__main__':\n    READY = pathlib.Path(__file__)"
    code = cell.code.replace(f"def {task.entry}(", f"{head}\n\n\n@_above\ndef {task.entry}(")
    text = notebook_with(solution, f"{code}\nassert READY.exists()\n", task.entry)
    for name in ("ada/mine.py", "bob/mine.py"):
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).write_text(text, encoding="utf-8")
    paths = [str(tmp_path / path) for path in ("ada/mine.py", "ada", ".")]
    command = [
        sys.executable,
        "-m",
        "grader.command",
        "grade",
        *paths,
        "--json",
        "--task",
        task.id,
        "--jobs",
        "2",
    ]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    tasks = [one for result in json.loads(done.stdout) for one in result["tasks"] if one["id"] == task.id]
    assert [one["verdict"] for one in tasks] == ["passed"] * 4
