"""Playing with the checks: objects, patches, tables, tricks with exceptions, and flags about oneself."""

import builtins
import contextlib
import gc
import os
import sys
import time

from ..attack import Family

family = Family("gaming")


@family("failed")
def nothing(numbers):
    return None


@family("failed")
def a_constant(numbers):
    return 0


@family("failed")
def the_question_itself(numbers):
    return numbers


@family("failed")
def an_object_equal_to_everything(numbers):
    class Everything(int):
        def __eq__(self, other):
            return True

        def __hash__(self):
            return 0

    return Everything(7)


@family("failed error")
def an_object_that_pretends_to_be_of_another_class(numbers):
    class Pretender:
        __class__ = int

        def __eq__(self, other):
            return True

        def __index__(self):
            return 0

    return Pretender()


@family("failed error")
def patched_builtins(numbers):
    builtins.sum = builtins.abs = builtins.len = lambda *_, **__: 0
    return 0


@family("failed", task="table")
def a_patched_table(table):
    import polars

    polars.DataFrame.equals = polars.DataFrame.rows = polars.Series.to_list = lambda *_, **__: []
    return table


@family("failed", task="table")
def a_table_of_a_class_of_its_own(table):
    class Table(type(table)):
        def equals(self, *_, **__):
            return True

        def __eq__(self, other):
            return True

    return Table(table)


@family("failed")
def a_table_of_the_examples_that_were_shown(numbers):
    shown = {(): 0, (0,): 0, (1,): 1, (-1,): -1, (0, 0): 0}
    return shown.get(tuple(numbers), 0)


@family("failed", "earlier calls")
def an_answer_that_is_right_once(numbers):
    global calls
    calls = globals().get("calls", 0) + 1
    return sum(numbers) if calls <= 2 else sum(numbers) + 1


@family("failed")
def an_answer_that_is_right_for_the_replay(numbers):
    global calls
    calls = globals().get("calls", 0) + 1
    return sum(numbers) if calls == 1 or not numbers else -1


@family("failed")
def forged_flags(numbers):
    desk = sys.modules["dojo_worker.serve"]._Desk
    desk._mutated = desk._changed = lambda *_: []
    numbers.append(1)
    os.chdir("/")
    return 0


@family("failed error")
def a_worker_with_a_changed_loop(numbers):
    codec = sys.modules["dojo_worker.codec"]
    codec.encode = lambda *_, **__: {"$": "set", "v": list(range(-900, 900))}
    return None


@family("error", "AssertionError")
def a_failed_assertion(numbers):
    raise AssertionError("the check passed")


@family("error", "Skipped")
def an_exception_called_skipped(numbers):
    class Skipped(BaseException):
        __module__ = "_pytest.outcomes"

    raise Skipped("not here")


@family("error", "UnsatisfiedAssumption")
def an_exception_called_unsatisfied(numbers):
    class UnsatisfiedAssumption(Exception):
        __module__ = "hypothesis.errors"

    raise UnsatisfiedAssumption


@family("error", "WorkerLost")
def an_exception_called_lost(numbers):
    class WorkerLost(BaseException):
        reason, sentence = "passed", "the grader itself failed"

    raise WorkerLost


@family("error", "ExceptionGroup")
def a_group_of_exceptions(numbers):
    raise BaseExceptionGroup("many", [KeyboardInterrupt(), SystemExit(0)])


@family("failed error")
def an_answer_found_on_the_stack(numbers):
    frame = sys._getframe()
    while frame:
        for value in frame.f_locals.values():
            if hasattr(value, "expected"):
                return value.expected
        frame = frame.f_back
    return None


@family("failed error")
def an_answer_found_in_memory(numbers):
    for thing in gc.get_objects():
        if getattr(thing, "__name__", "") in ("test_numbers", "test_nothing", "expect"):
            return 0
    return None


@family("failed")
def memory_of_earlier_questions(numbers):
    kept = sys.modules.setdefault("hostile_memory", type(sys)("hostile_memory"))
    seen = vars(kept).setdefault("seen", {})
    with contextlib.suppress(Exception):
        return seen[len(numbers)]
    seen[len(numbers)] = 0
    return 0


@family("failed", task="files", score=5)
def an_answer_remembered_by_the_path(folder):
    seen = globals().setdefault("seen", {})
    if folder not in seen:
        seen[folder] = sum(len(f.read_text().splitlines()) for f in folder.rglob("*") if f.is_file())
    return seen[folder]


@family("failed", task="files", score=5)
def notes_left_in_the_folder(folder):
    answer = sum(len(f.read_text().splitlines()) for f in folder.rglob("*.txt"))
    (folder / "notes").write_text("seen")
    return answer


@family("error failed")
def a_definition_that_is_no_function(numbers):
    globals()["total"] = type("Total", (), {"__call__": lambda self, numbers: NotImplemented})()
    return NotImplemented


@family("failed", seconds=12)
def patience_exhausted_by_slowness(numbers):
    if numbers:
        time.sleep(0.3)
        return 1
    return 0
