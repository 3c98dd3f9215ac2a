"""`dojo incident` as its readers run it: wrongly, without a stack, and what it copies from one."""

import os
import subprocess
import sys
import tomllib

import pytest

from grader.command import incident
from grader.course.manifest import ROOT

STATE = {
    "seed": 7,
    "symptom": "latency",
    "began": "2026-11-28T14:31:10+00:00",
    "alerted": "2026-11-28T14:32:40+00:00",
    "quiet": None,
    "release": {"number": 3, "folder": ""},
    "champion": "2",
    "before": {"release": "2", "champion": "2"},
    "registered": ["3"],
}


def dojo(*arguments: object) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, "-m", "grader.command", "incident", *map(str, arguments)],
        cwd=ROOT,
        env={**os.environ, "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["start"], "The stack does not run: `cardshop up` starts it."),
        (["start", "--symptom", "slow"], "There is no symptom 'slow'"),
        (["start", "--seed", "many"], "Input should be a valid integer"),
        (["submit"], "No incident runs, so there is nothing to hand in."),
        (["submit", "--isolation", "none"], "There is no isolation level none"),
    ],
)
def test_wrong_use_gets_a_sentence(tmp_path, arguments, sentence):
    done = dojo(*arguments, "--folder", tmp_path)
    assert done.returncode not in (0, None) and "Traceback" not in done.stderr
    assert sentence in " ".join(done.stderr.split())


def test_without_an_incident_there_is_nothing_to_tell_and_nothing_to_stop(tmp_path):
    for command in ("status", "stop"):
        done = dojo(command, "--folder", tmp_path)
        assert done.returncode == 0 and "No incident runs" in done.stdout + done.stderr


def test_the_repair_is_copied_as_texts(tmp_path):
    (tmp_path / "service.py").write_text("raise SystemExit('a release is text here')\n")
    (tmp_path / "settings.env").write_text("CARDSHOP_TIMEOUT=2\n")
    state = {**STATE, "release": {"number": 3, "folder": str(tmp_path)}}
    files = incident._repair(state)
    assert files["repair/service.py"].startswith("raise SystemExit")
    assert (files["repair/settings.env"], files["repair/champion"]) == ("CARDSHOP_TIMEOUT=2\n", "2\n")
    record = tomllib.loads(files["repair/incident.toml"])
    assert record["seed"] == 7 and record["symptom"] == "latency" and record["quiet"] == ""
    assert (record["champion_before"], record["registered"]) == ("2", ["3"])


def test_the_time_to_mitigate_is_told_and_said_not_to_count():
    assert "fired 1 min 30 s after the incident began. It still fires" in incident._time(STATE)
    over = incident._time({**STATE, "quiet": "2026-11-28T14:39:00+00:00"})
    assert "was quiet 6 min 20 s later" in over and "not scored" in over
    assert "has not fired" in incident._time({**STATE, "alerted": None})
