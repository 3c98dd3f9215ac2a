"""MLflow's own page beside the lesson: a process that is started and stopped by buttons."""

import atexit
import contextlib
import os
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

from cardshop.training.tracking import QUIET_SERVER
from grader.course.port import HOST, free_port

_running: dict[str, tuple[subprocess.Popen, str]] = {}


def started(store: str, patience: float = 60) -> str:
    """Start MLflow's page for the runs in `store`, a database's URI, unless it runs; return its address.

    Raises RuntimeError where it does not answer within `patience` seconds.
    """
    process, address = _running.get(store, (None, ""))
    if process is not None and process.poll() is None:
        return address
    port = free_port()
    address = f"http://{HOST}:{port}"
    command = [
        sys.executable,
        "-m",
        "mlflow",
        "server",
        "--workers",
        "1",
        "--host",
        HOST,
        "--port",
        str(port),
    ]
    command += ["--backend-store-uri", store]
    folder = Path(store.removeprefix("sqlite:///")).parent
    process = subprocess.Popen(
        command,
        env={**os.environ, **QUIET_SERVER},
        cwd=folder,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    _running[store] = process, address
    end = time.monotonic() + patience
    while time.monotonic() < end and process.poll() is None:
        with contextlib.suppress(OSError), urllib.request.urlopen(f"{address}/health", timeout=2):
            return address
        time.sleep(0.2)
    stop(store)
    raise RuntimeError("MLflow's page did not start. Close other programs and press the button again.")


def stop(store: str) -> None:
    """Stop the page for `store` with all its processes; nothing happens where there is none."""
    process, _ = _running.pop(store, (None, ""))
    if process is not None and process.poll() is None:
        os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)


@atexit.register
def _stop_all() -> None:
    for store in list(_running):
        stop(store)
