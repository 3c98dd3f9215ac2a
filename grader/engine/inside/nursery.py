"""Starting processes that can be sandboxed: each is the first process of a pid namespace of its own (Linux)."""

import os
import signal
from collections.abc import Callable
from contextlib import suppress

from . import kernel, sandbox


class Nursery:
    """Starts the processes of workers; what they leave behind comes back to this process or dies with them."""

    def __init__(self, level: str):
        """Raises OSError where the level is not available.

        At `sandbox` it returns in a child, which is root in its own pid namespace, and in its own user namespace if
        need be; the parent waits for it. When either ends, all workers end.
        """
        os.umask(0o022)  # also of the folders in a worker's root: whoever runs there is another user
        self._own: int | None = None
        if level == "sandbox":
            _take_a_namespace()
            self._own = os.open("/proc/self/ns/pid", os.O_RDONLY)
        else:
            kernel.prctl(kernel.SET_CHILD_SUBREAPER, 1)

    def start(self, start: Callable[[], int]) -> int:
        """Call what starts one process and returns its number: `os.fork`, for example."""
        if self._own is None:
            return start()
        kernel.call("unshare", kernel.NEWPID)  # it holds for children, not for this process
        process = None
        try:
            process = start()
            return process
        finally:
            if process != 0:  # not in a forked child
                kernel.call("setns", self._own, kernel.NEWPID)


def _take_a_namespace() -> None:
    sandbox.require_namespaces()
    user, group = os.geteuid(), os.getegid()
    privileged = False
    if user == 0:
        with suppress(
            OSError
        ):  # root of a container may not always: then it is tried as an ordinary user would
            kernel.call("unshare", kernel.NEWPID)
            privileged = True
    if not privileged:
        process = os.open("/proc/self", os.O_RDONLY)
        kernel.call("unshare", kernel.NEWUSER | kernel.NEWPID)
        kernel.map_user(process, f"0 {user} 1", f"0 {group} 1")
    child = os.fork()
    if child:
        os.closerange(0, 256)
        status = os.waitpid(child, 0)[1]
        os._exit(os.WEXITSTATUS(status) if os.WIFEXITED(status) else 1)
    kernel.prctl(kernel.SET_PDEATHSIG, signal.SIGKILL)
