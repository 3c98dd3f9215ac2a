"""Grading one submission of unit 1 in full, alone and ten in a row, against one cold pytest process for each.

    python benchmarks/grade.py

The same check files and the same number of inputs on both sides, packages byte-compiled for both. pytest calls the
submission's functions in its own process, without any isolation, and leaves out the checks that need workers of their
own (other environments, the stopwatch); ours is timed with everything. So the ratio says what safety and those checks
cost, or save. The live checks are compared too: there both sides do the same.
"""

import os
import statistics
import sys
import time
from collections.abc import Callable
from importlib.metadata import version

from competitors import plain_pytest

from grader.course.manifest import assignments
from grader.engine import Engine

IN_A_ROW = 10
PACKAGES = ("pytest", "hypothesis", "polars", "pandas")


def main() -> None:
    assignment = assignments()[0]
    source = assignment.solution.read_text(encoding="utf-8")
    print(
        f"{os.cpu_count()} processors, Python {sys.version.split()[0]}, "
        + ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    )
    start = time.perf_counter()
    with Engine(assignment.engine()) as engine:
        engine.grade(source)
        print(f"one submission, grader started for it           {time.perf_counter() - start:7.1f} s")
        runs: dict[str, Callable[[], object]] = {
            "everything, warm": lambda: engine.grade(source),
            "everything but cold and timed, cold pytest": lambda: plain_pytest(
                assignment.checks, assignment.solution, None, live=False
            ),
            "live checks, warm": lambda: engine.grade(source, live=True),
            "live checks, cold pytest": lambda: plain_pytest(
                assignment.checks, assignment.solution, None, live=True
            ),
        }
        medians = {}
        for name, run in runs.items():
            seconds = [timed(run) for _ in range(IN_A_ROW)]
            medians[name] = statistics.median(seconds)
            print(
                f"{name:44} {medians[name]:10.2f} s each of {IN_A_ROW} ({min(seconds):.2f} to {max(seconds):.2f})"
            )
    ours, theirs, ours_live, theirs_live = medians.values()
    print(f"pytest / ours: {theirs / ours:.2f} in full, {theirs_live / ours_live:.1f} for the live checks")


def timed(run: Callable[[], object]) -> float:
    start = time.perf_counter()
    run()
    return time.perf_counter() - start


if __name__ == "__main__":
    main()
