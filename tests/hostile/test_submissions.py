"""Submissions that hang, crash, lie and pry: a stated verdict, no undeserved point, nobody else harmed."""

import time

import pytest

from tests.conftest import ANSWERS, grade, notebook

BOMBS = {
    "an endless loop": ("while True: pass", "timed_out", "No answer within"),
    "a loop that Python cannot interrupt": ("return sum(iter(int, 1))", "timed_out", "No answer within"),
    "the end of the process": ("import os; os._exit(0)", "error", "ended from inside"),
    "SystemExit": ("raise SystemExit(0)", "error", "SystemExit"),
    "KeyboardInterrupt": ("raise KeyboardInterrupt", "error", "KeyboardInterrupt"),
    "a crash of the interpreter": ("import ctypes; ctypes.string_at(0)", "error", "SIGSEGV"),
    "gigabytes at once": ("x = bytearray(10**11)", "error", "MemoryError"),
    "gigabytes by and by": ("x = []\nwhile True: x.append(bytearray(10**8))", "error timed_out", ""),
    "an answer of gigabytes": ("return bytearray(2 * 10**9)", "error timed_out", ""),
    "endless recursion": ("return total(numbers)", "error", "RecursionError"),
    "an answer that contains itself": ("x = []\nx.append(x)\nreturn x", "error", "nested"),
    "a syntax error": ("return (", "error", "SyntaxError"),
    "an exception that cannot be printed": (
        "class E(Exception):\n    def __str__(self): raise E\nraise E",
        "error",
        "cannot be read",
    ),
    "a closed connection": ("import os; os.closerange(3, 99)\nreturn 0", "error", ""),
    "a thread that stays": (
        "import threading, time\nthreading.Thread(target=time.sleep, args=(99,)).start()\nreturn 1",
        "failed",
        "",
    ),
    "fork upon fork": ("import os\nfor _ in range(5): os.fork()\nreturn 1", "failed", ""),
}

CHEATS = {
    "an object equal to everything": "class Any(int):\n    __eq__ = lambda *_: True\nreturn Any(7)",
    "patched builtins": (
        "import builtins\nbuiltins.sum = lambda *_: 0\nbuiltins.abs = lambda *_: 0\nbuiltins.len = lambda *_: 0\n"
        "return 0"
    ),
    "a patched table": "import polars as pl\npl.DataFrame.equals = lambda *_: True\nint.__class__\nreturn None",
    "the stack searched for the answer": (
        "import sys\nframe = sys._getframe()\nwhile frame:\n    for value in frame.f_locals.values():\n"
        "        if type(value).__name__ == 'Task': return value.points\n    frame = frame.f_back\n"
        "return 0"
    ),
    "the memory searched for the checks": (
        "import gc\nfor thing in gc.get_objects():\n"
        "    if getattr(thing, '__name__', '') == 'test_any_numbers': return 1\n"
        "return 'none'"
    ),
    "an early answer on every connection": (
        "import os, json, struct\n"
        "message = json.dumps({'message': {'id': 4, 'value': 0, 'mutated': []}, 'blobs': []})\n"
        "for n in range(3, 64):\n    try: os.write(n, struct.pack('>I', len(message)) + message.encode())\n"
        "    except OSError: pass\nreturn 0"
    ),
    "nonsense on every connection": (
        "import os\nfor n in range(3, 64):\n    try: os.write(n, b'\\xff' * 4096)\n    except OSError: pass\nreturn 0"
    ),
}


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_costs_its_own_task_and_no_other(engine, name):
    body, verdict, words = BOMBS[name]
    start = time.monotonic()
    tasks = grade(engine, live=True, total=body, average="return sum(numbers) / (len(numbers) or 1)")
    assert tasks["1"]["verdict"] in verdict.split() and tasks["1"]["score"] == 0
    assert words in "\n".join(check["message"] for check in tasks["1"]["checks"])
    assert tasks["2"]["verdict"] == "passed"
    assert time.monotonic() - start < 60


@pytest.mark.parametrize("name", CHEATS)
def test_a_cheat_earns_nothing(engine, name):
    tasks = grade(engine, live=True, total=CHEATS[name])
    assert tasks["1"]["score"] == 0 and tasks["1"]["verdict"] in ("failed", "error")
    assert tasks["2"]["verdict"] == "passed"


def test_bytes_that_are_no_text_cost_one_cell(engine):
    text = (
        notebook()
        .encode()
        .replace(ANSWERS["total"].encode(), b"return \xff\xfe(", 1)
        .decode(errors="replace")
    )
    tasks = {task["id"]: task for task in engine.grade(text)["tasks"]}
    assert (tasks["1"]["verdict"], tasks["2"]["verdict"]) == ("error", "passed")


@pytest.mark.parametrize(
    "text",
    ["", "\x00" * 1000, "(" * 100_000, "import os; os._exit(3)", "%PDF-1.4 \ufffd", "[" * 5000 + "]" * 5000],
)
def test_anything_readable_is_graded(engine, text):
    result = engine.grade(text)
    assert result["score"] == 0 and {task["verdict"] for task in result["tasks"]} <= {"error", "blocked"}


def test_a_sandbox_shows_nothing_of_the_machine(engine):
    if engine.isolation != "sandbox":
        pytest.skip("the level `process` does not hide the disk")
    probe = (
        "import os, socket\n"
        "assert not os.path.exists('/proc/self') and not os.path.exists('/etc/passwd')\n"
        f"assert not os.path.exists({__file__!r})\n"
        "for attempt in (lambda: socket.create_connection(('127.0.0.1', 22), 1), lambda: open('/usr/x', 'w'),\n"
        "                lambda: os.setuid(0), lambda: os.chroot('/')):\n"
        "    try: attempt()\n"
        "    except OSError: continue\n"
        "    raise AssertionError('reached')\n"
        "assert os.getpid() == 1\n"
        "open('/tmp/work/allowed', 'w').close()\n"
        "return sum(numbers)"
    )
    task = grade(engine, tasks=["1"], total=probe)["1"]
    assert task["verdict"] == "passed", task["checks"][0]["message"]


def test_nothing_of_one_submission_reaches_the_next(engine):
    grade(
        engine,
        tasks=["1"],
        total="import polars\npolars.DataFrame.with_columns = None\nopen('left', 'w')\nreturn 1",
    )
    body = "import os\nassert not os.path.exists('left')\nreturn sum(numbers)"
    tasks = grade(engine, total=body)
    assert (tasks["1"]["verdict"], tasks["2"]["verdict"]) == ("passed", "passed")
