"""Workers of each kind: forked in a sandbox, forked without one, each an interpreter of its own."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from grader.engine.inside import codec, processes
from grader.engine.pool import WorkerPool
from grader.engine.worker import Worker, WorkerLost

ROOT = Path(__file__).parents[2]
KINDS = {"sandbox": ("sandbox", True), "process": ("process", True), "spawned": ("process", False)}


@pytest.fixture(scope="module", params=KINDS)
def pool(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[WorkerPool]:
    level, forks = KINDS[request.param]
    folder = tmp_path_factory.mktemp("packages")
    (folder / "noted").mkdir()  # opens a file for writing when it is imported, as marimo does
    (folder / "noted" / "__init__.py").write_text("import tempfile\nLOG = tempfile.TemporaryFile('w')\n")
    pool = WorkerPool(level, (folder / "noted",), (), ("polars", "noted"), forks=forks)
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
    for folder in (tmp_path, tmp_path.parent, tmp_path.parent.parent):
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


EAGER = """
from concurrent.futures import ThreadPoolExecutor
import polars as pl
TABLE = pl.DataFrame({'a': [1, 2]}).with_columns(b=pl.col('a') * 2)
THREAD = ThreadPoolExecutor(1)
THREAD.submit(int).result()
"""


def test_a_process_with_threads_is_not_forked(tmp_path, capfd):
    (tmp_path / "eager").mkdir()
    (tmp_path / "eager" / "__init__.py").write_text(EAGER)
    pool = WorkerPool(None, (tmp_path / "eager",), (), ("polars", "eager"))
    try:
        assert "`eager` starts threads" in pool.slower_because and "polars-0" in pool.slower_because
        assert "`eager` starts threads" in capfd.readouterr().err
        worker = pool.warm()
        body = (
            "import eager\nseen = eager.THREAD.submit(os.path.exists, '/etc/passwd').result()\n"
            "return [seen, eager.TABLE.lazy().select(pl.col('b').sum()).collect().item()]"
        )
        assert run(worker, body) == [pool.level == "process", 6]  # its threads are in the sandbox too
        worker.close()
    finally:
        pool.close()


REFEREE = """
import os, time
from grader.engine.pool import WorkerPool
from grader.engine.worker import WorkerLost
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
    if pool.level != "sandbox":
        return inner
    outer = os.popen(f"ps --no-headers -o pid --ppid {inner[0]}").read().split()
    return outer[1:]  # one of them is the zygote of Tokyo
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


def test_a_worker_has_no_descriptor_but_its_channel(pool):
    body = """
import fcntl, stat
found = []
for number in range(1024):
    try:
        mode = os.fstat(number).st_mode
    except OSError:
        continue
    if not os.path.samestat(os.fstat(number), os.stat(os.devnull)):
        flags = fcntl.fcntl(number, fcntl.F_GETFL) & os.O_ACCMODE
        found.append([stat.filemode(mode)[0], flags == os.O_RDONLY])
return found
"""
    for worker in (pool.warm(), pool.cold({})):
        assert run(worker, body) == [["s", False]]
        worker.close()


def test_nothing_stays_behind(pool):
    if not pool.forks:
        return  # without a process that adopts them, those who have left the group of their parent stay
    pool.cold({}).close()  # a process for its environment stays
    before = len(processes.family(pool._zygote.pid))
    leave = (
        "import time\nif os.fork() == 0:\n    os.setsid()\n    os.fork()\n    while True: time.sleep(60)\n"
        "time.sleep(0.2)\n"
    )
    start = time.monotonic()
    with pytest.raises(WorkerLost, match="exit code 7"):  # although children hold its channel
        run(pool.warm(), leave + "os._exit(7)")
    assert time.monotonic() - start < 8
    for worker in (pool.warm(), pool.cold({})):
        run(worker, leave)
        worker.close()
    deadline = time.monotonic() + 5
    while (left := len(processes.family(pool._zygote.pid))) > before and time.monotonic() < deadline:
        time.sleep(0.05)
    assert left <= before


def test_the_number_of_processes_is_limited(pool):
    if not pool.forks:
        return  # nobody watches
    body = (
        "import time\ntry:\n    for _ in range(100):\n        if os.fork() == 0:\n            time.sleep(60)\n"
        "except BlockingIOError:\n    raise SystemExit(1)\ntime.sleep(20)"
    )
    with pytest.raises((WorkerLost, AssertionError), match="more than 64 processes|SystemExit"):
        run(pool.warm(), body)


def test_the_processes_above_a_worker_are_closed_to_it(pool):
    body = f"""
import subprocess
found, process = [], os.getppid()
for _ in range({2 if pool.forks else 1}):
    for name in ("environ", "mem", "maps"):
        try:
            with open(f"/proc/{{process}}/{{name}}", "rb", buffering=0) as file:
                found.append(name)
        except OSError:
            pass
    command = f"cat /proc/{{process}}/environ"
    found.append(subprocess.run(command, shell=True, capture_output=True, text=True).stdout)
    try:
        with open(f"/proc/{{process}}/status") as file:
            process = next(int(line.split()[1]) for line in file if line.startswith("PPid"))
    except OSError:
        pass
return "".join(found)
"""
    worker = pool.warm()
    assert run(worker, body) == ""
    worker.close()


def test_what_later_workers_import_stays_as_it_is(pool):
    body = """
import noted, pathlib
for folder in (os.path.dirname(noted.__file__), os.path.dirname(os.path.dirname(noted.__file__))):
    for path in [*pathlib.Path(folder).rglob("*"), pathlib.Path(folder)]:
        try:
            if path.is_dir():
                (path / "json.py").write_text("raise SystemExit")
                path.chmod(0)
            else:
                path.chmod(0o666)
                path.write_bytes(b"raise SystemExit")
        except OSError:
            pass
return open(noted.__file__).read() if os.access(noted.__file__, os.R_OK) else ""
"""
    worker = pool.warm()
    run(worker, body)
    worker.close()
    text = (
        "import noted, json\nreturn [open(noted.__file__).read()[:15], os.path.dirname(json.__file__)[-4:]]"
    )
    for worker in (pool.warm(), pool.cold({})):
        assert run(worker, text) == ["import tempfile", "json"]
        worker.close()


def test_the_folder_of_a_worker_goes_with_it(pool):
    body = """
place = os.getcwd()
for _ in range(1500):
    os.mkdir("d")
    os.chdir("d")
os.mkdir("closed", 0)
return place
"""
    worker = pool.warm()
    place = Path(run(worker, body))
    assert pool.level == "sandbox" or place.exists()
    worker.close()
    deadline = time.monotonic() + 10
    while place.exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not place.exists() and not list(pool.root.glob(f"{place.parent.name}*"))


LIBRARIES = """
import asyncio, concurrent.futures, multiprocessing, subprocess, sys, threading
import duckdb, joblib, numpy
from sklearn.ensemble import RandomForestClassifier
rows = numpy.arange(400.0).reshape(100, 4)
forest = RandomForestClassifier(8, n_jobs=2, random_state=0).fit(rows, rows[:, 0] > 200)
found = [bool(forest.predict(rows)[-1])]
found.append(joblib.Parallel(n_jobs=2)(joblib.delayed(abs)(n) for n in range(-8, 0)))
with multiprocessing.get_context("fork").Pool(2) as some:
    found.append(some.map(abs, [-3, 4]))
with concurrent.futures.ThreadPoolExecutor(2) as some:
    found.append(list(some.map(abs, [-5, 6])))
found.append(duckdb.execute("select sum(i)::bigint from range(1000000) t(i)").fetchone()[0])
async def both():
    process = await asyncio.create_subprocess_exec("echo", "7", stdout=subprocess.PIPE)
    return [int((await process.communicate())[0]), await asyncio.to_thread(abs, -8)]
found.append(asyncio.run(both()))
found.append(subprocess.run(["echo", "9"], capture_output=True, text=True).stdout)
return found
"""
FORBIDDEN = """
import ctypes, errno, platform, socket
libc = ctypes.CDLL(None, use_errno=True)
def refusal(name, *arguments):
    libc.syscall.restype = ctypes.c_long
    outcome = libc.syscall(ctypes.c_long(name[platform.machine() == "aarch64"]), *map(ctypes.c_long, arguments))
    return errno.errorcode[ctypes.get_errno()] if outcome == -1 else "done"
found = [
    refusal((250, 219), 0, -3, 1),  # keyctl(KEYCTL_GET_KEYRING_ID, KEY_SPEC_SESSION_KEYRING)
    refusal((272, 97), 0x10000000),  # unshare(CLONE_NEWUSER)
    refusal((56, 220), 0x10000000 | 17, 0, 0, 0, 0),  # clone
    refusal((435, 435), 0, 0),  # clone3
    refusal((101, 117), 0, 0, 0, 0),  # ptrace(PTRACE_TRACEME)
    refusal((425, 425), 1, 0),  # io_uring_setup
    refusal((321, 280), 0, 0, 0),  # bpf
    refusal((323, 282), 0),  # userfaultfd
    refusal((29, 194), 0, 4096, 0o1600),  # shmget
    refusal((0x40000000 | 39, 0x40000000 | 39)),  # getpid of another table
]
for family in (16, 17, 38, 40):  # netlink, packet, alg, vsock
    try:
        socket.socket(family, socket.SOCK_RAW)
    except OSError as error:
        found.append(errno.errorcode[error.errno])
return found
"""


@pytest.mark.skipif(sys.platform != "linux", reason="the filter is Linux's")
def test_system_calls_that_nobody_needs_are_refused(pool):
    worker = pool.warm()
    assert run(worker, FORBIDDEN) == [
        *3 * ["EPERM"],
        "ENOSYS",
        *5 * ["EPERM"],
        "ENOSYS",
        *4 * ["EAFNOSUPPORT"],
    ]
    worker.close()


def test_libraries_that_use_processes_and_threads_work(pool):
    worker = pool.warm()
    assert run(worker, LIBRARIES, 90) == [
        True,
        [*range(8, 0, -1)],
        [3, 4],
        [5, 6],
        499999500000,
        [7, 8],
        "9\n",
    ]
    worker.close()


GROW = "import ctypes, mmap, os, threading, time\npart = bytes(1 << 23)\nkept = mmap.mmap(-1, 5 << 30)\n"
HOGS = {
    "shared": GROW + "for _ in range(640): kept.write(part)\ntime.sleep(25)",
    "children": (
        GROW + "for _ in range(10):\n    if os.fork() == 0:\n        own = bytearray(b'x') * (700 << 20)\n"
        "        time.sleep(25)\ntime.sleep(25)"
    ),
    "headless": (  # the first thread has ended, so that /proc tells no memory of the process
        GROW + "def grow():\n    for _ in range(640): kept.write(part)\n    time.sleep(25)\n"
        "threading.Thread(target=grow).start()\n"
        "ctypes.CDLL(None).syscall(60 if os.uname().machine == 'x86_64' else 93, 0)"
    ),
}


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells what a family of processes uses")
@pytest.mark.parametrize("name", HOGS)
def test_a_family_of_processes_has_one_limit_of_memory(pool, name):
    if not pool.forks:
        return  # nobody watches
    with pytest.raises(WorkerLost, match="used more memory than 1 GB") as lost:
        run(pool.warm(limits={"memory": 2**30}), HOGS[name], 50)
    assert lost.value.reason == "crashed"
    deadline = time.monotonic() + 10
    while (left := in_use(pool)) > 2**30 and time.monotonic() < deadline:
        time.sleep(0.05)
    assert left < 2**30


def in_use(pool: WorkerPool) -> int:
    """Bytes of memory of the pool's processes."""
    return processes.memory(processes.family(pool._zygote.pid), 0)


def test_what_processes_share_counts_once(pool):
    if pool.level == "process" and os.geteuid():
        return  # nobody may look so closely
    body = (
        "import time\nkept = bytearray(b'x' * (300 << 20))\nfor _ in range(5):\n"
        "    if os.fork() == 0:\n        time.sleep(0.6)\n        os._exit(0)\ntime.sleep(0.5)\nreturn len(kept) >> 20"
    )
    worker = pool.warm(limits={"memory": 2**30})
    assert run(worker, body) == 300
    worker.close()
