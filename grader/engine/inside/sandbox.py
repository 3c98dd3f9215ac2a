"""Closing the doors behind a worker before it looks at a submission.

`process`: a session of its own, resource limits, a filter of system calls. `sandbox`: also its own mount, pid,
network, ipc and uts namespaces, a root that shows the interpreter, the environment and the worker's view read-only
and nothing else of the disk, a private temporary folder, and no privileges. Linux only, by plain system calls: an
ordinary user gets there through a user namespace.
"""

import ctypes
import os
import platform
import random
import shutil
import signal
import socket
import stat
import struct
import sys
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import nullcontext, suppress
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from . import kernel, seccomp

GIGABYTE = 2**30
NOBODY = 65534
_DESCRIPTORS = 1024  # of one process

_RDONLY, _NOSUID, _NODEV, _NOEXEC, _REMOUNT, _BIND, _REC, _PRIVATE = 1, 2, 4, 8, 32, 4096, 16384, 1 << 18
_DETACH = 2
_PIVOT_ROOT = {"x86_64": 155, "aarch64": 41}
_MOUNT_SETATTR, _AT_RECURSIVE = 442, 0x8000  # its attributes are numbered like the first four flags
_CAPABILITY_VERSION = 0x20080522
_READ_AND_WRITE_FILES = (
    1 << 1 | 1 << 2
)  # CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH: what root reads may be closed to others
_SIOCSIFFLAGS, _IFF_UP = 0x8914, 1
_SYSTEM = (
    "/usr",
    "/bin",
    "/sbin",
    "/lib",
    "/lib32",
    "/lib64",
    "/etc/localtime",
    "/etc/ld.so.cache",
    "/etc/fonts",
)
_DEVICES = ("/dev/null", "/dev/zero", "/dev/random", "/dev/urandom")
_ETC = {"hosts": "127.0.0.1 localhost\n::1 localhost\n", "nsswitch.conf": "hosts: files\n"}
_SHADOWS = "/etc/python"  # on the path of new interpreters
_PROC_OF_THE_MACHINE = ("cpuinfo", "meminfo", "stat", "loadavg", "uptime", "version")
_PROC_OF_THE_KERNEL = (  # masked
    "acpi",
    "bus",
    "config.gz",
    "driver",
    "fs",
    "interrupts",
    "irq",
    "kallsyms",
    "kcore",
    "key-users",
    "keys",
    "kmsg",
    "latency_stats",
    "modules",
    "sched_debug",
    "scsi",
    "sysrq-trigger",
    "timer_list",
)


@dataclass(frozen=True)
class Limits:
    """What one worker may use.

    `memory`: bytes above what it starts with; `cpu`: seconds of each process; `file`: bytes of one file; `disk`:
    bytes of all its files; `processes`: threads included.
    """

    memory: int = 3 * GIGABYTE
    cpu: int = 120
    file: int = GIGABYTE
    disk: int = GIGABYTE
    processes: int = 64


def enter(
    level: str,
    root: str,
    visible: list[str],
    limits: Limits,
    mounts: Mapping[str, str] | None = None,
    profile: str = "minimal",
    covered: Sequence[Path] = (),
) -> Path:
    """Isolate this process at `level` and return its private folder, its working directory from now on.

    `root` is a folder to build the new root of the disk on, or private folders in; `visible` are the folders that
    stay readable; `mounts` are more of them, keyed by their path in the private folder; `covered` are files and
    folders that the sandbox shows empty. Raises OSError when the level is not available.
    """
    linux = sys.platform == "linux"
    memory = limits.memory + data_size()
    if linux:
        kernel.prctl(kernel.SET_PDEATHSIG, signal.SIGKILL)
    if level == "sandbox":
        kernel.prctl(kernel.SET_DUMPABLE, 1)  # or /proc/self belongs to root
        process, user = os.open("/proc/self", os.O_RDONLY), _user_of_its_own()
        kernel.call("unshare", kernel.NEWNS | kernel.NEWUTS | kernel.NEWIPC | kernel.NEWNET)
        _raise_loopback()
        folder = _new_root(root, visible, limits.disk, mounts or {}, profile, user, covered)
        _limit(limits, memory, limits.processes)
        _drop_privileges(process, user)
    else:
        folder = Path(tempfile.mkdtemp(dir=root))
        for name, source in (mounts or {}).items():
            _link(Path(source), folder / _inside(name))
        _limit(limits, memory, None)
        if linux:
            kernel.hide_process()
            _bound_capabilities(_READ_AND_WRITE_FILES)
            _keep_capabilities(_READ_AND_WRITE_FILES)
    if linux:
        kernel.prctl(kernel.SET_NO_NEW_PRIVS, 1)
        kernel.prctl(kernel.SET_PDEATHSIG, signal.SIGKILL)  # a change of user has cleared it
        with nullcontext() if level == "sandbox" else suppress(OSError):
            seccomp.refuse_calls()
    if (
        "threadpoolctl" in sys.modules
    ):  # it looked for /proc when it was imported, and scikit-learn asks it again
        sys.modules["threadpoolctl"]._HAS_PROCFS = Path("/proc/self/maps").exists()
    if level == "sandbox" and profile != "service":
        os.environ["PYTHONPATH"] = _SHADOWS
    os.chdir(folder)
    os.environ.update(HOME=str(folder), TMPDIR=str(folder))
    tempfile.tempdir = str(folder)
    return folder


def close_all_but(*kept: int) -> None:
    """Point every other descriptor at nothing (Linux).

    Its number stays taken, so that a forgotten object cannot close a descriptor that is not its own.
    """
    silent = os.open(os.devnull, os.O_RDWR)
    for number in [int(entry.name) for entry in Path("/proc/self/fd").iterdir()]:
        if number not in kept and number != silent:
            with suppress(OSError):  # the descriptor of the listing itself is closed already
                os.fstat(number)
                os.dup2(silent, number, inheritable=number < 3)
    os.close(silent)


def close_files() -> None:
    """Point the descriptors of files at nothing: libraries open some when they are imported."""
    silent = os.open(os.devnull, os.O_RDWR)
    for number in range(3, _DESCRIPTORS):
        with suppress(OSError):
            if stat.S_ISREG(os.fstat(number).st_mode):
                os.dup2(silent, number, inheritable=False)
    os.close(silent)


def set_threads(number: int) -> None:
    """Let libraries use this many threads, also those that are loaded already."""
    os.environ.update(threads(number))
    if "polars" in sys.modules:
        sys.modules["polars"].Config.load("{}")  # it looks at its environment variables then and only then
    if "numpy" in sys.modules:
        with suppress(ImportError):
            import threadpoolctl

            threadpoolctl.threadpool_limits(number)


def threads(number: int) -> dict[str, str]:
    """Return the environment variables for this many threads."""
    return {"POLARS_MAX_THREADS": str(number), "OMP_NUM_THREADS": str(number)}


def require_namespaces() -> None:
    """Raise OSError where there can be no sandbox."""
    if sys.platform != "linux" or platform.machine() not in _PIVOT_ROOT:
        raise OSError("it needs the namespaces of Linux on x86-64 or ARM64")


# --- limits


def _limit(limits: Limits, memory: int, processes: int | None) -> None:
    try:
        import resource
    except ImportError:  # Windows
        return
    wanted = {"CORE": 0, "CPU": limits.cpu + 1, "FSIZE": limits.file, "NOFILE": _DESCRIPTORS}
    if sys.platform == "linux":
        wanted["DATA"] = memory
    if processes is not None:  # it counts all processes of a user: only for one who has no others
        wanted["NPROC"] = processes
    for name, value in wanted.items():
        number = getattr(resource, f"RLIMIT_{name}")
        hard = resource.getrlimit(number)[1]
        value = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(number, (max(value - (name == "CPU"), 0), value))  # a second to end with SIGXCPU


def data_size() -> int:
    """Bytes of data memory of this process."""
    if sys.platform != "linux":
        return 0
    return int(Path("/proc/self/statm").read_text().split()[5]) * os.sysconf("SC_PAGE_SIZE")


# --- the user


def _user_of_its_own() -> int | None:
    """A user that runs nothing else; None where this process knows only one user, itself."""
    ranges = [line.split() for line in Path("/proc/self/uid_map").read_text().splitlines()]
    first, count = max(((int(inside), int(count)) for inside, _, count in ranges), key=lambda one: one[1])
    if count == 1:
        return None
    if count < 2**20:
        return NOBODY
    return random.SystemRandom().randrange(first + 2**18, min(first + count, 2**31 - 1))


def _drop_privileges(process: int, user: int | None) -> None:
    """Be another user and give up every capability. `process` is the folder /proc/self; it is closed."""
    _bound_capabilities(0)
    if user is None:
        kernel.call("unshare", kernel.NEWUSER)
        kernel.map_user(process, f"{NOBODY} 0 1", f"{NOBODY} 0 1")
    else:
        os.close(process)
        os.setgroups([])
        os.setresgid(user, user, user)
        os.setresuid(user, user, user)
    _keep_capabilities(0)


def _bound_capabilities(kept: int) -> None:
    """Let no program that is started later gain capabilities but those whose bits are set."""
    for capability in range(64):
        with suppress(OSError):  # unknown, or not permitted: then there is no privilege to lose
            if not kept >> capability & 1:
                kernel.prctl(kernel.CAPBSET_DROP, capability)


def _keep_capabilities(kept: int) -> None:
    """Give up all capabilities but those whose bits are set."""
    header, held = struct.pack("II", _CAPABILITY_VERSION, 0), ctypes.create_string_buffer(24)
    kernel.call("capget", header, held)
    kept &= struct.unpack("6I", held.raw)[1]
    kernel.call("capset", header, struct.pack("6I", kept, kept, 0, 0, 0, 0))


# --- the network


def _raise_loopback() -> None:
    import fcntl

    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        fcntl.ioctl(any_socket, _SIOCSIFFLAGS, struct.pack("16sh14x", b"lo", _IFF_UP))


# --- the disk


def _new_root(
    root: str,
    visible: list[str],
    disk: int,
    mounts: Mapping[str, str],
    profile: str,
    user: int | None,
    covered: Sequence[Path],
) -> Path:
    """Replace the root of the disk by a small one of our own, built on the empty folder `root`."""
    _mount(None, "/", None, _REC | _PRIVATE)
    _mount("tmpfs", root, "tmpfs", _NOSUID | _NODEV, f"size={disk},mode=755")
    for source in sorted(map(Path, [*_SYSTEM, *visible, *_DEVICES])):  # a folder before what lies in it
        if source.exists() and not Path(f"{root}{source}").exists():
            _show(source, Path(f"{root}{source}"))
    for place in covered:
        _mask(Path(f"{root}{place}"))
    for name, text in _ETC.items():
        Path(root, "etc", name).write_text(text)
    for name in ("tmp", "dev/shm"):
        place = Path(root, name)
        place.mkdir(parents=True, exist_ok=True)
        place.chmod(0o1777)
    if profile == "service":
        _show_the_machine(Path(root))
    else:
        _hide_psutil(Path(f"{root}{_SHADOWS}"))
    folder = Path(root, "tmp/work")
    folder.mkdir()
    for name, source in mounts.items():
        _show(Path(source), folder / _inside(name), _RDONLY | _NOSUID | _NODEV | _NOEXEC)
    if user is not None:
        os.chown(folder, user, user)
    os.chdir(root)
    kernel.call("syscall", ctypes.c_long(_PIVOT_ROOT[platform.machine()]), b".", b".")
    kernel.call("umount2", b".", _DETACH)
    return Path("/tmp/work")


def _inside(name: str) -> str:
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or not path.parts:
        raise OSError(f"{name} is not a path inside a worker's folder")
    return str(path)


def _link(source: Path, target: Path) -> None:
    """Without a mount namespace: a link, or a copy where that takes a privilege."""
    target.parent.mkdir(parents=True, exist_ok=True)
    if os.name == "posix":
        target.symlink_to(source.resolve())
    elif source.is_dir():
        shutil.copytree(source, target)
    else:
        shutil.copy(source, target)


def _show(source: Path, target: Path, attributes: int = _RDONLY | _NOSUID) -> None:
    """Make `source` readable at `target`; a link of the system (`/bin`) stays a link."""
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.is_symlink():
        target.symlink_to(source.readlink())
        return
    if source.is_dir():
        target.mkdir(exist_ok=True)
    else:
        target.touch()
    _mount(str(source), str(target), None, _BIND | _REC)
    if not source.is_char_device():
        _restrict(target, attributes)


def _restrict(place: Path, attributes: int) -> None:
    try:  # with everything that is mounted below it
        kernel.call(
            "syscall",
            ctypes.c_long(_MOUNT_SETATTR),
            -100,
            str(place).encode(),
            _AT_RECURSIVE,
            struct.pack("QQQQ", attributes, 0, 0, 0),
            32,
        )
    except OSError:  # a kernel before 5.12
        _mount(None, str(place), None, _REMOUNT | _BIND | attributes)


def _show_the_machine(root: Path) -> None:
    """What services read about processes and hardware: a /proc of this pid namespace, and the processors."""
    proc = root / "proc"
    proc.mkdir()
    try:
        _mount("proc", str(proc), "proc", _NOSUID | _NODEV | _NOEXEC)
    except OSError:  # in a container that hides parts of its own /proc: without processes
        for name in _PROC_OF_THE_MACHINE:
            _show(Path("/proc", name), proc / name)
    else:
        for name in _PROC_OF_THE_KERNEL:
            _mask(proc / name)
        _mount(str(proc / "sys"), str(proc / "sys"), None, _BIND | _REC)
        _restrict(proc / "sys", _RDONLY | _NOSUID | _NODEV | _NOEXEC)
    processors = Path("/sys/devices/system/cpu")
    if processors.exists():
        _show(processors, root / processors.relative_to("/"))


def _hide_psutil(shadows: Path) -> None:
    """Let `import psutil` fail in new interpreters: without /proc it finds nothing, and joblib's workers die of it."""
    shadows.mkdir()
    Path(shadows, "psutil.py").write_text(
        "raise ImportError('psutil reads /proc, which is not there: a task with the profile `service` has it')\n"
    )


def _mask(place: Path) -> None:
    if place.is_dir():
        _mount("tmpfs", str(place), "tmpfs", _RDONLY | _NOSUID | _NODEV | _NOEXEC, "size=4k,mode=555")
    elif place.exists():
        _mount("/dev/null", str(place), None, _BIND)


def _mount(source: str | None, target: str, kind: str | None, flags: int, data: str | None = None) -> None:
    encoded = [None if part is None else part.encode() for part in (source, target, kind)]
    kernel.call("mount", *encoded, ctypes.c_ulong(flags), None if data is None else data.encode())
