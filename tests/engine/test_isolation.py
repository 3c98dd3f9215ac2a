"""What happens as an ordinary user, where namespaces are not available, and under a strict umask."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
GRADE = """
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
USE = """
from grader.engine.pool import WorkerPool, _Order
from tests.engine.test_workers import run
pool = WorkerPool(None, (), (), ("polars",))
print(pool.level, pool.weaker_because)
alone = pool._spawn(_Order(), {}, ["polars"]).welcome()  # as where libraries start threads
for worker in (pool.warm(), pool.cold({}), pool.warm(profile="service"), alone):
    print(run(worker, "return [os.getpid(), os.getuid() == 0, pl.select(pl.lit(1)).item()]"))
    worker.close()
pool.close()
"""


PEEK = """
import os
from grader.engine.pool import WorkerPool
from tests.engine.test_workers import run
pool = WorkerPool("process", (), (), ("polars",))
body = f'''
found = []
for process in ({pool._zygote.pid}, {os.getpid()}):
    for name in ("environ", "mem"):
        try:
            open("/proc/%d/%s" % (process, name), "rb").close()
            found.append(name)
        except PermissionError:
            pass
return found
'''
print(os.getuid() != 0, run(pool.warm(), body), run(pool.cold({}), body))
pool.close()
"""


def python(code: str, *before: str) -> list[str]:
    """Run a program in the project's interpreter; its output by lines."""
    done = subprocess.run(
        [*before, sys.executable, "-c", code],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def as_ordinary_user(folder: Path) -> list[str]:
    """A command before a command that runs it as an ordinary user, who can read the interpreter and the project."""
    if os.geteuid():
        return []
    steps = []
    for number, place in enumerate((Path(sys.base_prefix), ROOT)):
        if closed := [one for one in (place, *place.parents) if not one.stat().st_mode & 1]:
            (folder / str(number)).mkdir()
            steps.append(
                f"mount --bind {place} {folder}/{number}; mount -t tmpfs -o mode=755 none {closed[-1]}; "
                f"mkdir -p {place}; mount --bind {folder}/{number} {place}"
            )
    user = 'exec setpriv --reuid 1000 --regid 1000 --clear-groups --bounding-set -all "$@"'
    return ["unshare", "-m", "sh", "-ec", "; ".join([*steps, user]), "sh"]


def test_an_ordinary_user_gets_a_sandbox(tmp_path):
    assert python(USE, *as_ordinary_user(tmp_path)) == ["sandbox ", *4 * ["[1, False, 1]"]]


def test_what_is_above_a_worker_is_closed_to_it_without_a_sandbox(tmp_path):
    assert python(PEEK, *as_ordinary_user(tmp_path)) == ["True [] []"]


def test_a_strict_umask_changes_nothing():
    assert python("import os; os.umask(0o077)" + USE) == ["sandbox ", *4 * ["[1, False, 1]"]]


def test_the_best_level_is_taken_and_a_better_one_refused():
    if not shutil.which("unshare") or subprocess.run(["unshare", "-Ur", "true"], check=False).returncode:
        pytest.skip("this machine has no user namespaces to take away")
    without = (
        'echo 0 > /proc/sys/user/max_user_namespaces && exec setpriv --bounding-set -all --inh-caps -all "$@"'
    )
    first, refusal = python(GRADE, "unshare", "-Ur", "sh", "-c", without, "sh")
    assert first == "process 35.0"
    assert "`sandbox` is not available on this machine" in refusal and "--isolation process" in refusal
    told = python(USE, "unshare", "-Ur", "sh", "-c", without, "sh")[0]
    assert told.startswith("process Isolation level `sandbox` is not available on this machine (")
