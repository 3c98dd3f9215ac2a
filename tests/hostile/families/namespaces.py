"""Doors of the kernel: each attempt is harmless where it succeeds, and its error tells whether it was let through."""

import ctypes
import os
import platform
import socket

from ..attack import Family, probing

DENIED = (1, 13, 38, 97)  # EPERM, EACCES, ENOSYS, EAFNOSUPPORT
family = Family("namespaces")


def reached(calls):
    """Those of the calls (name: numbers on x86-64 and ARM64, arguments) that the kernel has looked at."""
    libc, found = ctypes.CDLL(None, use_errno=True), []
    for name, (intel, arm, *arguments) in calls.items():
        number = {"x86_64": intel, "aarch64": arm}[platform.machine()]
        if number is not None:
            given = [ctypes.c_long(part) if isinstance(part, int) else part for part in arguments]
            ctypes.set_errno(0)
            if libc.syscall(ctypes.c_long(number), *given) != -1 or ctypes.get_errno() not in (1, 13, 38, 97):
                found.append((name, ctypes.get_errno()))
    return found


@probing(family, use=(reached,))
def namespaces_of_its_own(numbers):
    found = reached(
        {
            "unshare: user": (272, 97, 0x10000000),
            "unshare: mount": (272, 97, 0x00020000),
            "unshare: network": (272, 97, 0x40000000),
            "setns": (308, 268, -1, 0),
            "clone: user": (56, 220, 0x10000000 | 0x00020000 | 0x00000100, 0, 0, 0, 0),
            "clone3": (435, 435, 0, 0),
        }
    )
    if found:
        raise AssertionError(f"reached {found}")
    return sum(numbers)


@probing(family, use=(reached,))
def mounts(numbers):
    found = reached(
        {
            "mount": (165, 40, b"none", b"/", b"nosuchfs", 0, 0),
            "umount": (166, 39, b"/nowhere-at-all", 0),
            "pivot_root": (155, 41, b".", b"."),
            "open_tree": (428, 428, -1, b"/", 1),
            "move_mount": (429, 429, -1, b"", -1, b"", 0),
            "fsopen": (430, 430, b"tmpfs", 0),
            "fspick": (433, 433, -100, b"/", 0),
            "mount_setattr": (442, 442, -1, b"/", 0, 0, 0),
            "swapon": (167, 224, b"/nowhere-at-all", 0),
            "name_to_handle_at": (303, 264, -100, b"/", 0, 0, 0),
            "open_by_handle_at": (304, 265, -100, 0, 0),
        }
    )
    if found:
        raise AssertionError(f"reached {found}")
    return sum(numbers)


@probing(family, use=(reached,))
def other_processes(numbers):
    found = reached(
        {
            "ptrace": (101, 117, 3, os.getppid(), 0, 0),
            "process_vm_readv": (310, 270, os.getppid(), 0, 0, 0, 0, 0),
            "process_vm_writev": (311, 271, os.getppid(), 0, 0, 0, 0, 0),
            "kcmp": (312, 272, os.getpid(), os.getppid(), 0, 0, 0),
            "pidfd_getfd": (438, 438, -1, 0, 0),
            "process_madvise": (440, 440, -1, 0, 0, 0, 0),
        }
    )
    if found:
        raise AssertionError(f"reached {found}")
    return sum(numbers)


@probing(family, use=(reached,))
def machinery_of_the_kernel(numbers):
    found = reached(
        {
            "bpf": (321, 280, 99, 0, 0),
            "io_uring_setup": (425, 425, 1, 0),
            "io_uring_enter": (426, 426, -1, 0, 0, 0, 0, 0),
            "io_uring_register": (427, 427, -1, 99, 0, 0),
            "perf_event_open": (298, 241, 0, 0, -1, -1, 0),
            "userfaultfd": (323, 282, 0x7FFFFFFF),
            "init_module": (175, 105, 0, 0, b""),
            "finit_module": (313, 273, -1, b"", 0),
            "delete_module": (176, 106, b"no-such-module", 0x800),
            "kexec_load": (246, 104, 0, 0, 0, 0),
            "quotactl": (179, 60, -1, 0, 0, 0),
            "syslog": (103, 116, 99, 0, 0),
            "acct": (163, 89, b"/nowhere-at-all"),
            "fanotify_init": (300, 262, 0x7FFFFFFF, 0),
        }
    )
    if found:
        raise AssertionError(f"reached {found}")
    return sum(numbers)


@probing(family, use=(reached,))
def keys_of_the_kernel(numbers):
    found = reached(
        {
            "add_key": (248, 217, 0, 0, 0, 0, 0),
            "request_key": (249, 218, 0, 0, 0, 0),
            "keyctl": (250, 219, 0, -3, 0, 0, 0),
        }
    )
    if found:
        raise AssertionError(f"reached {found}")
    return sum(numbers)


@probing(family, use=(reached,))
def calls_of_another_kind(numbers):
    if platform.machine() == "x86_64":
        extra = 0x40000000  # x32
        found = reached(
            {"x32: getpid": (extra + 39, None), "x32: ptrace": (extra + 521, None, 3, os.getppid(), 0, 0)}
        )
        if found:
            raise AssertionError(f"reached {found}")
    return sum(numbers)


@probing(family)
def sockets_of_odd_families(numbers):
    found = []
    for name in (
        "AF_VSOCK",
        "AF_NETLINK",
        "AF_PACKET",
        "AF_ALG",
        "AF_CAN",
        "AF_TIPC",
        "AF_QIPCRTR",
        "AF_BLUETOOTH",
    ):
        for kind in (socket.SOCK_RAW, socket.SOCK_STREAM, socket.SOCK_SEQPACKET, socket.SOCK_DGRAM):
            try:
                socket.socket(getattr(socket, name), kind).close()
            except (OSError, AttributeError):
                continue
            found.append(name)
            break
    if found:
        raise AssertionError(f"opened {found}")
    return sum(numbers)
