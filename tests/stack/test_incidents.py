"""Incidents on a running stack: each fault raises the alert of its symptom, and its repair ends it (A-5)."""

import json
import subprocess
import sys
from itertools import count

import httpx
import pytest

from cardshop.incidents import SYMPTOMS
from cardshop.stack.operations import free_ports
from cardshop.stack.settings import RULES, Settings
from cardshop.world.truth.breakages import FAULTS, SOUND, drawn
from grader.authoring.rotation import turn

from .test_stack import cardshop, noted, processes_of, until

TRIED = 2  # faults a run: each takes about two minutes
NAMES = ("service", "mlflow", "monitor", "prometheus")


def incidents(*arguments: object, code: int = 0) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "cardshop.incidents", *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=500,
    )
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout + done.stderr


def told(folder) -> dict:
    return json.loads(incidents("status", "--json", "--folder", folder))


def seed_of(cause: str) -> int:
    """The first seed that has this cause."""
    symptom = FAULTS[cause][0]
    return next(seed for seed in count() if drawn(seed, symptom).cause == cause)


def repair(folder, truth, tmp_path) -> None:
    """Mend it with the commands that a learner has."""
    if truth.change == "model":
        done = cardshop("rollout", "champion", told(folder)["before"]["champion"], "--folder", folder)
    elif truth.broken != SOUND:
        done = cardshop("release", "back", "--folder", folder)
    else:
        (tmp_path / "service.py").write_text(truth.repaired.service)
        done = cardshop("release", "new", tmp_path / "service.py", "--folder", folder)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture(scope="module")
def stack(tmp_path_factory):
    folder = tmp_path_factory.mktemp("stack")
    ports = zip(NAMES, free_ports(len(NAMES)), strict=True)
    started = cardshop(
        "up", "--folder", folder, *(part for name, port in ports for part in (f"--{name}-port", port))
    )
    assert started.returncode == 0, started.stderr
    yield folder
    cardshop("down", "--folder", folder)
    assert processes_of(folder) == []


@pytest.mark.parametrize("cause", turn(sorted(FAULTS), TRIED))
def test_a_fault_is_noticed_mended_and_undone(stack, tmp_path, cause):
    truth, seed = drawn(seed_of(cause), FAULTS[cause][0]), seed_of(cause)
    shown = incidents("start", "--symptom", truth.symptom, "--seed", seed, "--folder", stack)
    state = told(stack)
    assert state["alert"]["name"] in SYMPTOMS[truth.symptom].alerts and state["alert"]["summary"] in shown
    assert cause not in json.dumps(state), "what is on the learner's disk does not say the cause"
    repair(stack, truth, tmp_path)
    until(lambda: told(stack)["quiet"], "the end of the alert")
    incidents("stop", "--folder", stack)
    settings = Settings.read(stack)
    assert told(stack) == {} and "traffic" not in noted(stack)
    assert httpx.get(f"{settings.url('service')}/version", trust_env=False).json()["version"] == "1"
    assert "cardshop_release 1.0" in httpx.get(f"{settings.url('service')}/metrics", trust_env=False).text
    assert str(RULES) in (stack / "prometheus.yml").read_text() and settings.journal == stack / "journal"
