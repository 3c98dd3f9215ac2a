"""The few Linux system calls for which Python 3.11 has no function."""

import ctypes
import os
import sys

NEWNS, NEWUTS, NEWIPC = 0x00020000, 0x04000000, 0x08000000
NEWUSER, NEWPID, NEWNET = 0x10000000, 0x20000000, 0x40000000
SET_PDEATHSIG, SET_DUMPABLE, SET_SECCOMP, CAPBSET_DROP, SET_CHILD_SUBREAPER, SET_NO_NEW_PRIVS = (
    1,
    4,
    22,
    24,
    36,
    38,
)

_libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


def call(name: str, *arguments: object) -> None:
    """Call a function of the C library that returns 0. Raises OSError."""
    if getattr(_libc, name)(*arguments) != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{name}: {os.strerror(number)}")


def prctl(option: int, value: object, more: object = 0) -> None:
    call("prctl", option, ctypes.c_ulong(value), more, 0, 0)


def hide_process() -> None:
    """Let other processes of this user neither trace this one nor read its memory and environment (Linux)."""
    if sys.platform == "linux":
        prctl(SET_DUMPABLE, 0)


def map_user(process: int, users: str, groups: str) -> None:
    """Say who is who in the user namespace just entered. `process` is the folder /proc/self; it is closed."""
    try:
        for name, text in (("setgroups", "deny"), ("uid_map", users), ("gid_map", groups)):
            file = os.open(name, os.O_WRONLY, dir_fd=process)
            try:
                os.write(file, text.encode())
            finally:
                os.close(file)
    finally:
        os.close(process)
