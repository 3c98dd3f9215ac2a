"""Evidence is current as long as nothing that it rests on has changed."""

import json

import pytest
import typer

from grader.authoring import proof
from grader.command import author
from grader.manifest import Assignment, assignments


@pytest.fixture
def assignment(tmp_path, monkeypatch) -> Assignment:
    """The first assignment, with checks and evidence of its own to change."""
    monkeypatch.setattr(Assignment, "checks", tmp_path / "checks")
    monkeypatch.setattr(proof, "ROOT", tmp_path)
    monkeypatch.setattr(proof, "DEPENDS", ())
    (tmp_path / "checks").mkdir()
    (tmp_path / "checks" / "test_it.py").write_text("")
    for name in ("solution.py", "exercise.py"):
        (tmp_path / name).write_text(name)
    return assignments()[0].model_copy(
        update={"solution": tmp_path / "solution.py", "exercise": tmp_path / "exercise.py"})


@pytest.mark.parametrize("part", ["solution.py", "exercise.py", "checks/test_it.py", "checks/survivors.toml"])
def test_a_change_makes_evidence_stale(assignment, tmp_path, part):
    assert not proof.evidence_is_current(assignment)
    (tmp_path / "evidence").mkdir()
    file = tmp_path / "evidence" / f"{assignment.name}.json"
    file.write_text(json.dumps({"content": proof.content_hash(assignment)}))
    assert proof.evidence_is_current(assignment)
    (tmp_path / part).write_text("changed")
    assert not proof.evidence_is_current(assignment)


def test_what_is_not_written_yet_is_said(assignment, monkeypatch, capsys):
    assignment.solution.unlink()
    monkeypatch.setattr(author, "_wanted", lambda unit: [assignment])
    with pytest.raises(typer.Exit):
        author.check(None, False)
    assert "no solution" in capsys.readouterr().out
