"""Evidence is current as long as nothing that it rests on has changed."""

import pytest
import typer

from grader.authoring import evidence
from grader.command import author
from grader.course.manifest import Assignment, assignments


@pytest.fixture
def assignment(tmp_path, monkeypatch) -> Assignment:
    """The first assignment, with checks and evidence of its own to change."""
    monkeypatch.setattr(Assignment, "checks", tmp_path / "checks")
    monkeypatch.setattr(evidence, "ROOT", tmp_path)
    monkeypatch.setattr(evidence, "DEPENDS", {"content": ("lock",), "pages": ("lock",)})
    (tmp_path / "lock").write_text("")
    (tmp_path / "checks").mkdir()
    (tmp_path / "checks" / "test_it.py").write_text("")
    for name in ("solution.py", "exercise.py"):
        (tmp_path / name).write_text(name)
    return assignments()[0].model_copy(
        update={"solution": tmp_path / "solution.py", "exercise": tmp_path / "exercise.py"}
    )


@pytest.mark.parametrize(
    ("part", "stale"),
    [
        ("solution.py", {"content", "pages"}),
        ("exercise.py", {"content", "pages"}),
        ("lock", {"content", "pages"}),
        ("checks/test_it.py", {"content"}),
        ("checks/survivors.toml", {"content"}),
        ("notebooks/01_data_engineering.py", {"pages"}),
    ],
)
def test_a_change_makes_evidence_stale(assignment, tmp_path, part, stale):
    (tmp_path / "notebooks").mkdir()
    (tmp_path / "notebooks" / "01_data_engineering.py").write_text("")
    both = {"content", "pages"}
    assert not any(evidence.is_current(assignment, proof) for proof in both)
    for proof in both:
        evidence.write(assignment, proof, {"figure": 1})
    assert all(evidence.is_current(assignment, proof) for proof in both)
    (tmp_path / part).write_text("changed")
    assert {proof for proof in both if not evidence.is_current(assignment, proof)} == stale


def test_what_is_not_written_yet_is_said(assignment, monkeypatch, capsys):
    assignment.solution.unlink()
    monkeypatch.setattr(author, "_wanted", lambda unit: [assignment])
    with pytest.raises(typer.Exit):
        author.check(None, False)
    assert "no solution" in capsys.readouterr().out
