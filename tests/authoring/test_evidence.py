"""Evidence holds as long as nothing that its proof rests on has changed, and says what has."""

import json

import pytest

from grader.authoring import evidence
from grader.course.manifest import ROOT, Assignment, assignments

UNIT = assignments()[0]
TASK = UNIT.tasks[0]
FIGURES = {"mutants": {"made": 1, "alive": []}, "variants": 1, "misconceptions": 1}


@pytest.fixture(scope="module")
def rests_on() -> evidence.Rests:
    return evidence.task_rests_on(UNIT, TASK)


@pytest.fixture
def noted(tmp_path, monkeypatch, rests_on) -> Assignment:
    """The first assignment, whose first task was just proved."""
    monkeypatch.setattr(evidence, "PLACE", tmp_path)
    evidence.write_engine("quiet")
    evidence.write_task(UNIT, TASK, FIGURES, rests_on)
    return UNIT


def rewrite(name: str, change) -> None:
    file = evidence.PLACE / f"{name}.json"
    record = json.loads(file.read_text())
    change(record)
    file.write_text(json.dumps(record))


def test_a_proof_holds_until_something_that_it_rests_on_changes(noted):
    assert evidence.changes(noted, TASK) == [] and evidence.is_sampled(noted, TASK)
    assert evidence.changes(noted, noted.tasks[1]) == ["it was never proved"]

    def other(record):
        rests = record[TASK.id]["rests_on"]
        rests["files"]["cardshop/quality.py"] = "other"
        rests["parts"] |= {"its survivors": "other", "variants/gone.py": "other"}
        rests["distributions"]["polars"] = "0.1"

    rewrite(noted.name, other)
    quality, survivors, gone, polars = evidence.changes(noted, TASK)
    assert (quality, survivors, gone) == ("cardshop/quality.py", "its survivors", "variants/gone.py")
    assert polars.startswith("polars 0.1, now ")


def test_it_rests_on_the_task_and_not_on_its_neighbours(noted):
    rests = evidence.read(noted.name)[TASK.id]["rests_on"]
    assert "checks/01_data_engineering/test_1_0.py" in rests["files"]
    assert "checks/01_data_engineering/test_1_3.py" not in rests["files"]
    assert not any(name.startswith(("grader/engine", "grader/page")) for name in rests["files"])
    answers = [name.partition("/")[2] for name in rests["parts"] if "/" in name]
    assert answers and all(name.startswith(f"{TASK.id}_") for name in answers)
    assert not {"requirements.lock", "exercises/01_data_engineering.py"} & rests["files"].keys()


@pytest.mark.parametrize(
    ("field", "value", "stale"), [("hints", ("a", "b", "c"), 0), ("title", "New", 0), ("points", 7, 1)]
)
def test_hints_and_titles_are_no_part_of_it(noted, field, value, stale):
    task = TASK.model_copy(update={field: value})
    changed = noted.model_copy(update={"tasks": (task, *noted.tasks[1:])})
    assert evidence.changes(changed, task) == ["its entry in course.toml"] * stale


def test_an_engine_that_behaves_the_same_asks_for_a_sample_alone(noted, monkeypatch):
    monkeypatch.setattr(evidence, "engine_code", lambda: "new text")
    assert evidence.describe_engine().startswith("its text has changed")
    evidence.write_engine("quiet")
    assert not evidence.behaves_otherwise(noted, TASK) and not evidence.is_sampled(noted, TASK)
    evidence.write_sample(noted, TASK, 7, 5)
    assert evidence.is_sampled(noted, TASK)
    assert evidence.describe(noted, TASK).endswith("under behaviour quiet, sampled once since (5 cases)")
    evidence.write_engine("loud")
    assert evidence.behaves_otherwise(noted, TASK)
    assert evidence.describe(noted, TASK).startswith("stale: the engine behaves otherwise")


def test_what_was_never_proved_is_due_and_others_in_turn(noted, monkeypatch):
    every = assignments()
    assert evidence.due(every)[: len(every)] == list(every)  # of the first one a single task is proved
    monkeypatch.setattr(evidence, "changes", lambda assignment, task: [])
    assert len(evidence.due(every)) == evidence.OTHERS


def test_a_page_rests_on_what_it_imports(noted):
    page = ROOT / "notebooks" / "home.py"
    assert evidence.page_changes(page) == ["nobody has looked at it"]
    evidence.write_page(page)
    assert evidence.page_changes(page) == []
    rewrite(
        "pages",
        lambda record: record["notebooks/home.py"]["rests_on"]["files"].update({"grader/page/style.css": ""}),
    )
    assert evidence.page_changes(page) == ["grader/page/style.css"]


def test_unreadable_evidence_is_none(noted):
    (evidence.PLACE / f"{noted.name}.json").write_text("{")
    assert evidence.changes(noted, TASK) == ["it was never proved"]
