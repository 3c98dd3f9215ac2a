"""Proofs run step by step on all cores; a fault ends its own task and no other."""

import threading

from grader.authoring.prover import Work, run
from grader.course.manifest import assignments

UNIT = assignments()[0]
FIRST, SECOND = UNIT.tasks[:2]


def holds(trial):
    """It holds."""
    trial.figures["seen"] = trial.task.id
    return iter(())


def fails(trial):
    """It fails."""
    yield "this is wrong"


def breaks(trial):
    """It breaks."""
    raise ValueError("there is no solution")


def test_the_first_fault_of_a_task_ends_it_and_no_other():
    work = [Work(UNIT, FIRST, [holds, fails, holds]), Work(UNIT, SECOND, [holds, breaks])]
    first, second = (
        [done for done in run(work, jobs=1) if done.work.task == task] for task in (FIRST, SECOND)
    )
    assert [(done.step, done.faults, done.seconds > 0) for done in first] == [
        ("it holds", [], True),
        ("it fails", ["this is wrong"], True),
        ("it holds", [], False),
    ]
    assert [done.last for done in first] == [False, False, True]
    assert second[-1].faults == ["it breaks: ValueError: there is no solution"]
    assert second[-1].trial.figures == {"seen": SECOND.id}


def test_steps_run_side_by_side():
    both = threading.Barrier(2, timeout=20)

    def waits(trial):
        """It waits for the other one."""
        both.wait()
        return iter(())

    work = [Work(UNIT, FIRST, [waits]), Work(UNIT, SECOND, [waits])]
    assert not [fault for done in run(work, jobs=2) for fault in done.faults]
