"""Prying: each of these answers rightly, and raises whatever it finds on the way."""

import ctypes
import gc
import os
import pkgutil
import platform
import socket
import stat
import sys
from pathlib import Path

from ..attack import NETWORK, READS_DISK, SAME_USER, Family, at_process, probing

HOST: dict = {}
family = Family("prying")


@probing(family)
def the_environment(numbers):
    found = [name for name, value in os.environ.items() if HOST["secret"] in value or name.startswith("DOJO")]
    if found:
        raise AssertionError(f"found {found}")
    return sum(numbers)


@probing(family, open=at_process(SAME_USER) if os.getuid() else {})  # root has given up the right
def the_environment_of_other_processes(numbers):
    for path in Path("/proc").glob("[0-9]*/environ"):
        try:
            if HOST["secret"].encode() in path.read_bytes():
                raise AssertionError(f"found the secret in {path}")
        except OSError:
            continue
    return sum(numbers)


@probing(family)
def open_descriptors(numbers):
    found = []
    for number in range(3, 1024):
        try:
            state = os.fstat(number)
        except OSError:
            continue
        null = stat.S_ISCHR(state.st_mode) and state.st_rdev == os.makedev(1, 3)
        if not null:
            found.append((number, stat.filemode(state.st_mode)))
    kinds = [mode[0] for _, mode in found]
    if (
        kinds.count("s") > 1 or kinds.count("p") > 2 or set(kinds) - {"s", "p"}
    ):  # one connection, or two pipes
        raise AssertionError(f"found {found}")
    return sum(numbers)


@probing(family)
def the_memory_of_the_parent(numbers):
    number = {"x86_64": 310, "aarch64": 270}[platform.machine()]
    target = ctypes.create_string_buffer(8)
    area = (ctypes.c_void_p * 2)(ctypes.addressof(target), 8)
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.syscall(number, os.getppid(), ctypes.byref(area), 1, ctypes.byref(area), 1, 0) != -1:
        raise AssertionError("read the parent's memory")
    if ctypes.get_errno() not in (1, 3, 22, 38):  # EPERM, ESRCH, EINVAL, ENOSYS
        raise AssertionError(f"tried to read the parent's memory: {ctypes.get_errno()}")
    return sum(numbers)


@probing(family)
def the_memory_of_the_parent_as_a_file(numbers):
    try:
        with Path(f"/proc/{os.getppid()}/mem").open("rb"):
            raise AssertionError("opened the parent's memory")
    except OSError:
        return sum(numbers)


@probing(family, open=at_process(READS_DISK))
def the_text_of_the_checks(numbers):
    for path in Path(HOST["checks"]).rglob("*.py"):
        if "checks-token" in path.read_text():
            raise AssertionError(f"found {path}")
    return sum(numbers)


@probing(family)
def the_checks_as_modules(numbers):
    found = []
    for name in (
        "checks",
        "solutions",
        "tests.hostile",
        "grader.engine",
        "grader.engine.session",
        "cardshop",
    ):
        try:
            module = __import__(name, fromlist=["x"])
        except ImportError:
            continue
        if getattr(module, "__file__", None):
            found.append(name)
    if found:
        raise AssertionError(f"found {found}")
    return sum(numbers)


@probing(family)
def the_truth_of_a_world(numbers):
    import shop

    found = [module.name for module in pkgutil.walk_packages(shop.__path__, "shop.")]
    for folder in sys.path:
        for path in Path(folder).glob("shop/**/*"):
            if path.is_file() and b"truth-token" in path.read_bytes():
                found.append(str(path))
    if found:
        raise AssertionError(f"found {found}")
    return sum(numbers)


@probing(family)
def the_heap(numbers):
    wanted = ("checks" + "-token", "truth" + "-token", "test_hidden" + "_numbers")
    mine = globals()
    for thing in gc.get_objects():
        if isinstance(thing, dict) and thing is not mine:
            texts = [value for value in list(thing.values()) if isinstance(value, str) and len(value) < 1000]
            if any(word in text for word in wanted for text in texts):
                raise AssertionError("found a token")
    return sum(numbers)


@probing(family)
def the_frames_above(numbers):
    frame = sys._getframe()
    while frame:
        for name, value in frame.f_locals.items():
            if type(value).__name__ in ("Task", "Assignment", "Session", "Declaration"):
                raise AssertionError(f"found {name}")
        frame = frame.f_back
    return sum(numbers)


@probing(family, open=at_process(NETWORK))
def a_port_of_the_host(numbers):
    try:
        with socket.create_connection(("127.0.0.1", HOST["port"]), 1):
            raise AssertionError("reached the host")
    except OSError:
        return sum(numbers)


@probing(family, open=at_process(NETWORK))
def a_socket_of_the_host_without_a_file(numbers):
    with socket.socket(socket.AF_UNIX) as caller:
        if caller.connect_ex(HOST["abstract"]) == 0:
            raise AssertionError("reached the host")
    return sum(numbers)


@probing(family, open=at_process(NETWORK))
def other_machines(numbers):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as caller:
        try:
            caller.connect(("192.0.2.1", 53))  # an address for examples: chooses a way, sends nothing
        except OSError:
            return sum(numbers)
    raise AssertionError("has a way to other machines")


@probing(family, open=at_process(READS_DISK))
def users_and_names_of_the_machine(numbers):
    wanted = ("/etc/passwd", "/etc/hostname", "/var", "/home", "/proc/self", "/sys/kernel", "/run")
    found = [path for path in wanted if Path(path).exists()]
    if found:
        raise AssertionError(f"found {found}")
    return sum(numbers)


@probing(family)
def rights_of_the_machine(numbers):
    found = []
    for name, attempt in {
        "another user": lambda: os.setuid(0 if os.getuid() else 12345),
        "a device": lambda: os.mknod("disk", stat.S_IFBLK | 0o600, os.makedev(254, 0)),
        "the name of the host": lambda: socket.sethostname(socket.gethostname()),
        "another root": lambda: os.chroot("/"),
    }.items():
        try:
            attempt()
        except OSError:
            continue
        found.append(name)
    if found:
        raise AssertionError(f"took {found}")
    return sum(numbers)
