"""A filter of system calls: what no submission needs and what opens doors is refused (Linux, x86-64 and ARM64)."""

import ctypes
import errno
import platform
import struct

from . import kernel

_AUDIT = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}  # how the kernel calls the architectures
_REFUSED = {  # x86-64, ARM64
    # other processes
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "kcmp": (312, 272),
    "pidfd_getfd": (438, 438),
    "process_madvise": (440, 440),
    # namespaces, mounts
    "unshare": (272, 97),
    "setns": (308, 268),
    "chroot": (161, 51),
    "pivot_root": (155, 41),
    "mount": (165, 40),
    "umount2": (166, 39),
    "open_tree": (428, 428),
    "move_mount": (429, 429),
    "fsopen": (430, 430),
    "fsconfig": (431, 431),
    "fsmount": (432, 432),
    "fspick": (433, 433),
    "mount_setattr": (442, 442),
    "name_to_handle_at": (303, 264),
    "open_by_handle_at": (304, 265),
    # what outlives a worker
    "add_key": (248, 217),
    "request_key": (249, 218),
    "keyctl": (250, 219),
    "shmget": (29, 194),
    "msgget": (68, 186),
    "semget": (64, 190),
    "mq_open": (240, 180),
    # memory that belongs to no process's resident size; libraries do without
    "memfd_create": (319, 279),
    "memfd_secret": (447, 447),
    # large parts of the kernel
    "bpf": (321, 280),
    "io_uring_setup": (425, 425),
    "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427),
    "perf_event_open": (298, 241),
    "userfaultfd": (323, 282),
    "fanotify_init": (300, 262),
    "quotactl": (179, 60),
    "quotactl_fd": (443, 443),
    # the machine
    "acct": (163, 89),
    "reboot": (169, 142),
    "swapon": (167, 224),
    "swapoff": (168, 225),
    "syslog": (103, 116),
    "init_module": (175, 105),
    "finit_module": (313, 273),
    "delete_module": (176, 106),
    "kexec_load": (246, 104),
    "kexec_file_load": (320, 294),
}
_CLONE = {"x86_64": 56, "aarch64": 220}
_CLONE3 = 435  # its flags are in memory, which a filter cannot read; the C library falls back to clone
_SOCKETS = {"x86_64": (41, 53), "aarch64": (198, 199)}  # socket, socketpair
_FAMILIES = (1, 2, 10)  # AF_UNIX, AF_INET, AF_INET6
_NEW_NAMESPACES = 0x7E020000  # CLONE_NEW…
_X32 = 0x40000000  # a second table of calls on x86-64

_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_NUMBER, _ARCHITECTURE, _FIRST_ARGUMENT = 0, 4, 16  # positions in what the filter sees
_ANSWERS = {
    "allowed": 0x7FFF0000,
    "refused": 0x50000 | errno.EPERM,
    "no_call": 0x50000 | errno.ENOSYS,
    "no_family": 0x50000 | getattr(errno, "EAFNOSUPPORT", 97),
}
_FILTER = 2  # SECCOMP_MODE_FILTER


def refuse_calls() -> None:
    """Refuse these calls to this process and all its children from now on. Raises OSError."""
    program = _program(platform.machine())
    buffer = ctypes.create_string_buffer(program, len(program))
    header = struct.pack("HxxxxxxP", len(program) // 8, ctypes.addressof(buffer))
    kernel.prctl(kernel.SET_SECCOMP, _FILTER, header)


def _program(machine: str) -> bytes:
    """The filter as the kernel reads it: a comparison jumps to a label, or goes on with the next line."""
    if machine not in _AUDIT:
        raise OSError(errno.ENOSYS, f"no filter of system calls for {machine}")
    column = list(_AUDIT).index(machine)
    lines = [
        (_LOAD, _ARCHITECTURE),
        (_EQUAL, _AUDIT[machine], "", "no_call"),
        (_LOAD, _NUMBER),
        (_AT_LEAST, _X32, "no_call", ""),
        *((_EQUAL, numbers[column], "refused", "") for numbers in _REFUSED.values()),
        (_EQUAL, _CLONE3, "no_call", ""),
        (_EQUAL, _CLONE[machine], "clone", ""),
        *((_EQUAL, number, "socket", "") for number in _SOCKETS[machine]),
        (_RETURN, _ANSWERS["allowed"]),
        "clone",
        (_LOAD, _FIRST_ARGUMENT),
        (_ANY_BIT, _NEW_NAMESPACES, "refused", "allowed"),
        "socket",
        (_LOAD, _FIRST_ARGUMENT),
        *((_EQUAL, family, "allowed", "") for family in _FAMILIES),
        (_RETURN, _ANSWERS["no_family"]),
    ]
    for name in ("allowed", "refused", "no_call"):
        lines += [name, (_RETURN, _ANSWERS[name])]
    labels, code = {}, []
    for line in lines:
        if isinstance(line, str):
            labels[line] = len(code)
        else:
            code.append(line)

    def instruction(at: int, operation: int, value: int, yes: str = "", no: str = "") -> bytes:
        jumps = [labels[label] - at - 1 if label else 0 for label in (yes, no)]
        return struct.pack("HBBI", operation, *jumps, value)

    return b"".join(instruction(at, *line) for at, line in enumerate(code))
