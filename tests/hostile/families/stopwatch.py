"""Cheating the stopwatch: less work, work at other times, a slower opponent, a changed clock."""

import os
import signal
import sys
import threading
import time
from pathlib import Path

from ..attack import Family

family = Family("stopwatch", task="race", score=5, seconds=40)


def slowly(path):
    """The given loop."""
    seen = []
    for word in path.read_text().split():
        if word not in seen:
            seen.append(word)
    return seen


USE = (slowly,)


@family("failed", use=USE)
def as_slow_as_the_given_loop(path):
    return slowly(path)


@family("failed error")
def nothing_where_there_is_much_to_do(path):
    words = path.read_text().split()
    return list(dict.fromkeys(words)) if len(words) < 100 else []


@family("failed error")
def everything_but_the_last(path):
    words = path.read_text().split()
    return list(dict.fromkeys(words)) if len(words) < 100 else list(dict.fromkeys(words[:-500]))


@family("failed error")
def an_answer_remembered_by_the_name_of_the_file(path):
    seen = globals().setdefault("seen", {})
    if path.stat().st_size > 1000 and path.name in seen:
        return seen[path.name]
    seen[path.name] = list(dict.fromkeys(path.read_text().split()))
    return seen[path.name]


@family("failed timed_out", use=USE)  # on a busy machine its own children slow it down
def an_opponent_that_is_slowed_down(path):
    children = globals().setdefault("children", [])
    for child in children:
        os.kill(child, signal.SIGSTOP)
    answer = slowly(path)
    for child in children:
        os.kill(child, signal.SIGCONT)
    while len(children) < 40 and len(answer) > 20:
        child = os.fork()
        if child == 0:
            end = time.monotonic() + 20
            while time.monotonic() < end:
                pass
            os._exit(0)
        children.append(child)
    return answer


@family("failed", use=USE)
def work_before_the_clock_starts(path):
    answers = globals().setdefault("answers", {})

    def watch():
        while True:
            for file in list(Path.cwd().rglob("words.txt")) + list(path.parent.parent.rglob("words.txt")):
                if file not in answers and file.stat().st_size > 1000:
                    answers[file] = slowly(file)
            time.sleep(0.002)

    if "watcher" not in globals():
        globals()["watcher"] = threading.Thread(target=watch, daemon=True)
        globals()["watcher"].start()
    return answers[path] if path in answers else slowly(path)


@family("failed", use=USE)
def a_changed_clock(path):
    time.perf_counter = time.monotonic = time.time = time.process_time = lambda: 0.0
    return slowly(path)


@family("failed", use=USE)
def an_opponent_in_the_same_process(path):
    for module in list(sys.modules.values()):
        if hasattr(module, "speedup"):
            module.speedup = lambda *_: 99.0
    return slowly(path)


@family("failed", use=USE)
def an_opponent_with_less_memory_of_its_processor(path):
    hoard = globals().setdefault("hoard", [bytearray(2**27)])
    for place in range(0, len(hoard[0]), 64):
        hoard[0][place] = 1
    return slowly(path)
