"""What code rests on is found by its text, in functions too; what it does not use is left out."""

import importlib
import json
import subprocess
import sys

import pytest

from grader.authoring.dependencies import digest_of, distributions, used
from grader.course.manifest import ROOT, assignments


def test_imports_are_followed_into_functions_and_packages():
    files, modules = used([], "def f():\n    from cardshop import quality\n    import scipy.stats\n")
    assert "cardshop/quality.py" in files and "cardshop/__init__.py" in files
    assert "scipy.stats" in modules and "json" not in modules
    assert "cardshop/command.py" not in files


def test_data_at_rest_counts_where_its_name_occurs():
    files, _ = used([ROOT / "cardshop/world/species.py"])
    assert "datasets/species.csv" in files and "datasets/cards/species.md" not in files


def test_the_engine_is_left_out_and_the_face_is_all_of_the_page():
    files, _ = used([], "from grader import check\nfrom grader.engine import checks\n")
    assert "grader/page/style.css" in files and not any(name.startswith("grader/engine") for name in files)
    assert "grader/__init__.py" not in files  # it only says where a name lives


@pytest.mark.parametrize(
    ("other", "same"),
    [
        ('"""Says it otherwise."""\nlimit = 1  # so\n\ntext = "# kept"\n', True),
        ('"""Says."""\nlimit = 2\ntext = "# kept"\n', False),
        ('"""Says."""\nlimit = 1\ntext = "# changed"\n', False),
    ],
)
def test_of_a_module_only_its_code_counts(tmp_path, other, same):
    file = tmp_path / "module.py"
    file.write_text('"""Says."""\nlimit = 1\ntext = "# kept"\n')
    before = digest_of(file)
    file.write_text(other)
    assert (digest_of(file) == before) is same


def test_distributions_are_those_that_are_imported():
    assert "polars" in (found := distributions(frozenset({"polars"}))) and "scikit-learn" not in found


def test_nothing_that_is_really_imported_is_overlooked():
    tests = sorted(assignments()[0].checks.glob("test_*.py"))
    program = (
        "import importlib, json, sys\n"
        f"for name in {[f'checks.{file.parent.name}.{file.stem}' for file in tests]!r}: importlib.import_module(name)\n"
        "print(json.dumps([one.__file__ for one in list(sys.modules.values()) if getattr(one, '__file__', None)]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )
    loaded = {
        name.removeprefix(f"{ROOT}/") for name in json.loads(done.stdout) if name.startswith(f"{ROOT}/")
    }
    ours = {name for name in loaded if not name.startswith((".venv", "grader/engine", "grader/__init__"))}
    assert ours and ours <= used(tests)[0].keys()
    assert importlib.util.find_spec("checks")
