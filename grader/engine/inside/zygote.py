"""The process that workers are forked from: it has imported the libraries and looked at no submission.

It takes orders as single messages on a socket. `fork` comes with the socket of the new worker and is
answered with its process id and a process file descriptor that kills it; `end` kills a worker and is
answered with how it ended. Linux only; elsewhere every worker is spawned (`spawned.py`).
"""

import contextlib
import importlib
import json
import os
import signal
import socket
import time

from . import sandbox, serve


def main(control: int, root: str, visible: list[str], preload: list[str]) -> None:
    """Serve orders on the socket `control` until it is closed."""
    control = socket.socket(fileno=control)
    for name in preload:
        importlib.import_module(name)
    serve.prepare()
    workers: dict[int, int] = {}  # process to wait for: descriptor of the one to kill
    control.send(b"{}")
    while True:
        message, descriptors, _, _ = socket.recv_fds(control, 65536, 1)
        if not message:
            break
        order = json.loads(message)
        if order["op"] == "fork":
            _fork(control, descriptors[0], order, root, visible, workers)
        else:
            killer = workers.pop(order["worker"], None)  # None: a worker of the process that was here before
            control.send(json.dumps(_end(order["worker"], killer, order["grace"]) if killer else {}).encode())
    for process, descriptor in workers.items():
        _end(process, descriptor)
    os._exit(0)  # at once: the libraries have nothing to tidy up, and some complain when they do


def _fork(
    control: socket.socket,
    descriptor: int,
    order: dict,
    root: str,
    visible: list[str],
    workers: dict[int, int],
) -> None:
    heard, told = os.pipe()
    process = os.fork()
    if process == 0:
        control.close()
        os.close(heard)
        for other in workers.values():
            os.close(other)
        _become_worker(descriptor, told, order, root, visible)
    os.close(told)
    os.close(descriptor)
    report, killer = {}, None
    with os.fdopen(heard) as lines:  # two processes write to it, in either order
        while not ("process" in report and "ready" in report) and (line := lines.readline()):
            report |= json.loads(line)
            if "process" in report and killer is None:
                killer = os.pidfd_open(report["process"])
    if killer is None or "ready" not in report:
        how = _end(process, killer) if killer is not None else os.waitpid(process, 0)
        control.send(json.dumps({"error": report.get("error", f"the worker did not start: {how}")}).encode())
        return
    workers[process] = killer
    socket.send_fds(control, [json.dumps({"worker": process}).encode()], [killer])


def _become_worker(descriptor: int, told: int, order: dict, root: str, visible: list[str]) -> None:
    def tell(**what: object) -> None:
        os.write(told, json.dumps(what).encode() + b"\n")

    status = 0
    try:
        os.setsid()
        folder = sandbox.enter(
            order["level"],
            root,
            visible,
            lambda process: tell(process=process),
            sandbox.Limits(**order.get("limits", {})),
        )
        serve.silence()
        tell(ready=True)
        os.close(told)
        with socket.socket(fileno=descriptor) as channel:
            serve.serve(channel.makefile("rb"), channel.makefile("wb"), folder)
    except Exception as error:
        status = 1
        try:
            tell(error=f"{type(error).__name__}: {error}")
        except OSError:
            status = 0  # the other side hung up: that is how a worker is dismissed
    finally:
        os._exit(status)


def _end(process: int, killer: int, grace: float = 0) -> dict:
    """Kill what is left of a worker after `grace` seconds; return how it ended (`killed`: it had to be)."""
    until = time.monotonic() + grace
    while not (over := _over(process)) and time.monotonic() < until:
        time.sleep(0.001)
    if not over:
        with contextlib.suppress(ProcessLookupError):
            signal.pidfd_send_signal(killer, signal.SIGKILL)
    with contextlib.suppress(OSError):  # its group keeps the number reserved until it is waited for
        os.killpg(process, signal.SIGKILL)
    status = os.waitpid(process, 0)[1]
    os.close(killer)
    return {
        "killed": not over,
        "signal": os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0,
        "code": os.WEXITSTATUS(status) if os.WIFEXITED(status) else 0,
    }


def _over(process: int) -> bool:
    return os.waitid(os.P_PID, process, os.WEXITED | os.WNOWAIT | os.WNOHANG) is not None
