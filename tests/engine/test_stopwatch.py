"""The stopwatch: what is fast and right passes; what is wrong, prepared or slows the other side down does not."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from grader.engine import Assignment, Engine, Task

SHIPPED = """import marimo

app = marimo.App()

with app.setup:
    import hashlib
    from pathlib import Path


@app.function
def work(text: bytes, times: int) -> str:
    for _ in range(times):
        text = hashlib.sha256(text).digest()
    return text.hex()


@app.function
def slow(path: Path) -> str:
    work(path.read_bytes(), 1_000_000)
    return path.read_text()[::-1]


@app.function
def fast(path: Path) -> str:
    raise NotImplementedError
"""
CHECKS = """
from grader.engine import File, Round, checks, expect, speedup

@checks("1", weight=0)
def test_right(submission):
    place = submission.folder({"x.txt": "abc"})
    expect(submission.fast(place / "x.txt") == "cba", "cba")

@checks("1", timed=True)
def test_fast(submission, seed, record_property):
    def compare(answer, given):
        expect(answer == given, given)

    warm, glance, *rounds = [Round({"x.txt": text}, (File("x.txt"),)) for text in ("warm", f"{seed}", f"{seed + 1}")]
    asked = []

    def later():
        asked.append("more")
        yield from rounds

    times = speedup(
        submission,
        slow="slow",
        fast="fast",
        warm=warm,
        rounds=later(),
        enough=4,
        compare=compare,
        glance=glance,
    )
    record_property("times", times)
    record_property("asked", asked)
"""


@pytest.fixture(scope="module")
def race(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    folder: Path = tmp_path_factory.mktemp("checks")
    (folder / "test_race.py").write_text(CHECKS)
    with Engine(Assignment("race", (Task("1", "Fast", "fast", 10),), folder, SHIPPED, preload=())) as engine:
        yield engine


def last(engine: Engine, body: str, above: str = "") -> dict:
    text = SHIPPED.replace("raise NotImplementedError", "\n    ".join(body.splitlines()))
    text = text.replace("import Path\n", f"import Path\n    import os, threading, time{above}\n", 1)
    return engine.grade(text)["tasks"][0]["checks"][1]


def test_a_fast_answer_passes(race):
    check = last(race, "return path.read_text()[::-1]")
    assert check["verdict"] == "passed", check["message"]
    assert check["figures"]["times"] > 8 and not check["figures"]["asked"]  # one glance was enough


def test_a_slow_answer_is_told_the_truth(race):
    check = last(race, "work(b'', 500_000)\nreturn path.read_text()[::-1]")
    assert check["verdict"] == "failed" and "Likely cause" not in check["message"]
    assert "times as fast; 4 are asked for" in check["message"] and "Got: it took 0." in check["message"]


def test_a_very_slow_answer_is_stopped(race):
    check = last(race, "time.sleep(20 * (len(path.read_text()) > 9))\nreturn path.read_text()[::-1]")
    assert check["verdict"] == "failed" and "it was stopped after 1 s" in check["message"]


def test_what_is_fast_has_to_be_right_as_well(race):
    check = last(race, "return path.read_text()[::-1] if len(path.read_text()) < 9 else ''")
    assert check["verdict"] == "failed" and "It returned ''" in check["message"]


def test_nothing_can_be_done_before_the_clock_starts(race):
    watch = (
        "\n    answers = {}\n    def watch(folder=Path.cwd()):\n        while True:\n            time.sleep(0.001)\n"
        "            for file in folder.rglob('x.txt'):\n                if str(file) not in answers:\n"
        "                    time.sleep(0.2)\n                    answers[str(file)] = file.read_text()[::-1]\n"
        "    threading.Thread(target=watch, daemon=True).start()"
    )
    check = last(
        race, "while str(path) not in answers:\n    time.sleep(0.001)\nreturn answers[str(path)]", watch
    )
    assert check["verdict"] == "failed" and "times as fast" in check["message"]


def test_the_slow_side_is_measured_alone(race):
    burn = "\n    for _ in range(6):\n        if os.fork() == 0:\n            end = time.time() + 20\n"
    burn += "            while time.time() < end: pass\n            os._exit(0)"
    check = last(race, "work(b'', 250_000)\nreturn path.read_text()[::-1]", burn)
    assert check["verdict"] == "failed"


def test_a_wrong_answer_is_not_measured(race):
    check = last(race, "return ''")
    assert check["verdict"] == "not_run" and "waits for" in check["message"]
