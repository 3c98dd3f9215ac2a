"""Grading one submission of unit 1, alone and ten in a row, against one cold pytest process for each.

    python benchmarks/grade.py

The same check files and the same number of inputs on both sides. pytest calls the submission's functions in its own
process, without any isolation, and leaves out the checks that need a worker of their own (`cold`, `timed`); ours is
measured without them, too, and with them.
"""

import os
import statistics
import sys
import time

from competitors import plain_pytest

from grader.engine import Engine
from grader.manifest import assignments

IN_A_ROW = 10


def main() -> None:
    assignment = assignments()[0]
    source = assignment.solution.read_text(encoding="utf-8")
    print(f"{os.cpu_count()} processors, Python {sys.version.split()[0]}")
    start = time.perf_counter()
    with Engine(assignment.engine()) as engine:
        engine.grade(source)
        print(f"ours, everything, alone, cold start included   {time.perf_counter() - start:6.1f} s")
        ours, theirs, live = [], [], []
        for _ in range(IN_A_ROW):
            for seconds, run in ((ours, lambda: engine.grade(source)), (live, lambda: engine.grade(source, live=True)),
                                 (theirs, lambda: [plain_pytest(assignment, None, live=True)])):
                start = time.perf_counter()
                run()
                seconds.append(time.perf_counter() - start)
    print(f"ours, everything, warm, each of ten            {statistics.median(ours):6.1f} s")
    print(f"ours, the live checks, warm, each of ten       {statistics.median(live):6.2f} s")
    print(f"cold pytest, the live checks, each of ten      {statistics.median(theirs):6.2f} s")
    ratio = statistics.median(theirs) / statistics.median(live)
    print(f"ratio, live checks                             {ratio:6.1f} x")


if __name__ == "__main__":
    main()
