"""Workers of each kind: forked in a sandbox, forked without one, each an interpreter of its own."""

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from grader.engine.inside import codec
from grader.engine.pool import Worker, WorkerLost, WorkerPool

ROOT = Path(__file__).parents[2]
KINDS = {"sandbox": ("sandbox", True), "process": ("process", True), "spawned": ("process", False)}


@pytest.fixture(scope="module", params=KINDS)
def pool(request: pytest.FixtureRequest) -> Iterator[WorkerPool]:
    level, forks = KINDS[request.param]
    pool = WorkerPool(level, (), (), ("polars",), forks=forks)
    yield pool
    pool.close()


def run(worker: Worker, body: str, seconds: float = 20) -> object:
    """Run the body of a function in a worker and return what it returns."""
    lines = "\n    ".join(body.splitlines())
    source = f"import os\nimport polars as pl\n\n\ndef answer():\n    {lines}\n"
    empty: list[bytes] = []
    arguments = {"args": codec.encode((), None, empty), "kwargs": codec.encode({}, None, empty)}
    worker.ask({"op": "open", "source": source, "label": "n.py"}, [], seconds)
    reply, blobs = worker.ask({"op": "call", "name": "answer", **arguments}, [], seconds)
    assert "error" not in reply, reply["error"]
    return codec.decode(reply["value"], blobs, None)


def test_a_worker_that_died_while_it_waited_is_replaced(pool):
    pool.prepare()
    waiting = pool._spares[0].welcome()
    waiting.kill()
    while waiting.alive:
        time.sleep(0.01)
    worker = pool.warm()
    assert run(worker, "return pl.select(pl.lit(1) + 1).item()") == 2
    worker.close()


def test_how_a_worker_ended_is_said(pool):
    for body, words in {
        "os._exit(7)": "exit code 7",
        "os.abort()": "SIGABRT|SIGSEGV",
        "os.closerange(3, 99)\nimport time\ntime.sleep(9)": "closed from inside",
    }.items():
        with pytest.raises(WorkerLost, match=words):
            run(pool.warm(), body)
    with pytest.raises(WorkerLost, match="no answer within 0.5 seconds"):
        run(pool.warm(), "while True: pass", 0.5)
    with pytest.raises(WorkerLost, match="processor time"):
        run(pool.warm(limits={"cpu": 1}), "while True: pass")


def test_a_slow_trickle_of_bytes_does_not_extend_the_time(pool):
    body = (
        "import time\nfor n in range(3, 64):\n    try: os.write(n, b'\\0\\1\\0\\0')\n    except OSError: pass\n"
        "while True:\n    time.sleep(0.05)\n    for n in range(3, 64):\n        try: os.write(n, b' ')\n"
        "        except OSError: pass"
    )
    start = time.monotonic()
    with pytest.raises(WorkerLost, match="no answer within"):
        run(pool.warm(), body, 1)
    assert time.monotonic() - start < 5


def test_folders_are_mounted_and_cannot_be_written_in_a_sandbox(pool, tmp_path):
    (tmp_path / "model.txt").write_text("weights")
    for folder in (tmp_path, *tmp_path.parents[:-1]):
        folder.chmod(0o755)
    worker = pool.warm(mounts={"artifacts": tmp_path, "data/big": tmp_path})
    text = "return open('artifacts/model.txt').read() + open('data/big/model.txt').read()"
    assert run(worker, text) == "weightsweights"
    worker.close()
    if pool.level == "sandbox":
        worker = pool.warm(mounts={"artifacts": tmp_path})
        assert run(worker, "return os.statvfs('artifacts').f_flag & 15") == 1 | 2 | 4 | 8
        worker.close()
    with pytest.raises(OSError, match="not a path inside"):
        pool.warm(mounts={"../elsewhere": tmp_path})


def test_services_can_be_started(pool):
    body = (
        "import getpass, socket\nserver = socket.create_server(('localhost', 0))\n"
        "client = socket.create_connection(server.getsockname())\nreturn getpass.getuser()"
    )
    worker = pool.warm()
    assert run(worker, body) == "learner"
    worker.close()
    worker = pool.warm(profile="service", threads=2)
    body = (
        "import psutil\npsutil.cpu_times()\npsutil.Process().memory_info()\n"
        "return [psutil.virtual_memory().total > 0, psutil.cpu_count() > 0, pl.thread_pool_size()]"
    )
    assert run(worker, body) == [True, True, 2]
    if pool.level == "sandbox":
        assert run(worker, "return [name for name in os.listdir('/proc') if name.isdigit()]") == ["1"]
        body = (
            "found = []\nfor name in ('keys', 'kallsyms', 'kcore', 'sysrq-trigger', 'sys/kernel/hostname'):\n"
            "    try:\n        if open('/proc/' + name, 'rb').read(1): found.append(name)\n"
            "    except OSError: pass\n"
            "try: open('/proc/sys/kernel/hostname', 'w')\nexcept OSError: return found"
        )
        assert run(worker, body) == ["sys/kernel/hostname"]
    worker.close()


def test_a_cold_worker_has_its_own_environment(pool):
    worker = pool.cold({"PYTHONHASHSEED": "7", "TZ": "Asia/Tokyo"})
    assert run(worker, "import time\nreturn [os.environ['PYTHONHASHSEED'], time.tzname[0]]") == ["7", "JST"]
    worker.close()


def test_without_fork_two_interpreters_are_kept_ready():
    pool = WorkerPool(None, (), (), ("polars",), forks=False)
    try:
        pool.prepare()
        for waiting in pool._spares:
            while not waiting._channel.readable_now():
                time.sleep(0.01)
        start = time.monotonic()
        for worker in (pool.warm(), pool.warm()):
            assert run(worker, "return pl.select(pl.lit(1)).item()") == 1
            worker.close()
        assert time.monotonic() - start < 1
    finally:
        pool.close()


def test_a_process_with_threads_is_not_forked(tmp_path, capfd):
    (tmp_path / "eager").mkdir()
    (tmp_path / "eager" / "__init__.py").write_text(
        "import polars as pl\nTABLE = pl.DataFrame({'a': [1, 2]}).with_columns(b=pl.col('a') * 2)\n"
    )
    pool = WorkerPool(None, (tmp_path / "eager",), (), ("polars", "eager"))
    try:
        assert "`eager` starts threads" in pool.slower_because and "polars-0" in pool.slower_because
        assert "`eager` starts threads" in capfd.readouterr().err
        worker = pool.warm()
        assert (
            run(worker, "import eager\nreturn eager.TABLE.lazy().select(pl.col('b').sum()).collect().item()")
            == 6
        )
        worker.close()
    finally:
        pool.close()


REFEREE = """
import os, time
from grader.engine.pool import WorkerLost, WorkerPool
from tests.engine.test_workers import run
pool = WorkerPool(None, (), (), ("polars",))
ordinary = pool.warm()
control = pool.new_control()
process = os.fork()
if process == 0:
    pool.attach(control)
    if os.getuid() == 0:
        os.setresgid(65533, 65533, 65533)
        os.setresuid(65533, 65533, 65533)
    pool.prepare()
    print(run(pool.warm(), "return pl.select(pl.lit(1)).item()"), flush=True)
    print(run(pool.cold({"TZ": "Asia/Tokyo"}), "return os.environ['TZ']"), flush=True)
    try:
        run(pool.warm(), "while True: pass", 0.5)
    except WorkerLost as lost:
        print(lost.sentence, flush=True)
    try:
        run(pool.warm(), "os._exit(3)")
    except WorkerLost as lost:
        print(lost.sentence, flush=True)
    pool.warm()
    os._exit(0)
control.close()
os.waitpid(process, 0)
print(run(ordinary, "return 'still there'"))
def workers():
    listed = [os.popen(f"ps --no-headers -o pid --ppid {parent}").read().split() for parent in (pool._zygote.pid,)]
    inner = os.popen(f"ps --no-headers -o pid --ppid {pool._zygote.pid}").read().split()
    return os.popen(f"ps --no-headers -o pid --ppid {inner[0]}").read().split() if pool.level == "sandbox" else inner
deadline = time.monotonic() + 10
while len(workers()) > 1 and time.monotonic() < deadline:
    time.sleep(0.05)
print(len(workers()))
pool.close()
"""


def test_a_referee_orders_its_own_workers_which_end_with_it():
    command = [sys.executable, "-c", REFEREE]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert done.stdout.splitlines() == [
        "1",
        "Asia/Tokyo",
        "no answer within 0.5 seconds; the run was stopped",
        "the Python process was ended from inside, with exit code 3",
        "still there",
        "1",
    ], done.stderr
