"""What one submission leaves for the next: files, keys, shared memory, changed libraries."""

import contextlib
import ctypes
import os
import platform
import socket
import sys
import time
from pathlib import Path

from ..attack import LEAVES, SAME_USER, Family, at_process, probing

HOST: dict = {}
family = Family("persistence")


def leave_files(numbers):
    for place in (".", "~", "/tmp", "/var/tmp", "/dev/shm", Path(sys.modules["dojo_worker"].__file__).parent):
        with contextlib.suppress(OSError):
            (Path(place).expanduser() / f"{HOST['mark']}-file").write_text("left")
    return sum(numbers)


@probing(family, before=leave_files, open=at_process(SAME_USER))
def files_that_another_submission_has_left(numbers):
    for place in (".", "~", "/tmp", "/var/tmp", "/dev/shm", Path(sys.modules["dojo_worker"].__file__).parent):
        path = Path(place).expanduser() / f"{HOST['mark']}-file"
        if path.exists():
            with contextlib.suppress(OSError):
                path.unlink()
            raise AssertionError(f"found {path}")
    return sum(numbers)


@probing(family, grounds=("sandbox",))
def files_in_the_places_of_everybody(numbers):
    own = str(Path.cwd())  # its own folder is on the path too
    for place in (sys.prefix, sys.base_prefix, "/usr/lib", "/etc", "/", *sys.path):
        if place == own:
            continue
        with contextlib.suppress(OSError):
            (Path(place) / f"{HOST['mark']}-file").write_text("left")
            raise AssertionError(f"wrote in {place}")
    return sum(numbers)


def leave_a_file_at_home(numbers):
    Path(f"{HOST['mark']}-notes").write_text("left")
    return sum(numbers)


@probing(family, before=leave_a_file_at_home)
def the_folder_of_an_earlier_submission(numbers):
    for place in (Path.cwd().parent, Path(HOST["temporary"])):
        if found := list(place.rglob(f"{HOST['mark']}-notes")) if place.exists() else []:
            raise AssertionError(f"found {found}")
    return sum(numbers)


def leave_a_key(numbers):
    number = {"x86_64": 248, "aarch64": 217}[platform.machine()]
    libc = ctypes.CDLL(None)
    for keyring in (-3, -4, -5):  # of the session, of the user, of the user's sessions
        libc.syscall(number, b"user", f"{HOST['mark']}-key".encode(), b"left", 4, keyring)
    return sum(numbers)


@probing(family, before=leave_a_key)
def a_key_of_the_kernel(numbers):
    number = {"x86_64": 249, "aarch64": 218}[platform.machine()]
    libc = ctypes.CDLL(None)
    if libc.syscall(number, b"user", f"{HOST['mark']}-key".encode(), None, 0) != -1:
        raise AssertionError("found a key")
    return sum(numbers)


def leave_shared_memory(numbers):
    libc = ctypes.CDLL(None)
    libc.shmget(0x484F5354, 4096, 0o1666)
    libc.semget(0x484F5354, 1, 0o1666)
    libc.msgget(0x484F5354, 0o1666)
    return sum(numbers)


@probing(family, before=leave_shared_memory)
def shared_memory_of_system_v(numbers):
    libc = ctypes.CDLL(None)
    found = [libc.shmget(0x484F5354, 0, 0), libc.semget(0x484F5354, 0, 0), libc.msgget(0x484F5354, 0)]
    for remove, number in zip(
        (libc.shmctl, lambda n, c, _: libc.semctl(n, 0, c), libc.msgctl), found, strict=True
    ):
        if number != -1:
            remove(number, 0, None)
    if found != [-1, -1, -1]:
        raise AssertionError(f"found {found}")
    return sum(numbers)


def change_the_process(numbers):
    os.environ["TZ"] = "Asia/Tokyo"
    time.tzset()
    os.environ["HOSTILE_MARK"] = "left"
    os.umask(0o777)
    sys.modules["hostile_mark"] = sys
    sys.setrecursionlimit(50_000)
    return sum(numbers)


@probing(family, before=change_the_process)
def a_changed_process(numbers):
    if "hostile_mark" in sys.modules or "HOSTILE_MARK" in os.environ or sys.getrecursionlimit() == 50_000:
        raise AssertionError("found a changed process")
    if time.tzname[0] != "UTC":
        raise AssertionError(f"found {time.tzname}")
    return sum(numbers)


def change_what_workers_import(numbers):
    for name in ("grader", "shop", "dojo_worker.serve", "json"):
        file = Path(sys.modules[name].__file__ if name in sys.modules else __import__(name).__file__)
        cache = file.parent / "__pycache__"
        if "site-packages" not in str(file) and not str(file).startswith((sys.base_prefix, "/usr")):
            with contextlib.suppress(OSError):
                file.chmod(0o666)
            with contextlib.suppress(OSError):
                file.write_text(file.read_text() + "\nHOSTILE_MARK = 'left'\n")
            with contextlib.suppress(OSError):
                (cache / f"{HOST['mark']}.pyc").write_bytes(b"left")
    return sum(numbers)


@probing(family, before=change_what_workers_import, open=at_process(SAME_USER))
def changed_code_of_the_worker(numbers):
    for name in ("grader", "shop", "dojo_worker.serve"):
        file = Path(sys.modules[name].__file__ if name in sys.modules else __import__(name).__file__)
        if "HOSTILE_MARK" in file.read_text():
            file.write_text(file.read_text().replace("\nHOSTILE_MARK = 'left'\n", ""))
            raise AssertionError(f"found {file}")
    return sum(numbers)


def leave_a_server(numbers):
    if os.fork() == 0:
        os.setsid()
        with socket.socket(socket.AF_UNIX) as server:
            server.bind(f"\0{HOST['mark']}-server")
            server.listen()
            time.sleep(30)
        os._exit(0)
    time.sleep(0.1)
    return sum(numbers)


@probing(family, before=leave_a_server, open={"spawned": LEAVES})
def a_server_of_an_earlier_submission(numbers):
    with socket.socket(socket.AF_UNIX) as caller:
        if caller.connect_ex(f"\0{HOST['mark']}-server") == 0:
            raise AssertionError("found a server")
    return sum(numbers)


def change_the_standard_library(numbers):
    import json
    import statistics

    json.loads = json.dumps = statistics.mean = lambda *_, **__: 0
    return sum(numbers)


@probing(family, before=change_the_standard_library)
def a_changed_library(numbers):
    import json
    import statistics

    if json.loads("1") != 1 or statistics.mean([1]) != 1:
        raise AssertionError("found a changed library")
    return sum(numbers)
