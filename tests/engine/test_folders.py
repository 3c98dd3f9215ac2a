"""Folders of killed processes."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from grader.engine.inside.folders import Temporary

KILLED = """
import os, signal
from grader.engine.pool import WorkerPool
pool = WorkerPool(None, (), (), ("json",))
print(pool._place.path, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="there is no lock that ends with its process")
def test_what_a_killed_service_leaves_is_removed_at_the_next_start(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    done = subprocess.run(
        [sys.executable, "-c", KILLED],
        cwd=Path(__file__).parents[2],
        env={**os.environ, "TMPDIR": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    left = Path(done.stdout.strip())
    assert left.exists() and left.parent == tmp_path, done.stderr
    alive = Temporary("dojo-pool-")
    assert left.exists()  # it could be one that is being made
    for place in (left, alive.path):
        os.utime(place, (0, 0))
    Temporary("dojo-pool-").close()
    assert not left.exists() and alive.path.exists()
    alive.close()
    assert not alive.path.exists()
