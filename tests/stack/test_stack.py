"""The stack as its user runs it: `cardshop up`, faults under constant load, `cardshop down` (P-1, P-3, P-10)."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import closing
from pathlib import Path

import httpx
import psutil
import pytest

from cardshop.stack.operations import free_ports

COMMAND = Path(sys.executable).with_name("cardshop")
BODY = {"cards": [{"card_id": "KND-001", "species_number": 25, "hp": 60}]}
PATIENCE = 120.0


def cardshop(*arguments: str) -> subprocess.CompletedProcess:
    return subprocess.run(
        [COMMAND, *map(str, arguments)], capture_output=True, text=True, timeout=2 * PATIENCE
    )


@pytest.fixture(scope="module")
def stack(tmp_path_factory):
    """A running stack in a folder of its own; afterwards no process of it is left."""
    folder = tmp_path_factory.mktemp("stack")
    names = ("service", "mlflow", "monitor", "prometheus")
    ports = dict(zip(names, free_ports(len(names)), strict=True))
    options = [part for name, port in ports.items() for part in (f"--{name}-port", port)]
    started = cardshop("up", "--folder", folder, *options)
    assert started.returncode == 0, started.stderr
    yield folder, options, f"http://127.0.0.1:{ports['service']}"
    stopped = cardshop("down", "--folder", folder)
    assert stopped.returncode == 0, stopped.stderr
    assert processes_of(folder) == []
    assert "was not running" in cardshop("down", "--folder", folder).stderr


def processes_of(folder: Path) -> list[str]:
    """What still runs and names the stack's folder in its command or its environment."""
    found = []
    for process in psutil.process_iter():
        try:
            text = " ".join([*process.cmdline(), *process.environ().values()])
        except psutil.Error:
            continue
        if str(folder) in text:
            found.append(text)
    return found


def noted(folder: Path) -> dict:
    return json.loads((folder / "processes.json").read_text())


def until(condition, what: str) -> None:
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end, f"{what} has not happened"
        time.sleep(0.1)


class Load:
    """Asks the service again and again; requests that found nobody are counted apart from wrong answers."""

    def __init__(self, url: str):
        self.answers: list[int] = []
        self.versions: list[str] = []
        self.lost = 0
        self._url, self._stop = url, threading.Event()
        self._thread = threading.Thread(target=self._run)

    def __enter__(self) -> "Load":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                with httpx.Client(trust_env=False) as client:
                    while not self._stop.is_set():
                        answer = client.post(f"{self._url}/v1/predict", json=BODY)
                        self.answers.append(answer.status_code)
                        if answer.status_code == 200:
                            self.versions.append(answer.json()["model"]["version"])
            except httpx.TransportError:
                self.lost += 1
                time.sleep(0.05)


def test_it_says_what_it_is_and_a_second_start_changes_nothing(stack):
    folder, options, url = stack
    before = noted(folder)
    again = cardshop("up", "--folder", folder, *options)
    assert again.returncode == 0 and "already" in again.stderr and noted(folder) == before
    state = json.loads(cardshop("status", "--json", "--folder", folder).stdout)
    assert list(state) == ["service", "mlflow", "monitor", "prometheus"]
    assert state["service"] == {"url": url, "ready": True} and state["mlflow"]["ready"]
    assert state["monitor"]["ready"] and state["prometheus"]["ready"]
    assert httpx.get(f"{url}/health", trust_env=False).json() == {"status": "alive"}
    assert "Uvicorn running" in cardshop("logs", "service", "--folder", folder, "-n", "500").stdout
    unknown = cardshop("logs", "nothing", "--folder", folder)
    assert unknown.returncode == 2 and "there are logs of mlflow" in unknown.stderr


def test_traffic_is_sent_and_counted_and_needs_a_service(stack, tmp_path):
    folder, _, url = stack
    sent = cardshop("traffic", "--folder", folder, "--days", 3, "--day-seconds", 0)
    assert sent.returncode == 0 and "3 days: 600 cards answered, 0 refused, 0 lost" in sent.stdout
    monitor = json.loads(cardshop("status", "--json", "--folder", folder).stdout)["monitor"]["url"]
    until(lambda: "600 of them" in httpx.get(monitor, trust_env=False).text, "the page with what was sent")
    until(lambda: "% used" in httpx.get(monitor, trust_env=False).text, "the error budget from Prometheus")
    (tmp_path / "settings.json").write_text(json.dumps({"service_port": free_ports(1)[0]}))
    nobody = cardshop("traffic", "--folder", tmp_path)
    assert nobody.returncode == 2 and "`cardshop up` starts the service" in nobody.stderr


def test_a_look_says_what_each_trigger_sees_and_trains_nothing_without_a_reason(stack, tmp_path):
    folder, _, _ = stack
    looked = cardshop("retrain", "--folder", folder)
    assert looked.returncode == 0, looked.stderr
    assert "too few cards" in looked.stdout and "days old" in looked.stdout
    assert looked.stdout.count("not met") == 4 and "Nothing is trained." in looked.stdout
    nobody = cardshop("retrain", "--folder", tmp_path)
    assert nobody.returncode == 2 and "The stack does not run" in nobody.stderr


def test_no_answer_is_wrong_while_the_registry_is_away_and_the_model_changes(stack):
    folder, _, url = stack
    with Load(url) as load:
        pid = noted(folder)["mlflow"]["pid"]
        os.killpg(pid, signal.SIGKILL)
        until(lambda: noted(folder)["mlflow"]["pid"] != pid, "a new registry")
        until(
            lambda: json.loads(cardshop("status", "--json", "--folder", folder).stdout)["mlflow"]["ready"],
            "ready",
        )
        trained = cardshop("train", "--folder", folder)
        assert trained.returncode == 0, trained.stdout + trained.stderr
        until(lambda: load.versions[-1] == "2", "the new model")
    assert set(load.answers) == {200} and load.lost == 0
    assert load.versions == sorted(load.versions)


def test_a_service_that_is_killed_comes_back(stack):
    folder, _, url = stack
    with Load(url) as load:
        until(lambda: load.answers, "an answer")
        pid = noted(folder)["service"]["pid"]
        os.killpg(pid, signal.SIGKILL)
        until(lambda: noted(folder)["service"]["pid"] != pid, "a new service")
        count = load.answers.count(200)
        until(lambda: load.answers.count(200) > count + 10, "answers of the new service")
    assert set(load.answers) <= {200, 503} and load.lost > 0  # 503 until the model is loaded


HALF = """
from cardshop.serving.app import create_app as plain
from cardshop.serving.hooks import Hooks


def body(path, sent):
    return sent | {"cards": [card | {"hp": card["hp"] // 2} for card in sent["cards"]]}


def create_app():
    return plain(hooks=Hooks(body))
"""


def test_a_release_runs_and_one_that_does_not_get_ready_is_taken_back(stack, tmp_path):
    folder, _, url = stack

    def release(*arguments):
        done = cardshop("release", *arguments, "--folder", folder)
        return done.returncode, done.stdout + done.stderr

    def runs() -> str:
        return httpx.get(f"{url}/metrics", trust_env=False).text.split("\ncardshop_release ")[1][:1]

    (tmp_path / "half.py").write_text(HALF)
    assert release("new", tmp_path / "half.py", "--set", "CARDSHOP_BODY=400") == (0, "Release 2 runs.\n")
    assert runs() == "2" and httpx.post(f"{url}/v1/predict", json=BODY, trust_env=False).status_code == 200
    large = {"cards": BODY["cards"] * 10}
    assert httpx.post(f"{url}/v1/predict", json=large, trust_env=False).status_code == 413
    last = (folder / "journal").glob("predictions-*.jsonl")
    assert json.loads(max(last).read_text().splitlines()[-1])["card"]["hp"] == 30

    (tmp_path / "broken.py").write_text("import nothing_of_this_name\n\ncreate_app = None\n")
    code, said = release("new", tmp_path / "broken.py")
    assert code == 2 and "release 2 runs again" in said and "No module named 'nothing_of_this_name'" in said
    assert runs() == "2" and not (folder / "releases" / "3").exists()
    assert release("back") == (0, "Release 1 runs.\n") and runs() == "1"
    code, listed = release("list")
    assert code == 0 and "code," in listed and "CARDSHOP_BODY=400" in listed

    code, said = release("back")
    assert code == 2 and "none before it" in said
    assert release("new")[0] == 2
    code, said = release("new", "--set", "CARDSHOP_TIMEOUT=soon")
    assert code == 2 and "CARDSHOP_TIMEOUT cannot be 'soon'" in said


def test_the_champion_can_be_any_version(stack):
    folder, _, url = stack

    def version() -> str:
        return httpx.get(f"{url}/version", trust_env=False).json()["version"]

    before = version()
    moved = cardshop("rollout", "champion", "1", "--folder", folder)
    assert moved.returncode == 0 and f"before it was version {before}" in moved.stdout
    until(lambda: version() == "1", "the first version")
    unknown = cardshop("rollout", "champion", "99", "--folder", folder)
    assert unknown.returncode == 2 and "has no version 99" in unknown.stderr and "it has 1" in unknown.stderr


def test_a_taken_port_is_named_and_nothing_is_left(tmp_path):
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        port = taken.getsockname()[1]
        (tmp_path / "first_model").write_text("")  # what is trained here is not the subject
        refused = cardshop("up", "--folder", tmp_path, "--mlflow-port", port)
    assert refused.returncode == 2
    assert f"Port {port}, where mlflow would listen, is in use by" in refused.stderr
    assert "--mlflow-port" in refused.stderr and processes_of(tmp_path) == []


def test_what_a_killed_supervisor_left_is_ended_by_down(tmp_path):
    names = ("service", "mlflow", "monitor", "prometheus")
    ports = [f"--{name}-port={port}" for name, port in zip(names, free_ports(len(names)), strict=True)]
    (tmp_path / "first_model").write_text("")
    up = subprocess.Popen([COMMAND, "up", "--folder", tmp_path, *ports], stderr=subprocess.DEVNULL)
    until(lambda: (tmp_path / "processes.json").exists() and "service" in noted(tmp_path), "a process")
    up.kill()
    up.wait()
    os.kill(noted(tmp_path)["supervisor"]["pid"], signal.SIGKILL)
    assert processes_of(tmp_path) != []
    until(lambda: cardshop("down", "--folder", tmp_path).returncode == 0, "the end")
    assert processes_of(tmp_path) == []
