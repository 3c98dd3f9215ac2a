"""Closing the doors behind a worker before it looks at a submission.

`process`: a session of its own, resource limits. `sandbox`: also its own mount, pid, network, ipc and
uts namespaces, a root that shows the interpreter, the environment and the worker's view read-only
and nothing else of the disk, a private temporary folder, and no privileges. Linux only, by plain
system calls: an ordinary user gets there through a user namespace.
"""

import ctypes
import os
import platform
import signal
import struct
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

GIGABYTE = 2**30
NOBODY = 65534

_NEWNS, _NEWUTS, _NEWIPC, _NEWUSER, _NEWPID, _NEWNET = (
    0x00020000,
    0x04000000,
    0x08000000,
    0x10000000,
    0x20000000,
    0x40000000,
)
_RDONLY, _NOSUID, _NODEV, _REMOUNT, _BIND, _REC, _PRIVATE = 1, 2, 4, 32, 4096, 16384, 1 << 18
_DETACH = 2
_PIVOT_ROOT = {"x86_64": 155, "aarch64": 41}
_MOUNT_SETATTR, _AT_RECURSIVE, _ATTR_RDONLY, _ATTR_NOSUID = 442, 0x8000, 1, 2
_CAPABILITY_VERSION = 0x20080522
_PR_SET_PDEATHSIG, _PR_CAPBSET_DROP, _PR_SET_NO_NEW_PRIVS = 1, 24, 38
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


@dataclass(frozen=True)
class Limits:
    """What one worker may use: bytes of data memory above what it starts with, CPU seconds, bytes a file."""

    memory: int = 3 * GIGABYTE
    cpu: int = 120
    file: int = GIGABYTE
    disk: int = GIGABYTE
    processes: int = 4096


def enter(level: str, root: str, visible: list[str], report: Callable[[int], None], limits: Limits) -> Path:
    """Isolate this process at `level` and return its private folder.

    `root` is a folder to build the new root of the disk on, or private folders in; `visible` are the folders that stay
    readable. `report(pid)` is told the process that must be killed to end everything that the submission
    started. At level `sandbox` the function returns in a child process; its parent waits for it and ends
    as it ended. Raises OSError when the level is not to be had.
    """
    if level == "sandbox":
        own_user = _unshare()
        child = os.fork()
        if child:
            report(child)
            _follow(child)
        _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        _new_root(root, visible, limits.disk)
        _limit(limits)
        _drop_privileges(to_nobody=os.getuid() == 0 and not own_user)
        folder = Path("/tmp/work")
        folder.mkdir()
    else:
        report(os.getpid())
        _limit(limits)
        folder = Path(tempfile.mkdtemp(dir=root))
    os.chdir(folder)
    os.environ.update(HOME=str(folder), TMPDIR=str(folder))
    tempfile.tempdir = str(folder)
    return folder


def _follow(child: int) -> None:
    """Wait for the isolated process and end this one in the same way."""
    os.closerange(0, 256)
    status = os.waitpid(child, 0)[1]
    if os.WIFSIGNALED(status):
        signal.signal(os.WTERMSIG(status), signal.SIG_DFL) if os.WTERMSIG(status) != signal.SIGKILL else None
        os.kill(os.getpid(), os.WTERMSIG(status))
    os._exit(os.WEXITSTATUS(status))


def _limit(limits: Limits) -> None:
    try:
        import resource
    except ImportError:  # Windows
        return
    wanted = {
        "RLIMIT_CORE": 0,
        "RLIMIT_CPU": limits.cpu,
        "RLIMIT_FSIZE": limits.file,
        "RLIMIT_NPROC": limits.processes,
    }
    if sys.platform == "linux":
        pages = _data_pages() if Path("/proc/self/statm").exists() else GIGABYTE // 4096
        wanted["RLIMIT_DATA"] = limits.memory + pages * os.sysconf("SC_PAGE_SIZE")
    for name, value in wanted.items():
        number = getattr(resource, name, None)
        if number is not None:
            hard = resource.getrlimit(number)[1]
            value = value if hard == resource.RLIM_INFINITY else min(value, hard)
            resource.setrlimit(number, (value, value))


def _data_pages() -> int:
    return int(Path("/proc/self/statm").read_text().split()[5])


_libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


def _call(name: str, *arguments: object) -> None:
    if getattr(_libc, name)(*arguments) != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{name}: {os.strerror(number)}")


def _prctl(option: int, value: int) -> None:
    _call("prctl", option, ctypes.c_ulong(value), 0, 0, 0)


def _unshare() -> bool:
    """Leave the namespaces of the machine; return whether that took a user namespace of our own."""
    if sys.platform != "linux" or platform.machine() not in _PIVOT_ROOT:
        raise OSError("namespaces need Linux on x86-64 or ARM64")
    inner = _NEWNS | _NEWUTS | _NEWIPC | _NEWPID | _NEWNET
    user, group = os.geteuid(), os.getegid()
    if user == 0:
        try:
            _call("unshare", inner)
            return False
        except OSError:  # root of a container that may not: try as an ordinary user would
            pass
    _call("unshare", inner | _NEWUSER)
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"{user} {user} 1")
    Path("/proc/self/gid_map").write_text(f"{group} {group} 1")
    return True


def _mount(source: str | None, target: str, kind: str | None, flags: int, data: str | None = None) -> None:
    encoded = [None if part is None else part.encode() for part in (source, target, kind)]
    _call("mount", *encoded, ctypes.c_ulong(flags), None if data is None else data.encode())


def _new_root(root: str, visible: list[str], disk: int) -> None:
    """Replace the root of the disk by a small one of our own, built on the empty folder `root`."""
    _mount(None, "/", None, _REC | _PRIVATE)
    _mount("tmpfs", root, "tmpfs", _NOSUID | _NODEV, f"size={disk},mode=755")
    for source in map(Path, [*_SYSTEM, *visible, *_DEVICES]):
        if source.exists() and not Path(f"{root}{source}").exists():
            _show(source, Path(f"{root}{source}"))
    for folder in ("/tmp", "/dev/shm"):
        Path(root + folder).mkdir(parents=True, exist_ok=True)
        Path(root + folder).chmod(0o1777)
    os.chdir(root)
    _call("syscall", ctypes.c_long(_PIVOT_ROOT[platform.machine()]), b".", b".")
    _call("umount2", b".", _DETACH)
    os.chdir("/")


def _show(source: Path, target: Path) -> None:
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
    if source.is_char_device():
        return
    attributes = struct.pack("QQQQ", _ATTR_RDONLY | _ATTR_NOSUID, 0, 0, 0)
    try:  # with everything that is mounted below it
        _call(
            "syscall",
            ctypes.c_long(_MOUNT_SETATTR),
            -100,
            str(target).encode(),
            _AT_RECURSIVE,
            attributes,
            32,
        )
    except OSError:  # a kernel before 5.12
        _mount(None, str(target), None, _REMOUNT | _BIND | _RDONLY | _NOSUID)


def _drop_privileges(to_nobody: bool) -> None:
    """Give up every capability, and root itself where this process has it."""
    _prctl(_PR_SET_NO_NEW_PRIVS, 1)
    for capability in range(64):
        try:
            _prctl(_PR_CAPBSET_DROP, capability)
        except OSError:
            break
    if to_nobody:
        os.setgroups([])
        os.setresgid(NOBODY, NOBODY, NOBODY)
        os.setresuid(NOBODY, NOBODY, NOBODY)
    header, none = struct.pack("II", _CAPABILITY_VERSION, 0), bytes(24)
    _call("capset", header, none)
    _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)  # a change of user has cleared it
