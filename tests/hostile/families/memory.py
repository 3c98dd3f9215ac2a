"""Memory: at once, by and by, and in the ways that a limit on a process's data does not count."""

import contextlib
import mmap
import os
import time
from pathlib import Path

from ..attack import NO_AMOUNT, Family, at_process

HELD = 3600  # MB: one worker's limit and something for what stands beside it
family = Family("memory", task="table", memory=HELD, seconds=25)


@family("error", "MemoryError")
def a_hundred_gigabytes_at_once(table):
    return bytearray(100 * 2**30)


@family("error timed_out")
def gigabytes_by_and_by(table):
    kept = []
    while True:
        kept.append(bytearray(2**26))


@family("error", "too large")
def an_answer_of_a_gigabyte(table):
    return bytearray(2**30)


@family("error timed_out failed")
def shared_memory_without_a_name(table):
    area = mmap.mmap(-1, 6 * 2**30)
    for place in range(0, len(area), 4096):
        area[place] = 1
    return len(area)


@family("error timed_out failed")
def memory_that_grows_down(table):
    area = mmap.mmap(-1, 6 * 2**30, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | 0x100)
    for place in range(0, len(area), 4096):
        area[place] = 1
    return len(area)


@family("error timed_out failed")
def a_file_in_memory(table):
    descriptor = os.memfd_create("hoard")
    for _ in range(6 * 16):
        os.write(descriptor, bytes(2**26))
    return os.fstat(descriptor).st_size


@family("error timed_out failed", open=at_process(NO_AMOUNT), memory=1500)
def many_files_in_the_folder_for_files(table):
    names = [f"{place}hoard-{n}" for place in ("/dev/shm/", "") for n in range(4)]
    try:
        for name in names:
            with Path(name).open("wb") as file:
                for _ in range(10):
                    file.write(bytes(2**26))
    finally:
        for name in names[:4]:
            with contextlib.suppress(OSError):
                Path(name).unlink()
    return None


@family("error timed_out failed", open=at_process(NO_AMOUNT))
def children_with_memory_of_their_own(table):
    for _ in range(8):
        if os.fork() == 0:
            hoard = bytearray(600 * 2**20)
            for place in range(0, len(hoard), 4096):
                hoard[place] = 1
            time.sleep(3)
            os._exit(0)
    time.sleep(3)
    return None


@family("error timed_out failed", open=at_process(NO_AMOUNT))
def children_with_a_common_memory(table):
    area = mmap.mmap(-1, 6 * 2**30)
    part = len(area) // 6
    for child in range(6):
        if os.fork() == 0:
            for place in range(child * part, (child + 1) * part, 4096):
                area[place] = 1
            time.sleep(3)
            os._exit(0)
    time.sleep(3)
    return None


@family("error", "crashed with SIGBUS")
def a_mapping_beyond_the_end_of_its_file(table):
    Path("short").write_bytes(b"x")
    with Path("short").open("r+b") as file:
        area = mmap.mmap(file.fileno(), 1)
        file.truncate(0)
        return area[0]
