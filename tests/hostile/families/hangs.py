"""Hangs and crashes."""

import asyncio
import atexit
import ctypes
import itertools
import os
import signal
import sys
import threading
import time

from ..attack import Family, probing
from ..course import notebook

LATE = "No answer within"
family = Family("hangs and crashes", seconds=12)


@family("timed_out", LATE)
def an_endless_loop(numbers):
    while True:
        pass


@family("timed_out", LATE, slow=True)
def a_loop_that_python_cannot_interrupt(numbers):
    return sum(iter(int, 1))


@family("timed_out", LATE)
def a_process_that_ignores_every_signal(numbers):
    signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
    time.sleep(60)


@family("timed_out", LATE)
def a_process_that_stops_itself(numbers):
    os.kill(os.getpid(), signal.SIGSTOP)
    time.sleep(60)


@family("timed_out", LATE)
async def a_coroutine_that_never_ends(numbers):
    await asyncio.Event().wait()


@family("timed_out", LATE, slow=True)
def an_exception_whose_text_never_ends(numbers):
    class Endless(Exception):
        def __str__(self):
            while True:
                pass

    raise Endless


@family("timed_out", LATE, slow=True)
def an_answer_whose_length_never_ends(numbers):
    class Endless(list):
        def __iter__(self):
            return itertools.count()

    return Endless([1])


family.text(
    "a cell that never ends",
    notebook("while True:\n    pass"),
    "timed_out",
    "seconds",
    neighbour=0,
    seconds=30,
)


@family("error", "ended from inside")
def the_end_of_the_process(numbers):
    os._exit(0)


@family("error", "SystemExit")
def system_exit(numbers):
    raise SystemExit(0)


@family("error", "KeyboardInterrupt")
def a_keyboard_interrupt(numbers):
    raise KeyboardInterrupt


@family("error", "GeneratorExit")
def an_exception_that_is_no_error(numbers):
    raise GeneratorExit


@family("error", "crashed with SIGSEGV")
def a_crash_of_the_interpreter(numbers):
    ctypes.string_at(0)


@family("error", "crashed with")
def an_abort(numbers):
    os.abort()


@family("error", "RecursionError")
def endless_recursion(numbers):
    return globals()["total"](numbers)


@family("error timed_out")
def endless_recursion_without_a_limit(numbers):
    sys.setrecursionlimit(10**9)
    return [globals()["total"](part) for part in [numbers]]


@family("error", "nested")
def an_answer_that_contains_itself(numbers):
    answer = []
    answer.append(answer)
    return answer


@family("error", "cannot be read")
def an_exception_that_cannot_be_printed(numbers):
    class Unprintable(Exception):
        def __str__(self):
            raise self

    raise Unprintable


@family("error", "Your code raised")
def an_exception_whose_class_has_no_name(numbers):
    class Nameless(type):
        @property
        def __name__(cls):
            raise ValueError("no name")

    class Odd(Exception, metaclass=Nameless):
        pass

    raise Odd


@family("failed")
def an_iterator_without_end(numbers):
    return itertools.count()


@family("error", "closed from inside")
def a_closed_connection(numbers):
    os.closerange(3, 1024)
    time.sleep(60)


@probing(family)
def a_thread_that_stays(numbers):
    threading.Thread(target=time.sleep, args=(60,)).start()
    return sum(numbers)


@probing(family)
def a_farewell_that_never_ends(numbers):
    atexit.register(time.sleep, 60)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    return sum(numbers)
