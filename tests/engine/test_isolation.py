"""What happens where namespaces are not to be had, in a process that may not create any."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
WITHOUT_NAMESPACES = (
    "echo 0 > /proc/sys/user/max_user_namespaces && "
    "exec setpriv --bounding-set -all --inh-caps -all {python} -c '{code}'"
)
CODE = """
from grader.engine import Engine, IsolationUnavailable
from tests.conftest import ASSIGNMENT, notebook
with Engine(ASSIGNMENT) as engine:
    result = engine.grade(notebook())
    print(result["isolation"], result["score"])
try:
    Engine(ASSIGNMENT, "sandbox").grade(notebook())
except IsolationUnavailable as error:
    print(error)
"""


def test_the_best_level_is_taken_and_a_better_one_refused():
    if not shutil.which("unshare") or subprocess.run(["unshare", "-Ur", "true"], check=False).returncode:
        pytest.skip("this machine has no user namespaces to take away")
    program = WITHOUT_NAMESPACES.format(python=sys.executable, code=CODE)
    command = ["unshare", "-Ur", "sh", "-c", program]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    first, *refusal = done.stdout.splitlines()
    assert first == "process 35.0", done.stderr
    assert "`sandbox` is not to be had here" in refusal[0] and "--isolation process" in refusal[0]
