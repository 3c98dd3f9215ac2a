"""Processors and processes: forks, children that stay, threads."""

import os
import signal
import subprocess
import sys
import threading
import time

from ..attack import LEAVES, NO_AMOUNT, SAME_USER, Family, at_process, probing

STAYS = {"spawned": LEAVES}
family = Family("processes", processes=150, seconds=12)  # 64 a worker, and two workers when one is replaced


@family("error timed_out failed", open={"spawned": NO_AMOUNT})
def two_hundred_children(numbers):
    for _ in range(200):
        if os.fork() == 0:
            time.sleep(20)
            os._exit(0)
    return None


@family("error failed")
def five_hundred_threads(numbers):
    for _ in range(500):
        threading.Thread(target=time.sleep, args=(5,), daemon=True).start()
    return None


@family("error timed_out failed")
def a_fork_upon_a_fork(numbers):
    for _ in range(5):
        os.fork()
    return None


@probing(family, open=STAYS)
def a_child_that_has_run_away(numbers):
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            os.closerange(0, 64)
            time.sleep(60)
        os._exit(0)
    os.wait()
    return sum(numbers)


@probing(family, open=STAYS)
def a_program_in_a_session_of_its_own(numbers):
    subprocess.Popen([sys.executable, "-S", "-c", "import time; time.sleep(60)"], start_new_session=True)
    return sum(numbers)


@family("error", "ended from inside", seconds=6, open=STAYS)
def a_child_that_holds_the_connection(numbers):
    if os.fork() == 0:
        os.setsid()
        time.sleep(60)
    os._exit(0)


@family("error failed", seconds=6)
def a_child_that_reads_the_connection_after_its_parent(numbers):
    if os.fork():
        os._exit(0)
    return 0


@probing(family, open=STAYS, slow=True)
def children_that_burn_the_processor(numbers):
    for _ in range(4):
        if os.fork() == 0:
            os.setsid()
            while True:
                pass
    return sum(numbers)


@probing(family, open=STAYS)
def children_that_ignore_every_signal(numbers):
    for _ in range(3):
        if os.fork() == 0:
            os.setpgid(0, 0)
            signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
            time.sleep(60)
    return sum(numbers)


@family("error", "PermissionError")
def a_priority_above_everybody(numbers):
    os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1))
    os.sched_setscheduler(0, os.SCHED_OTHER, os.sched_param(0))
    os.nice(-10)
    raise AssertionError("a priority was given")


@family("error failed timed_out", open=at_process(SAME_USER))
def a_blow_against_the_parent(numbers):
    os.kill(os.getppid(), signal.SIGKILL)
    time.sleep(0.3)
    return None
