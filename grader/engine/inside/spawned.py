"""A worker in an interpreter of its own: for cold workers, and where fork is not safe or does not exist."""

import importlib
import json
import os
import socket
import subprocess
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress

from . import hiding, sandbox, serve, wire


def command(python: str, path: list[str], module: str, /, **options: object) -> list[str]:
    """Return the command that runs `main(**options)` of a module of this package in a bare interpreter."""
    program = (
        f"import sys; sys.path[:0] = {path!r}; from dojo_worker import {module}; import json; "
        f"{module}.main(**json.loads(sys.argv[1]))"
    )
    return [python, "-S", "-P", "-s", "-c", program, json.dumps(options)]


def start(
    python: str, path: list[str], channel: socket.socket, env: Mapping[str, str], **options: object
) -> subprocess.Popen:
    """Start a worker that answers on `channel`; return at once. `options` are the arguments of `main`."""
    posix = os.name == "posix"
    process = subprocess.Popen(
        command(python, path, "spawned", channel=channel.fileno() if posix else None, **options),
        env=env,
        cwd=options["root"],
        stdin=subprocess.DEVNULL if posix else subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        pass_fds=[channel.fileno()] if posix else (),
        start_new_session=posix,
    )
    if not posix:  # sockets are not inherited on Windows
        process.stdin.write(channel.share(process.pid))
        process.stdin.close()
    return process


def main(
    channel: int | None, level: str, root: str, visible: list[str], preload: list[str], order: dict
) -> None:
    """Isolate this process and answer the requests that arrive on the socket `channel`."""
    inherited = channel is not None
    connection = socket.socket(fileno=channel) if inherited else socket.fromshare(sys.stdin.buffer.read())
    work(connection, level, root, visible, order, lambda: _import(preload))


def _import(preload: list[str]) -> None:
    """Import libraries. In the sandbox: threads that they start would stay outside if they were there before."""
    for name in preload:
        with suppress(ImportError):  # hidden from this task
            importlib.import_module(name)
    serve.prepare()
    sandbox.close_files()


def work(
    channel: socket.socket,
    level: str,
    root: str,
    visible: list[str],
    order: dict,
    prepare: Callable[[], None] = lambda: None,
) -> None:
    """Be a worker until the other side hangs up; never returns. The first message says that it is ready, or why not.

    `prepare` is called in the sandbox.
    """
    status = 1
    requests, replies = channel.makefile("rb"), channel.makefile("wb")
    try:
        serve.silence()
        if order["threads"] != 1:
            sandbox.set_threads(order["threads"])
        limits = sandbox.Limits(**order["limits"])
        covered = hiding.places(order["without"])
        folder = sandbox.enter(level, root, visible, limits, order["mounts"], order["profile"], covered)
        prepare()
        hiding.hide(order["without"])
        wire.write(replies, {"ready": True}, [])
        serve.serve(requests, replies, folder)
        status = 0
    except OSError as error:
        refuse(channel, error)
    finally:
        os._exit(status)


def refuse(channel: socket.socket, error: Exception) -> None:
    """Say on the channel of a worker why there is none."""
    try:
        with channel.makefile("wb") as replies:
            wire.write(replies, {"error": str(error) or type(error).__name__}, [])
    except OSError:
        return  # the other side hung up: that is how a worker is dismissed
