"""A class of small submissions, one after the other and by two jobs, against one pytest process for each.

    python benchmarks/small.py

Three functions, ten assertions on pandas frames and numpy arrays. Ours: the whole of real grading at the level
`sandbox`, with the grader started before the clock. pytest: a fresh process for each submission that runs the same
check file and calls the functions directly, without any isolation. Packages are byte-compiled for both.
"""

import os
import statistics
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from competitors import plain_pytest

from grader.authoring.build import build
from grader.engine import Assignment, Engine, Task

FOLDER = Path(__file__).parent / "small"
CLASS, PROCESSES = 64, 5
TASKS = (
    Task("S-1", "Clean prices", "clean_prices", 4),
    Task("S-2", "Standardise", "standardise", 3),
    Task("S-3", "Accuracy", "accuracy", 3),
)


def main() -> None:
    solution = (FOLDER / "solution.py").read_text(encoding="utf-8")
    shipped = build(solution, {task.entry: task.id for task in TASKS})
    assignment = Assignment(
        "small", TASKS, checks=FOLDER / "checks", shipped=shipped, preload=("numpy", "pandas")
    )
    submissions = [f"{solution}\n# submission {number}\n" for number in range(CLASS)]
    print(f"{os.cpu_count()} processors, Python {sys.version.split()[0]}, {CLASS} submissions")

    with Engine(assignment, "sandbox") as one, Engine(assignment, "sandbox") as two:
        timed(one, solution)
        timed(two, solution)
        seconds = [timed(one, submission) for submission in submissions]
        alone = sum(seconds) / CLASS
        print(
            f"one after the other  {alone:7.3f} s each "
            f"(median {statistics.median(seconds):.3f}, slowest {max(seconds):.3f})"
        )
        start = time.perf_counter()
        with ThreadPoolExecutor(2) as jobs:
            halves = [(one, submissions[::2]), (two, submissions[1::2])]
            list(jobs.map(lambda half: [timed(half[0], text) for text in half[1]], halves))
        together = (time.perf_counter() - start) / CLASS
        print(f"two jobs             {together:7.3f} s each, {alone / together:.2f} times the rate")

    start = time.perf_counter()
    for _ in range(PROCESSES):
        plain_pytest(FOLDER / "checks", FOLDER / "solution.py", None, live=False)
    theirs = (time.perf_counter() - start) / PROCESSES
    print(
        f"a pytest process     {theirs:7.3f} s each, {theirs / alone:.1f} times as long as one after the other"
    )


def timed(engine: Engine, submission: str) -> float:
    start = time.perf_counter()
    result = engine.grade(submission)
    assert result["score"] == result["max_score"], result
    return time.perf_counter() - start


if __name__ == "__main__":
    main()
