"""The command `dojo` as its readers run it, also wrongly."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import typer

from grader.command import grading, learner, reset
from grader.command.intake import take_in
from grader.course import seeds
from grader.course.manifest import ROOT, assignments, course
from grader.engine.inside.notebook import Notebook, same

DOJO = [sys.executable, "-m", "grader.command"]


def dojo(*arguments: str | Path, home: Path | None = None) -> subprocess.CompletedProcess:
    environment = {**os.environ, "DOJO_HOME": str(home), "COLUMNS": "100"} if home else dict(os.environ)
    return subprocess.run(
        [*DOJO, *map(str, arguments)], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )


def test_list_names_every_task():
    units = json.loads(dojo("list", "--json").stdout)
    assert [unit["name"] for unit in units] == [assignment.name for assignment in assignments()]
    assert set(units[0]["tasks"][0]) == {"id", "title", "entry", "points", "needs"}


def test_grade_prints_one_object_for_one_file(tmp_path):
    file = tmp_path / "someone.py"
    file.write_bytes(assignments()[0].shipped().encode() + b"\n# \xff\xfe no text\n")
    done = dojo("grade", file, "--json", "--isolation", "process")
    result = json.loads(done.stdout)
    assert done.returncode == 0 and (result["unit"], result["isolation"]) == (
        "01_data_engineering",
        "process",
    )
    assert (result["score"], result["max_score"]) == (0, 100)
    assert set(result["tasks"][0]) == {"id", "title", "verdict", "score", "max_score", "review", "checks"}
    assert {task["verdict"] for task in result["tasks"]} == {"not_attempted"}


def test_grade_takes_folders_and_knows_which_notebook_is_which(tmp_path):
    some = assignments()[:3]
    for number, assignment in enumerate(some):
        (tmp_path / f"student {number}.py").write_text(assignment.shipped(), encoding="utf-8")
    (tmp_path / "notes.py").write_text("print('no notebook')")
    results = json.loads(dojo("grade", tmp_path, "--json", "--jobs", "2").stdout)
    assert [result["unit"] for result in results] == [assignment.name for assignment in some]


def test_whatever_lies_in_a_folder_is_graded_or_named(tmp_path):
    shipped = assignments()[0].shipped()
    for name, content in {
        "[bold]ada/x[/y].PY": shipped.encode(),
        "__bob/wide.py": shipped.encode("utf-16"),
        "marked.py": "\ufeff".encode() + shipped.encode(),
        "empty.py": b"",
        "old.ipynb": b"{}",
        "data.csv": b"",
        "__pycache__/gone.py": shipped.encode(),
    }.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(content)
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "pipe.py")
    done = dojo("grade", tmp_path, "--isolation", "process", "--jobs", "2")
    assert done.returncode == 0, done.stderr
    titles = [line for line in done.stdout.splitlines() if line.startswith(str(tmp_path))]
    shown = [line.removeprefix(f"{tmp_path}/").split("  ")[0] for line in titles]
    assert shown == ["[bold]ada/x[/y].PY", "__bob/wide.py", "marked.py"]
    left_out = [
        line.removeprefix(f"Not graded: {tmp_path}/").split()[0]
        for line in done.stderr.splitlines()
        if line.startswith("Not graded")
    ]
    assert left_out == ["data.csv", "empty.py", "old.ipynb", *(["pipe.py"] if hasattr(os, "mkfifo") else [])]


@pytest.mark.skipif(os.name == "nt", reason="Windows sends no signal to one process")
def test_a_class_that_is_interrupted_keeps_what_was_graded(tmp_path):
    (tmp_path / "1.py").write_text(assignments()[0].shipped(), encoding="utf-8")
    loop = "def break_cards(cards):\n    while True:\n        pass\n"
    (tmp_path / "2.py").write_text(loop, encoding="utf-8")
    process = subprocess.Popen(
        [*DOJO, "grade", tmp_path],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    while "0 of 100 points" not in process.stdout.readline():
        assert process.poll() is None
    for _ in range(2):  # as a terminal does: to every process, and people are impatient
        os.killpg(process.pid, signal.SIGINT)
        time.sleep(0.1)
    _, said = process.communicate(timeout=60)
    assert (process.returncode, said) == (130, "1 of 2 were graded.\n")


def test_grading_goes_assignment_by_assignment_and_prints_in_the_given_order(tmp_path):
    names = ["CP-1", "01_data_engineering", "CP-1"]
    for number, name in enumerate(names):
        text = course().assignment(name).shipped()
        (tmp_path / f"{number}.py").write_text(text, encoding="utf-8")
    everything = json.loads(dojo("grade", tmp_path, "--json", "--isolation", "process").stdout)
    assert [result["unit"] for result in everything] == names
    done = dojo("grade", tmp_path, "--json", "--isolation", "process", "--task", "1.1")
    (result,) = json.loads(done.stdout)
    assert [task["id"] for task in result["tasks"]] == ["1.1a", "1.1b", "1.1c"]
    assert "other units that were not graded: 2" in done.stderr


def test_check_exits_with_1_unless_everything_passed(tmp_path):
    done = dojo("check", "1.1a", home=tmp_path)  # as handed out, or as this clone's learner has it
    assert done.returncode == (0 if "13 of 13 points" in done.stdout else 1)


def test_what_cannot_run_here_is_listed_and_skipped_with_the_way_to_install_it(tmp_path, monkeypatch, capsys):
    changed = [
        one.model_copy(update={"exercise": tmp_path / f"{one.name}.py", **update})
        for one, update in zip(assignments()[:2], ({"environment": "feast"}, {}), strict=True)
    ]
    for one in changed:
        one.exercise.write_text(f"{one.shipped()}\n# mine\n", encoding="utf-8")
    monkeypatch.setenv("DOJO_HOME", str(tmp_path))
    monkeypatch.setattr(grading.manifest, "assignments", lambda: tuple(changed))
    learner.list_()
    assert "python install.py --lab feast" in capsys.readouterr().out
    with pytest.raises(typer.Exit):
        learner.check(None, "process")
    shown = capsys.readouterr()
    assert "was not checked. This needs the environment `feast`" in shown.err and "CP-1d" in shown.out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["check", "1.1z"], "Did you mean 1.1"),
        (["hint", "nothing"], "There is no task"),
        (["reset", "02_nothing"], "no task or unit"),
        (["solution", "9"], "There is no task"),
        (["report", "x"], "There is no task"),
        (["grade", "no/such/file.py"], "There is no file"),
        (["grade", "Makefile", "--isolation", "vault"], "no isolation level"),
        (["grade", "docs/pictures"], "no notebook"),
        (["grade", "x" * 300], "too long"),
        (["author", "build", "09_x"], "There is no unit"),
        (["author", "check", "09_x"], "There is no unit"),
    ],
)
def test_wrong_use_gets_a_sentence(arguments, words, tmp_path):
    done = dojo(*arguments, home=tmp_path)
    assert (
        done.returncode == 2 and words in done.stderr and "Traceback" not in done.stderr and not done.stdout
    )


def test_the_solution_opens_after_honest_attempts(tmp_path):
    refused = dojo("solution", "1.2b", home=tmp_path)
    assert refused.returncode == 2 and "3 different attempts" in refused.stderr
    (tmp_path / ".dojo").mkdir()
    lines = [
        {"kind": "attempt", "task": "1.2b", "verdict": "failed", "score": 0, "code": str(n)} for n in range(3)
    ]
    (tmp_path / ".dojo" / "history.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    opened = dojo("solution", "1.2b", home=tmp_path)
    assert opened.returncode == 0 and "def fingerprint" in opened.stdout and "### BEGIN" not in opened.stdout


def test_hints_climb(tmp_path):
    task = assignments()[0].tasks[0]
    for rung in range(1, len(task.hints) + 1):
        shown = dojo("hint", task.id, home=tmp_path).stdout
        assert shown.count("Hint ") == rung
    assert "That was the last hint" in dojo("hint", task.id, home=tmp_path).stdout


def test_a_history_that_cannot_be_kept_stops_nothing(tmp_path):
    (tmp_path / ".dojo").write_text("a file where a folder should be")
    done = dojo("hint", "1.1a", home=tmp_path)
    assert done.returncode == 0 and "Hint 1" in done.stdout and "Not recorded" in done.stdout


@pytest.mark.parametrize(
    "command", [["list"], ["next"], ["hint", "1.1a"], ["progress"], ["solution", "1.1a"]]
)
def test_a_history_that_cannot_be_read_is_said_in_a_sentence(command, tmp_path):
    (tmp_path / ".dojo" / "history.jsonl").mkdir(parents=True)
    done = dojo(*command, home=tmp_path)
    assert (
        done.returncode == 2
        and "history.jsonl cannot be used" in done.stderr
        and "Traceback" not in done.stderr
    )


def test_a_history_of_strange_values_stops_nothing(tmp_path):
    (tmp_path / ".dojo").mkdir()
    (tmp_path / ".dojo" / "history.jsonl").write_bytes(
        b'{"kind": "attempt", "task": ["1.1a"]}\n{"kind": "attempt", "task": "1.1a", "score": "x", "verdict": 5}\n'
        b'{"kind": "hint", "task": "1.1a", "rung": "two"}\n\xff{{\n'
    )
    for command in (["list"], ["next"], ["hint", "1.1a"], ["progress"]):
        assert dojo(*command, home=tmp_path).returncode == 0


def test_the_way_to_a_folder_does_not_matter(tmp_path, monkeypatch):
    folder = tmp_path / ".hidden" / "_class"
    folder.mkdir(parents=True)
    (folder / "someone.py").write_text(assignments()[0].shipped(), encoding="utf-8")
    assert [one.assignment.name for one in take_in(folder).hand_ins] == ["01_data_engineering"]
    monkeypatch.chdir(folder)
    assert len(take_in(Path("../_class")).hand_ins) == 1


def test_a_checkpoint_without_a_readable_function_is_known_by_its_place(tmp_path):
    file = tmp_path / "checkpoints" / assignments()[1].exercise.name
    file.parent.mkdir()
    file.write_bytes(b"\xff")
    assert take_in(file).hand_ins[0].assignment.name == "CP-1"


def test_reset_keeps_every_version_of_the_learner(tmp_path, monkeypatch):
    assignment = assignments()[0].model_copy(update={"exercise": tmp_path / "mine.py"})
    monkeypatch.setenv("DOJO_HOME", str(tmp_path))
    monkeypatch.setattr(grading.manifest, "assignments", lambda: (assignment,))
    for text in ("first", "second"):
        assignment.exercise.write_text(text)
        reset.reset(assignment.name)
        reset.reset(assignment.name)  # nothing of the learner's is left to copy
    assert sorted(copy.read_text() for copy in (tmp_path / ".dojo" / "copies").iterdir()) == [
        "first",
        "second",
    ]
    assert assignment.exercise.read_text(encoding="utf-8") == assignment.shipped()


def test_reset_of_a_task_leaves_the_others(tmp_path, monkeypatch):
    assignment = assignments()[0].model_copy(update={"exercise": tmp_path / "mine.py"})
    monkeypatch.setenv("DOJO_HOME", str(tmp_path))
    monkeypatch.setattr(grading.manifest, "assignments", lambda: (assignment,))
    solved = assignment.solution.read_text(encoding="utf-8")
    assignment.exercise.write_text(solved, encoding="utf-8")
    reset.reset("1.2b")
    mine, shipped, whole = (
        Notebook.parse(text)
        for text in (assignment.exercise.read_text(encoding="utf-8"), assignment.shipped(), solved)
    )
    for task in assignment.tasks:
        wanted = shipped if task.id == "1.2b" else whole
        assert same(mine.definition(task.entry), wanted.definition(task.entry)), task.id


def test_reset_of_a_task_that_is_a_file_puts_back_the_file_alone(tmp_path, monkeypatch):
    unit = next(one for one in assignments() if any(task.answer == "file" for task in one.tasks))
    task = next(task for task in unit.tasks if task.answer == "file")
    assignment = unit.model_copy(update={"exercise": tmp_path / "mine.py"})
    monkeypatch.setenv("DOJO_HOME", str(tmp_path))
    monkeypatch.setattr(grading.manifest, "assignments", lambda: (assignment,))
    file = assignment.folder / task.entry
    file.parent.mkdir(parents=True)
    file.write_text("mine")
    assignment.exercise.write_text("mine")
    reset.reset(task.id)
    assert file.read_text(encoding="utf-8") == assignment.shipped_files()[task.entry]
    assert assignment.exercise.read_text() == "mine"


def test_doctor_sees_what_cannot_be_written(tmp_path):
    (tmp_path / ".dojo").write_text("a file where a folder should be")
    done = dojo("doctor", home=tmp_path)
    assert (
        done.returncode == 1 and "Progress cannot be kept" in done.stdout and "1 problem found" in done.stdout
    )


@pytest.mark.skipif(os.name == "nt", reason="Windows has no limit for the size of a file")
def test_doctor_sees_a_full_disk(tmp_path):
    limited = 'ulimit -f 1 && exec "$@"'  # kB: a file is created, and cannot be filled
    done = subprocess.run(
        ["sh", "-c", limited, "sh", *DOJO, "doctor"],
        cwd=ROOT,
        env={**os.environ, "DOJO_HOME": str(tmp_path)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1 and f"Progress cannot be kept in {tmp_path} (File too large)" in done.stdout
    assert "Notebooks cannot be saved in exercises (File too large)" in done.stdout


def test_progress_is_a_table_and_not_markdown(tmp_path):
    shown = dojo("progress", home=tmp_path).stdout
    assert "1.1a" in shown and "0 of 13" in shown and "|" not in shown and "**" not in shown


def test_seeds_follow_from_the_secret_and_the_name(tmp_path, monkeypatch):
    for name in ("ada", "bob", ".git"):
        (tmp_path / name).mkdir()
    given = json.loads(dojo("seeds", tmp_path, "--json").stdout)
    assert list(given) == ["ada", "bob"] and given["ada"] == seeds.seed_of("ada") != given["bob"]
    assert json.loads(dojo("seeds", "ada", "--json").stdout) == {"ada": given["ada"]}
    assert seeds.seed_of("ada", "another secret") != given["ada"]
    nobody = dojo("seeds", tmp_path / "ada")
    assert nobody.returncode == 2 and "no folder of a person" in nobody.stderr


def test_what_was_answered_about_which_seed_is_found_in_figures():
    checks = [{"figures": {"review": {"seed": 7, "found": 3}}}, {}]
    result = {"tasks": [{"id": "5.4", "checks": checks}, {"id": "5.1", "checks": [{}]}]}
    assert seeds.answered(result) == {"5.4": 7}
