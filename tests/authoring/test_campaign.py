"""What has to be run follows from the evidence; what was run is noted there."""

import pytest

from grader.authoring import campaign, evidence
from grader.authoring.proof import CHEAP, STEPS
from grader.course.manifest import assignments

UNIT = assignments()[0]
TASK = UNIT.tasks[0]
FIGURES = {"mutants": {"made": 3, "alive": ["1 -> 2"]}, "variants": 3, "misconceptions": 4}


@pytest.fixture
def noted(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(evidence, "PLACE", tmp_path)
    evidence.write_engine("quiet")
    evidence.write_task(
        UNIT, TASK, FIGURES, {"files": {}, "parts": evidence._parts(UNIT, TASK), "distributions": {}}
    )


def test_what_holds_is_left_alone(noted):
    assert campaign._due(UNIT, TASK)[0] == []
    assert campaign._due(UNIT, UNIT.tasks[1]) == (STEPS, "to be proved: it was never proved")


def test_another_text_of_the_engine_asks_for_a_sample(noted, monkeypatch):
    monkeypatch.setattr(evidence, "engine_code", lambda: "new text")
    evidence.write_engine("quiet")
    [step], _why = campaign._due(UNIT, TASK)
    assert step.keywords == {"alive": {"1 -> 2"}}


def test_another_behaviour_asks_for_the_cheap_part_and_never_passes_for_a_proof(noted):
    evidence.write_engine("loud")
    assert campaign._due(UNIT, TASK)[0] == CHEAP
    evidence.write_sample(UNIT, TASK, commit=1, cases=9)
    assert campaign._due(UNIT, TASK)[0] == CHEAP


def test_a_fault_is_no_evidence(noted, capsys):
    def fails(trial):
        """It fails."""
        yield "this is wrong"

    work = [campaign.Work(UNIT, TASK, [fails])]
    assert campaign._run(work, print, 1, pytest.fail) == [f"{TASK.id}: this is wrong"]
    assert "FAULTS: 1" in capsys.readouterr().out
