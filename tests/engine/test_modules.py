"""A module that was handed in beside its notebook can be imported, and takes the place of no other."""

from grader.engine.assignment import Submitted
from tests.conftest import notebook


def test_a_module_of_the_submission_is_found_and_shadows_nothing(engine, tmp_path):
    (tmp_path / "adding.py").write_text("def up(numbers):\n    return sum(numbers)\n")
    (tmp_path / "json.py").write_text("raise SystemExit\n")
    (tmp_path / "shop.py").write_text("raise SystemExit\n")
    text = notebook(total="import json, shop, adding\nreturn adding.up(numbers)")
    for files in (tmp_path, {path.name: path for path in tmp_path.iterdir()}):
        (task,) = engine.grade(Submitted(text, files=files), tasks=["1"])["tasks"]
        assert task["verdict"] == "passed", task["checks"]
    (alone,) = engine.grade(text, tasks=["1"])["tasks"]
    assert alone["verdict"] == "error" and "adding" in alone["checks"][0]["message"]
