"""`make learn`: the address that is printed works, and the server ends with the command."""

import json
import os
import re
import signal
import stat
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

PATIENCE = 60  # seconds, on a busy machine
DIRECT = urllib.request.build_opener(
    urllib.request.ProxyHandler({}),
    urllib.request.HTTPCookieProcessor(),  # the token becomes a cookie
)
pytestmark = [
    pytest.mark.skipif(os.name == "nt", reason="Windows sends no signal to one process"),
    pytest.mark.xdist_group("dojo start"),  # each takes the first free port
]


def launched(home: Path, **environment: str) -> subprocess.Popen:
    return subprocess.Popen(
        [sys.executable, "-m", "grader.command.start"],
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "DOJO_HOME": str(home), **environment},
    )


@contextmanager
def started(home: Path, **environment: str) -> Iterator[tuple[subprocess.Popen, str]]:
    """Run `dojo start` until its address is printed; yields both."""
    course = launched(home, **environment)
    try:
        yield course, _address(course.stdout)
    finally:
        course.terminate()
        course.wait(PATIENCE)


def _address(lines) -> str:
    return next(found[0] for line in lines if (found := re.search(r"http://127\.0\.0\.1:\d+/\S+", line)))


def test_the_printed_address_works_behind_a_proxy_and_ctrl_c_ends_the_server(tmp_path):
    nowhere = "http://127.0.0.1:9"
    with started(tmp_path, HTTP_PROXY=nowhere, http_proxy=nowhere) as (course, address):
        with DIRECT.open(address) as page:
            text = page.read()
            assert b"home.py" in text and b"dojo-bar" in text  # the notebook, and our own header on it
        host = address.partition("/?")[0]
        with DIRECT.open(f"{host}/dojo/bars?file=exercises/01_data_engineering.py") as bars:
            assert "Exercises" in json.load(bars)["header"]
        with DIRECT.open(f"{host}/dojo/shelf/glossary") as shelf:
            assert b"quarantine" in shelf.read()
        course.send_signal(signal.SIGINT)
        out, err = course.stdout.read(), course.stderr.read()
        assert course.wait(PATIENCE) == 0, err
    assert "See you" in out
    assert "Traceback" not in err
    with pytest.raises(OSError):
        DIRECT.open(address, timeout=2)


def test_a_second_start_opens_the_first_and_the_end_of_the_terminal_ends_it(tmp_path):
    state = tmp_path / ".dojo" / "server.json"
    state.parent.mkdir()
    state.write_text('{"port": 9, "token": "of one that is gone"}')
    with started(tmp_path) as (course, address):
        assert stat.S_IMODE(state.stat().st_mode) == 0o600
        with started(tmp_path) as (second, again):
            assert again == address and second.wait(PATIENCE) == 0
        following = subprocess.run(
            [sys.executable, "-m", "grader.command", "next"],
            capture_output=True,
            text=True,
            env={**os.environ, "DOJO_HOME": str(tmp_path)},
        )
        with DIRECT.open(_address(following.stdout.splitlines())) as page:
            assert b"01_data_engineering" in page.read()
        course.send_signal(signal.SIGHUP)
        course.wait(PATIENCE)
    with pytest.raises(OSError):
        DIRECT.open(address, timeout=2)
    assert not state.exists()


def test_two_at_once_share_a_server_and_one_that_lost_its_launcher_can_be_ended(tmp_path):
    both = [launched(tmp_path), launched(tmp_path)]
    lines = [next(line for line in course.stdout if "http://" in line) for course in both]
    (address,) = {_address([line]) for line in lines}
    serving, other = both if "already" in lines[1] else both[::-1]
    assert other.wait(PATIENCE) == 0
    serving.kill()
    serving.wait(PATIENCE)
    state = json.loads((tmp_path / ".dojo" / "server.json").read_text())
    try:
        with started(tmp_path) as (third, again):
            assert again == address and f"kill {state['process']}" in third.stdout.read()
    finally:
        os.kill(state["process"], signal.SIGTERM)
