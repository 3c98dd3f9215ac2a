"""What `make learn` and `dojo start` run: the course's front page in marimo, on this machine only."""

import os
import secrets
import signal
import socket
import subprocess
import sys
import time
import urllib.request
import webbrowser
from contextlib import closing, suppress

from rich.console import Console

from grader.course.manifest import ROOT

HOST, PORT = "127.0.0.1", 2718
SERVER_START = 120  # seconds until the server must answer


def main() -> None:
    """Serve the course until Ctrl-C (or SIGTERM); print the address as soon as it answers."""
    console = Console(soft_wrap=True, highlight=False)
    with console.status("Building the marketplace (once)"):
        built = subprocess.run(
            [sys.executable, "-m", "cardshop.command", "world", "build"], stdout=subprocess.DEVNULL, cwd=ROOT
        )
    if built.returncode:
        sys.exit("The marketplace could not be built; see the message above.")
    # The server is ended in order, whoever asks for it.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)
    port = free_port()
    if port != PORT:
        console.print(f"Port {PORT} is taken, so the course is at {port}.")
    # Whoever opens this address can run code here: the token keeps other users and web pages out.
    token = secrets.token_urlsafe(12)
    server = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "marimo",
            "-q",
            "edit",
            "notebooks/home.py",
            "--headless",
            "--host",
            HOST,
            "--port",
            str(port),
            "--token",
            "--token-password",
            token,
            "--skip-update-check",
        ],
        cwd=ROOT,
        env={
            "PYTHONWARNINGS": "ignore::UserWarning:multiprocessing.resource_tracker",
            **os.environ,
        },  # as it ends
        start_new_session=os.name == "posix",
    )  # Ctrl-C is for us; we end the server in order
    try:
        with console.status("Starting marimo"):
            wait(server, port)
        address = f"http://{HOST}:{port}/?view-as=present&access_token={token}"
        console.print(f"The course is open at {address}\nCtrl-C ends it.", style="bold")
        if sys.platform != "linux" or os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"):
            webbrowser.open(address)
        sys.exit(server.wait())
    except KeyboardInterrupt:
        console.print("\nSee you. Your progress is in progress.md.")
    finally:
        stop(server)


def free_port() -> int:
    """Return the first port from PORT on that nobody listens on."""
    for port in range(PORT, PORT + 100):
        with closing(socket.socket()) as probe, suppress(OSError):
            if os.name != "nt":  # a port whose last server has just ended is free
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((HOST, port))
            return port
    sys.exit(f"No port between {PORT} and {PORT + 99} is free. End another server, then try again.")


def wait(server: subprocess.Popen, port: int) -> None:
    """Wait until the server answers."""
    until = time.monotonic() + SERVER_START
    while time.monotonic() < until and server.poll() is None:
        with suppress(OSError), urllib.request.urlopen(f"http://{HOST}:{port}/health", timeout=2):
            return
        time.sleep(0.1)
    stop(server)
    sys.exit("marimo did not start; its own message stands above. `dojo doctor` looks for the cause.")


def stop(server: subprocess.Popen) -> None:
    """End the server; it ends the kernels of the open notebooks."""
    if server.poll() is None:
        server.send_signal(signal.SIGTERM)
        try:
            server.wait(10)
        except subprocess.TimeoutExpired:
            server.kill()


if __name__ == "__main__":
    main()
