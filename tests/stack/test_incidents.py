"""Incidents on a running stack: each fault raises the alert of its symptom, and its repair ends it (A-5)."""

import json
import os
import re
import signal
import subprocess
import sys
from itertools import count

import httpx
import pytest

from cardshop.incidents import CAUSES, CHANGES, METRICS, SYMPTOMS
from cardshop.incidents.clock import faster
from cardshop.stack.operations import free_ports
from cardshop.stack.releases import check
from cardshop.stack.settings import RULES, Settings
from cardshop.world.truth.breakages import FAULTS, SOUND, drawn, fault
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
    file = stack / "incident" / "incident.json"
    until(lambda: json.loads(file.read_text())["quiet"], "the end of the alert")
    incidents("stop", "--folder", stack)
    settings = Settings.read(stack)
    assert told(stack) == {} and "traffic" not in noted(stack)
    assert httpx.get(f"{settings.url('service')}/version", trust_env=False).json()["version"] == "1"
    assert "cardshop_release 1.0" in httpx.get(f"{settings.url('service')}/metrics", trust_env=False).text
    assert str(RULES) in (stack / "prometheus.yml").read_text() and settings.journal == stack / "journal"


def test_it_is_undone_whatever_was_killed_or_stopped_meanwhile(stack):
    settings = Settings.read(stack)
    command = [sys.executable, "-m", "cardshop.incidents", "start", "--seed", "3", "--folder", stack]
    start = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    until(lambda: "traffic" in noted(stack), "traffic")
    start.kill()
    start.wait()
    assert "runs already" in incidents("start", "--folder", stack, code=2)
    pid = noted(stack)["traffic"]["pid"]
    os.kill(pid, signal.SIGKILL)
    until(lambda: noted(stack)["traffic"]["pid"] != pid, "traffic again")
    until(lambda: any(settings.journal.glob("*.jsonl")), "an answer")
    assert settings.journal != stack / "journal"
    assert cardshop("down", "--folder", stack).returncode == 0 and processes_of(stack) == []
    assert "Incident 3 has ended" in incidents("stop", "--folder", stack)
    assert "No incident runs" in incidents("stop", "--folder", stack)
    assert "does not run" in incidents("start", "--folder", stack, code=2)
    options = [f"--{name}-port={getattr(settings, f'{name}_port')}" for name in NAMES]
    assert cardshop("up", "--folder", stack, *options).returncode == 0
    assert "traffic" not in noted(stack) and settings.journal == stack / "journal"


def test_wrong_words_are_refused(tmp_path):
    assert "choose latency, confidence" in incidents(
        "start", "--symptom", "slow", "--folder", tmp_path, code=2
    )
    assert told(tmp_path) == {} and "No incident runs" in incidents("status", "--folder", tmp_path)
    (tmp_path / "settings.json").write_text("{")
    assert "cannot be read" in incidents("stop", "--folder", tmp_path, code=2)


def test_the_fast_clock_changes_durations_and_nothing_else():
    usual, fast = RULES.read_text(), faster(RULES.read_text())
    for before, after in zip(usual.splitlines(), fast.splitlines(), strict=True):
        if before != after:
            assert re.sub(r"\d+( \* \d+)?[smhd]?", "", before) == re.sub(r"\d+( \* \d+)?[smhd]?", "", after)
    for alert, wait in (("Down", "1m"), ("ModelMissing", "2m")):  # else a release would raise them
        assert re.search(rf"- alert: {alert}\b[^-]*?\n +expr: .*\n +for: {wait}", fast)
    assert "for: 10m" in usual and "for: 30s" in fast and "[1h]" in usual and "[180s]" in fast
    assert "> 7 * 86400" in usual and "> 30240" in fast and "for: 1m" in usual and "for: 20s" in fast
    assert fast.count("> 0.2") == usual.count("> 0.2") and "m]" not in fast


def test_the_seed_decides_and_every_fault_has_what_a_check_needs():
    for symptom in SYMPTOMS:
        assert len([cause for cause, (of, _) in FAULTS.items() if of == symptom]) >= 2
    assert set(FAULTS) == set(CAUSES)
    for cause in FAULTS:
        for seed in range(5):
            one = fault(seed, cause)
            assert (one.cause, one.symptom) == (cause, FAULTS[cause][0]) and one.change in CHANGES
            assert set(one.shows) <= set(METRICS) and set(one.after) <= set(METRICS)
            for release in (one.broken, one.repaired):
                check(release.service, release.settings)
            assert (one.broken != SOUND) == (one.change in ("code", "settings"))
            assert (one.repaired != SOUND) == (one.change in ("traffic", "labels"))
        assert fault(7, cause).broken == fault(7, cause).broken
    assert len({drawn(seed).cause for seed in range(200)}) == len(FAULTS)
