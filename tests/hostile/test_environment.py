"""The caller's environment must not reach the trusted side: variables, plugins, modules on the path."""

from pathlib import Path

import pytest

from grader.engine import Engine

from .attack import due
from .course import COURSE, notebook
from .ground import SECRET

PLUGIN = """
import pytest, sys
print("hostile-mark: rubbish on standard output")
def pytest_collection_modifyitems(items):
    items[:] = [item for item in items if "hidden" not in item.name]
@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem):
    return True
"""
SITE = """
import builtins, hmac, os, sys
print("hostile-mark: rubbish on standard output")
hmac.digest = lambda *_: bytes(16)
builtins.__debug_hostile__ = True
os.environ["HOSTILE_SITE"] = "1"
"""
WRONG = {"total": "def total(numbers):\n    return min(sum(numbers), 2999)\n"}
"""Right on all numbers that are shown, wrong on those that are not: half of the points."""


def environments(folder: Path) -> dict[str, dict[str, str]]:
    return {
        "options that leave a check out": {"PYTEST_ADDOPTS": "-k 'not hidden'"},
        "options that pytest does not know": {"PYTEST_ADDOPTS": "-n auto --no-such-option"},
        "options that stop at once": {"PYTEST_ADDOPTS": "--collect-only -p no:python"},
        "plugins": {"PYTEST_PLUGINS": "hostile_plugin", "PYTHONPATH": str(folder)},
        "an interpreter that leaves assertions out": {"PYTHONOPTIMIZE": "2", "PYTHONINSPECT": "1"},
        "an interpreter that is not there": {"PYTHONHOME": "/nowhere"},
        "everything else": {
            "PYTHONPATH": str(folder),
            "PYTHONSTARTUP": str(folder / "sitecustomize.py"),
            "PYTHONUSERBASE": str(folder),
            "PYTHONWARNINGS": "error",
            "PYTHONIOENCODING": "ascii:strict",
            "PYTHONBREAKPOINT": "hostile_plugin.main",
            "PYTHONHASHSEED": "1",
            "PYTHONPLATLIBDIR": "nowhere",
            "HYPOTHESIS_STORAGE_DIRECTORY": "/nowhere/at/all",
            "HYPOTHESIS_EXPERIMENTAL_OBSERVABILITY": "1",
            "HYPOTHESIS_NO_NPY": "1",
            "CI": "true",
            "HTTP_PROXY": "http://192.0.2.1:9",
            "HTTPS_PROXY": "http://192.0.2.1:9",
            "ALL_PROXY": "http://192.0.2.1:9",
            "LC_ALL": "tr_TR.UTF-8",
            "TZ": "Asia/Tokyo",
            "POLARS_MAX_THREADS": "0",
            "OMP_NUM_THREADS": "-1",
            "ARROW_DEFAULT_MEMORY_POOL": "nowhere",
        },
    }


@pytest.mark.parametrize("name", due(list(environments(Path())), 2))
def test_the_environment_of_the_caller_changes_nothing(name, tmp_path, monkeypatch):
    (tmp_path / "sitecustomize.py").write_text(SITE)
    (tmp_path / "usercustomize.py").write_text(SITE)
    (tmp_path / "hostile_plugin.py").write_text(PLUGIN)
    for module in ("polars", "pandas", "hypothesis"):
        (tmp_path / f"{module}.py").write_text("raise SystemExit('hostile-mark')")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DOJO_SECRET", SECRET)
    for variable, value in environments(tmp_path)[name].items():
        monkeypatch.setenv(variable, value)
    (tmp_path / "temporary").mkdir()
    monkeypatch.setenv("TMPDIR", str(tmp_path / "temporary"))
    with Engine(COURSE, "process") as engine:
        for source, score in ((notebook(**WRONG), 5), (notebook(), 10)):
            (task,) = engine.grade(source, tasks=["sum"])["tasks"]
            assert task["score"] == score and len(task["checks"]) == 3, task["checks"]
            assert task["verdict"] == ("passed" if score == 10 else "failed")
    assert not list((tmp_path / "temporary").iterdir())
    assert not list(tmp_path.glob(".hypothesis*"))
