"""A live verdict, against a plain pytest process and against running the notebook, in one run.

    python benchmarks/live.py [--unit 2]

Ours: the solution of one task sent to a warm, idle engine, as `check` does in a notebook. pytest: a fresh process that
runs the same check files with the same inputs, the submission's functions called directly. Notebook: a fresh process
that runs the solution notebook as a script. Medians; every variant takes its turn in each round. The wrong answer to a
task is its first stored misconception that fails live.
"""

import argparse
import os
import statistics
import subprocess
import sys
import time

from competitors import environment, plain_pytest

from grader.authoring.answers import load_answers
from grader.course.manifest import assignments
from grader.engine import Engine

ROUNDS = 5
PAUSE = 0.5  # seconds between two verdicts: someone types


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--unit", type=int, default=1)
    number = options.parse_args().unit
    assignment = next(one for one in assignments() if one.name.startswith(f"{number:02}_"))
    compared = assignment.tasks[1].id
    source = assignment.solution.read_text(encoding="utf-8")
    seconds: dict[str, list[float]] = {}
    with Engine(assignment.engine()) as engine:
        engine.grade(source, live=True)
        wrong: dict[str, str] = {}
        for answer in load_answers(assignment, "misconceptions"):
            task = answer.task.id
            if task not in wrong:
                result = engine.grade(answer.notebook, tasks=[task], live=True)
                if result["tasks"][0]["verdict"] in ("failed", "error"):
                    wrong[task] = answer.notebook
        for _ in range(ROUNDS):
            for task in assignment.tasks:
                time.sleep(PAUSE)
                timed(
                    seconds,
                    f"check {task.id}, live",
                    lambda task=task: engine.grade(source, tasks=[task.id], live=True),
                )
                if task.id in wrong:
                    time.sleep(PAUSE)
                    timed(
                        seconds,
                        f"check {task.id}, live, wrong",
                        lambda task=task: engine.grade(wrong[task.id], tasks=[task.id], live=True),
                    )
            timed(
                seconds,
                f"plain pytest, {compared}, live checks",
                lambda: plain_pytest(assignment.checks, assignment.solution, compared, live=True),
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
    ours = statistics.median(seconds[f"check {compared}, live"])
    print(f"{os.cpu_count()} processors, Python {sys.version.split()[0]}, {ROUNDS} rounds")
    for name, values in seconds.items():
        middle = statistics.median(values)
        print(f"{name:34} {1000 * middle:8.0f} ms  {middle / ours:6.1f} x check {compared}")


def timed(seconds: dict[str, list[float]], name: str, run: object) -> None:
    start = time.perf_counter()
    run()
    seconds.setdefault(name, []).append(time.perf_counter() - start)


if __name__ == "__main__":
    main()
