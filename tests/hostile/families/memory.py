"""Memory: at once, by and by, and in the ways that a limit on a process's data does not count."""

import contextlib
import mmap
import os
import time
from pathlib import Path

from ..attack import NO_AMOUNT, Family, probing

LIMIT = 512  # MB: a worker and its children, in the task that is attacked
HELD = LIMIT + 400  # what they can take between two looks, and what stands beside them
TOO_MUCH = "more memory than 0.5 GB"
ALONE = {"spawned": NO_AMOUNT}
family = Family("memory", task="hoard", memory=HELD, seconds=15)


@family("error", "MemoryError")
def a_hundred_gigabytes_at_once(number):
    return bytearray(100 * 2**30)


@family("error", "MemoryError")
def megabytes_by_and_by(number):
    kept = []
    while True:
        kept.append(bytearray(2**24))


@family("error", "too large")
def an_answer_that_is_larger_than_a_message(number):
    return bytearray(300 * 2**20)


@family("error", TOO_MUCH, open=ALONE)
def shared_memory_without_a_name(number):
    area = mmap.mmap(-1, 3 * 2**30)
    for place in range(0, len(area), 4096):
        area[place] = 1
    return len(area)


@family("error", TOO_MUCH, open=ALONE)
def memory_that_grows_down(number):
    area = mmap.mmap(-1, 3 * 2**30, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | 0x100)
    for place in range(0, len(area), 4096):
        area[place] = 1
    return len(area)


@family("error", "PermissionError")
def a_file_in_memory(number):
    descriptor = os.memfd_create("hoard")
    for _ in range(6 * 16):
        os.write(descriptor, bytes(2**24))
    return os.fstat(descriptor).st_size


@family("error timed_out", memory=1500, grounds=("sandbox",))
def many_files_in_the_folder_for_files(number):
    names = [f"{place}hoard-{n}" for place in ("/dev/shm/", "") for n in range(4)]
    for name in names:
        with Path(name).open("wb") as file:
            for _ in range(10):
                file.write(bytes(2**26))


@family("error", TOO_MUCH, open=ALONE)
def children_with_memory_of_their_own(number):
    for _ in range(8):
        if os.fork() == 0:
            hoard = bytearray(250 * 2**20)
            for place in range(0, len(hoard), 4096):
                hoard[place] = 1
            time.sleep(30)
            os._exit(0)
    time.sleep(30)


@family("error", TOO_MUCH, open=ALONE)
def children_with_a_common_memory(number):
    area = mmap.mmap(-1, 2**30)
    part = len(area) // 4
    for child in range(4):
        if os.fork() == 0:
            for place in range(child * part, (child + 1) * part, 4096):
                area[place] = 1
            time.sleep(30)
            os._exit(0)
    time.sleep(30)


@probing(family)
def children_that_share_what_their_parent_has(number):
    """300 MB are there once, although six processes see them."""
    hoard = bytearray(b"x") * (300 * 2**20)
    for _ in range(5):
        if os.fork() == 0:
            time.sleep(0.5)
            os._exit(0)
    for _ in range(5):
        with contextlib.suppress(ChildProcessError):
            os.wait()
    return number * (len(hoard) > 0)


@family("error", "crashed with SIGBUS")
def a_mapping_beyond_the_end_of_its_file(number):
    Path("short").write_bytes(b"x")
    with Path("short").open("r+b") as file:
        area = mmap.mmap(file.fileno(), 1)
        file.truncate(0)
        return area[0]
