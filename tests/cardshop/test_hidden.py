"""A submission cannot look up what was planted in a world."""

from dataclasses import replace
from pathlib import Path

from grader.course.manifest import HIDDEN
from grader.engine import Engine
from tests.conftest import ASSIGNMENT, grade

PROJECT = Path(__file__).parents[2]
MODULES = sorted(path.stem for path in (PROJECT / "cardshop/world/truth").glob("*.py"))


def test_no_module_of_the_truth_can_be_imported():
    course = replace(ASSIGNMENT, packages=(*ASSIGNMENT.packages, PROJECT / "cardshop"), hidden=HIDDEN)
    looks = f"""
import importlib
from cardshop import churn, world
for name in {MODULES}:
    try:
        importlib.import_module("cardshop.world.truth." + name)
    except ModuleNotFoundError:
        continue
    return None
return sum(numbers)"""
    with Engine(course, "process") as engine:
        assert grade(engine, live=True, tasks=["1"], total=looks)["1"]["verdict"] == "passed"
    assert {"credit", "customers", "events"} <= set(MODULES)
