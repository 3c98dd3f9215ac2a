"""What `make learn` and `dojo start` run: the course's front page in marimo, on this machine only."""

import http.client
import json
import os
import secrets
import shutil
import signal
import subprocess
import sys
import time
import webbrowser
from contextlib import ExitStack, closing, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from urllib.parse import urlencode

from grader.course import progress
from grader.course.lock import locked
from grader.course.manifest import ROOT
from grader.course.port import HOST, free_port

from .grading import end_in_order
from .output import activation, console, dojo

PORT = 2718
SERVER_START = 120  # seconds until the server must answer
TRIES = 3  # ports
ENDING = 10  # seconds until a server that was told to end is killed
HOME = "notebooks/home.py"


@dataclass(frozen=True)
class Server:
    """A server of this course, and its process. Whoever has the token can run code in it."""

    port: int
    token: str
    process: int = 0

    def address(self, notebook: Path | None = None) -> str:
        """Return the address of a notebook, of the front page if none is given."""
        page = {"file": notebook.relative_to(ROOT).as_posix()} if notebook else {"view-as": "present"}
        return f"http://{HOST}:{self.port}/?{urlencode({**page, 'access_token': self.token}, safe='/')}"

    def open_notebooks(self) -> list[Path] | None:
        """Return the notebooks that are open in it; None when it does not answer.

        It is asked directly, since a proxy would look for it somewhere else.
        """
        connection = http.client.HTTPConnection(HOST, self.port, timeout=2)
        with closing(connection), suppress(OSError, ValueError, http.client.HTTPException):
            connection.request("GET", "/api/sessions", headers={"Authorization": f"Bearer {self.token}"})
            answer = connection.getresponse()
            if answer.status == 200:
                return [Path(one["path"]) for one in json.load(answer).values() if one["path"]]
        return None


def main() -> None:
    """Serve the course until Ctrl-C, SIGTERM or the end of the terminal; open the server that runs already."""
    end_in_order()
    process = server = None
    try:
        with ExitStack() as starting:
            _wait_for_others(starting)
            if server := running():
                _open_again(server)
                return
            _build_marketplace()
            with console.status("Starting marimo"):
                for _ in range(TRIES):  # somebody may take the port just before marimo does
                    process, server = _launch(server.port + 1 if server else PORT)
                    answers = _answers(process, server)
                    if answers or process.poll() is None:
                        break
            if not answers:
                sys.exit(
                    f"marimo did not start; the message above says why. `{dojo('doctor')}` looks for the cause."
                )
            _remember(server)
        console.print(f"The course is open at {server.address()}", style="bold", markup=False)
        console.print(f"Ctrl-C ends it. {_in_another_terminal()}", markup=False)
        _show(server)
        sys.exit(process.wait())
    except KeyboardInterrupt:
        with suppress(OSError):  # the terminal may be gone
            console.print("\nSee you. Your progress is in progress.md.")
    finally:
        if process is not None:
            _stop(process)
            if _remembered() == server:
                _state().unlink(missing_ok=True)


def _wait_for_others(starting: ExitStack) -> None:
    """Wait while another `dojo start` starts the server, so that both use the same one."""
    with suppress(OSError), console.status("Looking for the course"):  # without a lock each has its own
        starting.enter_context(locked(_state().with_name("start.lock")))


def _open_again(server: Server) -> None:
    kill = f"taskkill /F /PID {server.process}" if os.name == "nt" else f"kill {server.process}"
    console.print(f"The course is open already, at {server.address()}", style="bold", markup=False)
    console.print(
        f"Ctrl-C in the terminal that started it ends it. If that terminal is gone, run `{kill}`.",
        markup=False,
    )
    _show(server)


def _build_marketplace() -> None:
    with console.status("Building the marketplace (once)"):
        built = subprocess.run(
            [sys.executable, "-m", "cardshop.command", "world", "build"],
            capture_output=True,
            text=True,
            cwd=ROOT,
        )
    if built.returncode:
        sys.exit(f"{built.stderr}The marketplace could not be built; the message above says why.")


def _in_another_terminal() -> str:
    """How to use `dojo` while this terminal is busy."""
    if shutil.which("dojo"):
        return f"In another terminal, `{dojo('next')}` says what comes next."
    return (
        f"For `dojo` in another terminal, first run `{activation()}` there; `dojo next` says what comes next."
    )


def running() -> Server | None:
    """Return the server that was started for this learner and still answers."""
    server = _remembered()
    return server if server and server.open_notebooks() is not None else None


def _state() -> Path:
    return progress.home() / ".dojo" / "server.json"


def _remembered() -> Server | None:
    try:
        return Server(**json.loads(_state().read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None


def _remember(server: Server) -> None:
    """Write down where the course is open, for this user's eyes only. What hinders that hinders nothing else."""
    with suppress(OSError):
        _state().parent.mkdir(parents=True, exist_ok=True)
        _state().unlink(missing_ok=True)
        private = os.open(_state(), os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(private, "w", encoding="utf-8") as file:
            json.dump(asdict(server), file)


def _launch(first: int) -> tuple[subprocess.Popen, Server]:
    port, token = free_port(first), secrets.token_urlsafe(12)
    if port != PORT:
        console.print(f"Port {PORT} is taken, so the course is at {port}.")
    here = ["--headless", "--host", HOST, "--port", str(port), "--skip-update-check"]
    watched = ["--watch"]  # so that `dojo reset` reaches the open page
    secret = ["--token-password-file", "-"]  # from standard input: everybody can read a command line
    process = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "grader.page.server",
            "-q",
            "-l",
            "error",
            "edit",
            HOME,
            *here,
            *watched,
            *secret,
        ],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        env={
            "PYTHONWARNINGS": "ignore::UserWarning:multiprocessing.resource_tracker",
            **os.environ,
            "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")]),
        },
        start_new_session=os.name == "posix",  # Ctrl-C is for us; we end the server in order
    )
    with suppress(OSError), process.stdin:
        process.stdin.write(token.encode())
    return process, Server(port, token, process.pid)


def _show(server: Server) -> None:
    if sys.platform != "linux" or os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"):
        webbrowser.open(server.address())


def _answers(process: subprocess.Popen, server: Server) -> bool:
    """Wait until the server answers; False when it has ended, or takes too long."""
    until = time.monotonic() + SERVER_START
    while time.monotonic() < until and process.poll() is None:
        if server.open_notebooks() is not None:
            return True
        time.sleep(0.1)
    return False


def _stop(process: subprocess.Popen) -> None:
    """End the server; it ends the kernels of the open notebooks."""
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(ENDING)
        except subprocess.TimeoutExpired:
            process.kill()


if __name__ == "__main__":
    main()
