"""A live verdict, against a plain pytest process and against running the notebook, in one run.

    python benchmarks/live.py

Ours: the solution of one task sent to a warm, idle engine, as `check` does in a notebook. pytest: a fresh process that
runs the same check files with the same inputs, the submission's functions called directly. Notebook: a fresh process
that runs the solution notebook as a script. Medians; every variant takes its turn in each round.
"""

import os
import statistics
import subprocess
import sys
import time

from competitors import environment, plain_pytest

from grader.course.manifest import assignments
from grader.engine import Engine

ROUNDS = 5
PAUSE = 0.5  # seconds between two verdicts: someone types


def main() -> None:
    assignment = assignments()[0]
    source = assignment.solution.read_text(encoding="utf-8")
    seconds: dict[str, list[float]] = {}
    with Engine(assignment.engine()) as engine:
        engine.grade(source, live=True)
        for _ in range(ROUNDS):
            for task in assignment.tasks:
                time.sleep(PAUSE)
                timed(
                    seconds,
                    f"check {task.id}, live",
                    lambda task=task: engine.grade(source, tasks=[task.id], live=True),
                )
            timed(
                seconds,
                "plain pytest, 1.1b, live checks",
                lambda: plain_pytest(assignment.checks, assignment.solution, "1.1b", live=True),
            )
            timed(
                seconds,
                "the notebook as a script",
                lambda: subprocess.run(
                    [sys.executable, str(assignment.solution)],
                    env=environment(),
                    check=True,
                    capture_output=True,
                ),
            )
    ours = statistics.median(seconds["check 1.1b, live"])
    print(f"{os.cpu_count()} processors, Python {sys.version.split()[0]}, {ROUNDS} rounds")
    for name, values in seconds.items():
        middle = statistics.median(values)
        print(f"{name:34} {1000 * middle:8.0f} ms  {middle / ours:6.1f} x check 1.1b")


def timed(seconds: dict[str, list[float]], name: str, run: object) -> None:
    start = time.perf_counter()
    run()
    seconds.setdefault(name, []).append(time.perf_counter() - start)


if __name__ == "__main__":
    main()
