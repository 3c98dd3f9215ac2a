"""`make learn`: the address that is printed works, and Ctrl-C ends everything."""

import os
import re
import signal
import subprocess
import sys
import urllib.request

import pytest


@pytest.mark.skipif(os.name == "nt", reason="Windows sends no SIGINT to one process")
def test_the_printed_address_works_and_ctrl_c_ends_the_server(tmp_path):
    course = subprocess.Popen(
        [sys.executable, "-m", "grader.command.start"],
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "DOJO_HOME": str(tmp_path)},
    )
    try:
        address = next(
            found[0] for line in course.stdout if (found := re.search(r"http://127\.0\.0\.1:\d+/\S+", line))
        )
        with urllib.request.urlopen(address) as page:
            assert b"marimo" in page.read()
        course.send_signal(signal.SIGINT)
        out, err = course.communicate(timeout=20)
    finally:
        course.terminate()
        course.wait(20)
    assert course.returncode == 0, err
    assert "See you" in out
    assert "Traceback" not in err
    with pytest.raises(OSError):
        urllib.request.urlopen(address, timeout=2)
