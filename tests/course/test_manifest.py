"""The manifest refuses what would not make sense, in sentences."""

import pytest

from grader.course.manifest import ROOT, ManifestError, course, read
from grader.course.mark import read_mark, recognise, write_mark
from grader.course.preload import modules
from grader.course.strays import stray_files
from grader.engine import Submission
from grader.engine.assignment import RESERVED
from grader.page.front import front

TEXT = (ROOT / "course.toml").read_text(encoding="utf-8")
RUBRIC = '{ criterion = "says why", points = 5, levels = ["no", "half", "yes"] }'


def task(number: str, entry: str, more: str = "") -> str:
    design = '{ goal = "g", out_of_scope = "o", minutes = 5 }'
    fields = f'id = "{number}", title = "T", entry = "{entry}", points = 10, hints = ["a", "b", "c"]'
    return f"{{ {', '.join([fields, f'design = {design}', *([more] if more else [])])} }}"


def toy(*tasks: str, name: str = "09_toy", more: str = "", rest: str = "") -> str:
    """A course of one unit, with more of it, and more after it."""
    return f'''
        [course]
        title = "Toy"
        [[units]]
        name = "{name}"
        title = "Toy"
        question = "Why?"
        pass_mark = 0.8
        {more}
        tasks = [{", ".join(tasks)}]
        {rest}
    '''.replace("\n        ", "\n").replace("tasks = []", "")


def test_the_course_holds_together():
    for unit in course().units:
        for assignment in unit.assignments:
            assert assignment.points == 100
            assert assignment.solution.exists() and list(assignment.checks.glob("test_*.py"))
            assert all(len(task.hints) >= 3 for task in assignment.tasks)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('id = "1.1b"', 'id = "1.1a"', "two tasks are called 1.1a"),
        ('entry = "find_issues"', 'entry = "find_issues"\nneeds = ["9.9"]', "needs 9.9"),
        ('entry = "find_issues"', 'entry = "find_issues"\ncolour = "red"', "colour"),
        ("review = 20", "review = 30", "does not add up"),
        ("[course]", "[course", "cannot be read"),
        ("pass_mark = 0.8", "pass_mark = 8", "pass_mark"),
        ('prerequisites = ["01_', 'prerequisites = ["02_', "not an earlier unit"),
        ('task = "CP-2a", worlds', 'task = "CP-1a", worlds', "not a task of it"),
        ("bar = 0.75, wins = 10", "bar = 0.75, wins = 13", "13 wins"),
    ],
)
def test_faults_are_named(old, new, words):
    with pytest.raises(ManifestError, match=words):
        read(TEXT.replace(old, new, 1))


@pytest.mark.parametrize(
    ("tasks", "words"),
    [
        ([task("9.1", "folder")], "a method of Submission"),
        ([task("9.1", "_hidden")], "underscore"),
        ([task("9.1", "a b")], "not a name in Python"),
        ([task("9.1", "../x.yaml", 'answer = "file"')], "not a path inside"),
        ([task("9.1", "f"), task("9.2", "f")], "have the entry `f`"),
        ([task("9.1", "f", 'needs = ["9.2"]'), task("9.2", "g", 'needs = ["9.1"]')], "need one another: 9"),
        ([task("9.1", "f", 'hides = ["cardshop.no_such"]')], "not a module of cardshop"),
        ([task("9.1", "f", 'hides = ["numpy"]')], "hides numpy"),
        ([task("9.1", "why", 'answer = "text"')], "needs a review"),
        ([task("9.1", "f", "budget = { call = 200 }")], "200 s for a call but 90"),
        ([task("9.1", "f", 'review = { cell = "why" }')], "names its cell and its rubric"),
        ([], "nothing to grade"),
    ],
)
def test_impossible_tasks_are_named(tasks, words):
    with pytest.raises(ManifestError, match=words):
        read(toy(*tasks))


def test_a_task_says_what_it_needs():
    extra = (
        'hides = ["cardshop.quality"], budget = { call = 30, threads = 2 }, live = { call = 5 }, '
        f'review = {{ cell = "recommendation", rubric = [{RUBRIC}] }}'
    )
    one = read(toy(task("9.1", "f", extra))).assignments[0].tasks[0]
    assert (one.review, one.judged, len(one.rubric)) == (5, "recommendation", 1)
    given = one.for_engine()
    assert (given.full.call, given.full.total, given.full.threads, given.live.call) == (30, 90, 2, 5)
    assert given.hides == ("cardshop.quality",) and given.judged == "recommendation"


def test_a_unit_may_have_any_number_of_parts_and_any_name():
    parts = "".join(
        f'[[units.parts]]\nid = "CAP-{n}"\ntitle = "Part {n}"\nminutes = 60\ntasks = [{task(f"CAP-{n}a", "build")}]\n'
        for n in (1, 2, 3)
    )
    unit = read(toy(name="capstone", more='kind = "capstone"', rest=parts)).units[0]
    assert [part.name for part in unit.assignments] == ["CAP-1", "CAP-2", "CAP-3"]
    assert unit.assignments[2].exercise == ROOT / "assessments/capstone/CAP-3.py"
    lab = read(toy(task("L03.1", "join"), name="labs/L03_feature_store", more='kind = "lab"')).units[0]
    assert lab.number == "L03" and lab.owns("L03-guess") and not lab.owns("L030-guess")
    assert lab.assignments[0].checks == ROOT / "checks/labs/L03_feature_store"
    assert lab.assignments[0].exercise == ROOT / "exercises/labs/L03_feature_store.py"


def test_what_is_not_installed_is_said_with_the_repair():
    lab = read(toy(task("L03.1", "join"), more='environment = "feast"')).assignments[0]
    assert "python install.py --lab feast" in lab.needed_environment().missing()
    assert "python install.py --lab feast" in front(
        read(toy(task("L03.1", "join"), more='environment = "feast"')), []
    )
    assert course().assignments[0].needed_environment().missing() is None
    dev = read(toy(task("L03.1", "join"), more='extra = "dev"')).assignments[0].needed_environment()
    assert "ruff" in dev.distributions
    with pytest.raises(ManifestError, match="the extra `nothing`"):
        read(toy(task("L03.1", "join"), more='extra = "nothing"')).assignments[0].needed_environment()


def test_a_function_cannot_have_a_name_that_checks_could_not_call():
    public = {name for name in vars(Submission) if not name.startswith("_")} | {"last", "losses"}
    assert public <= RESERVED


def test_a_notebook_says_which_assignment_it_is():
    for assignment in course().assignments:
        shipped = assignment.shipped()
        assert read_mark(shipped) == assignment.name
        assert recognise(shipped.replace("def ", "def un")) == [assignment]
        assert write_mark(shipped, assignment.name) == shipped
        assert recognise(assignment.solution.read_text(encoding="utf-8")) == [assignment]
    assert read_mark(write_mark("app = marimo.App()\n", "labs/L03_x")) == "labs/L03_x"
    assert read_mark(write_mark('app = marimo.App(\n    app_title="It\'s [new]",\n)', "CP-1")) == "CP-1"
    assert recognise("print('nothing of ours')") == []


def test_workers_import_what_the_notebook_imports():
    notebook = (
        "import numpy as np\nfrom pathlib import Path\nfrom grader import check\nfrom cardshop import world\n"
    )
    assert modules(notebook, ["sqlite3"]) == ("cardshop", "cardshop.world", "numpy", "pathlib", "sqlite3")
    assert modules(notebook, hidden=["cardshop.world"]) == ("cardshop", "numpy", "pathlib")
    inside = modules("from cardshop import churn, contracts\n", hidden=["cardshop.categories"])
    assert inside == ("cardshop",)  # both import what is hidden


def test_files_without_a_unit_are_named(tmp_path):
    assert stray_files(course()) == []
    for name in (
        "checks/03_x/test_3_1.py",
        "checks/CP-1/variants/CP-9z_other.py",
        "assessments/quizzes/03_x.toml",
        "solutions/03_x.py",
        "notebooks/home.py",
    ):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    said = "\n".join(stray_files(course(), tmp_path))
    assert len(said.splitlines()) == 4
    for words in (
        "checks/03_x belongs",
        "CP-9z, which is not a task of CP-1",
        "03_x.toml is not",
        "solutions/03_x.py",
    ):
        assert words in said
