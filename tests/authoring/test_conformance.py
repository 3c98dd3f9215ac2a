"""The recorded behaviour of the engine says what it should: right answers pass, others do not."""

import ast

from grader.authoring import conformance, evidence
from grader.engine.scoring import DONE


def test_submissions_differ_and_can_be_written():
    every = conformance.submissions()
    assert len({(one["entry"], one["name"]) for one in every}) == len(every) >= 80
    assert {one["entry"] for one in every} == {task.id for task in conformance.TOY.tasks}
    for one in every:
        if "syntax" not in one["name"]:
            ast.parse(conformance.notebook(one))


def test_what_is_called_right_passes_and_nothing_else_does():
    verdicts = conformance.recorded()
    for name, (verdict, _score, _checks) in verdicts.items():
        if not name.endswith("live"):
            assert (verdict in DONE) == (": right" in name), f"{name} is {verdict}"
    if verdicts:
        assert conformance.behaviour(verdicts) == evidence.read("engine")["behaviour"]
