"""What Linux tells about a worker's process, its children and their memory. Processes are numbered as in `/proc`."""

from contextlib import suppress
from pathlib import Path

_ROUGH = ("RssAnon:", "RssShmem:", "VmSwap:")  # what is shared counts for everybody who has it
_EXACT = ("Pss_Anon:", "Pss_Shmem:", "SwapPss:")  # what is shared is divided
HARMLESS = {"jemalloc_bg_thd", "polars-ooc-clea"}  # threads that a forked child does not miss


def children(process: int | str) -> list[int]:
    """Return the children of a process; none where it is gone."""
    found = []
    for task in _tasks(process):
        with suppress(OSError):
            found += map(int, (task / "children").read_text().split())
    return found


def family(process: int) -> list[int]:
    """Return a process and all its descendants."""
    members = [process] if process else []
    for member in members:
        members += children(member)
    return members


def shown_as(child: int) -> int:
    """Return the number in `/proc` of a child of this process, which is itself in another pid namespace; 0: unknown."""
    depth = len(_status("self", ("NSpid:",))[0]) - 1
    for process in children("self"):
        names = _status(process, ("NSpid:",))
        if names and names[0][depth] == child:
            return process
    return 0


def memory(processes: list[int], enough: int) -> int:
    """Return the bytes that processes use together, without files; roughly, and too many, up to `enough`."""
    rough = sum(_kilobytes(process, _ROUGH) for process in processes) * 1024
    if rough <= enough:
        return rough
    try:
        return sum(_exact(process) for process in processes) * 1024
    except PermissionError:
        return rough


def _exact(process: int) -> int:
    with suppress(FileNotFoundError, ProcessLookupError):
        lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
        if parts := [int(line.split()[1]) for line in lines if line.startswith(_EXACT)]:
            return sum(parts)
    return _kilobytes(process, _ROUGH)


def _kilobytes(process: int, names: tuple[str, ...]) -> int:
    return sum(line[0] for line in _status(process, names))


def _status(process: int | str, names: tuple[str, ...]) -> list[list[int]]:
    """The numbers in these lines of a process's status. Where its first thread has ended, another one knows them."""
    for task in _tasks(process):
        with suppress(OSError):
            lines = (task / "status").read_text(errors="replace").splitlines()
            wanted = [line.removesuffix(" kB").split()[1:] for line in lines if line.startswith(names)]
            if wanted:
                return [[int(number) for number in line] for line in wanted]
    return []


def _tasks(process: int | str) -> list[Path]:
    try:
        return list(Path(f"/proc/{process}/task").iterdir())
    except OSError:
        return []


def lost_threads() -> set[str]:
    """Names of the threads of this process that a fork would lose. Where a library gives none it is the program's."""
    own = Path("/proc/thread-self").readlink().name
    tasks = [task for task in Path("/proc/self/task").iterdir() if task.name != own]
    return {(task / "comm").read_text().strip() for task in tasks} - HARMLESS
