"""What the pods of development run, run here: the same commands, with the same settings, on other ports and folders."""

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from contextlib import contextmanager

import httpx

from cardshop.stack.operations import free_ports

from .manifests import environment, objects, pods, rendered
from .tools import DEPLOY, ROOT

PATIENCE = 120  # seconds; MLflow takes half a minute on a busy machine
CARD = {"card_id": "KND-001", "hp": 60, "rarity": "Common"}


class Pods:
    """The pods as processes: `/app` and `/data` lie in a folder, and each container's port is a free one.

    `/app` has what the Containerfile copies there, so that a file which the image lacks is missing here.
    """

    def __init__(self, folder):
        self.folder = folder
        copied = re.findall(r"^COPY (\S+) /app/(\S+)$", (DEPLOY / "Containerfile").read_text(), re.M)
        assert ("cardshop", "cardshop") in copied
        for source, target in copied:
            shutil.copytree(ROOT / source, folder / "app" / target)
        self.objects = objects(rendered("development"))
        self.containers = {name: pod["containers"][0] for name, pod in pods(self.objects)}
        listening = [name for name, one in self.containers.items() if "ports" in one]
        self.ports = dict(zip(listening, free_ports(len(listening)), strict=True))

    def start(self, name: str) -> subprocess.Popen:
        container, variables = self.containers[name], environment(self.objects, self.containers[name])
        command = [sys.executable, *container["command"][1:]]
        if name in self.ports:
            port = str(container["ports"][0]["containerPort"])
            command = [str(self.ports[name]) if part == port else part for part in command]
        moved = {key: self.here(value) for key, value in variables.items()}
        log = (self.folder / f"{name}.log").open("wb")
        here = {"PATH": os.environ["PATH"], "HOME": str(self.folder), "PYTHONPATH": str(self.folder / "app")}
        return subprocess.Popen(
            command, cwd=self.folder, env=here | moved, stdout=log, stderr=log, start_new_session=True
        )

    def here(self, value: str) -> str:
        value = value.replace("/data/", f"{self.folder}/data/").replace("$(POD)", "service-0")
        return value.replace("mlflow:5000", f"127.0.0.1:{self.ports['mlflow']}")

    def answer(self, name: str, probe: str) -> int:
        """The status that a probe of Kubernetes would see; 0 where nothing listens."""
        path = self.containers[name][probe]["httpGet"]["path"]
        try:
            return httpx.get(
                f"http://127.0.0.1:{self.ports[name]}{path}", timeout=5, trust_env=False
            ).status_code
        except httpx.TransportError:
            return 0

    def wait(self, name: str, probe: str) -> None:
        end = time.monotonic() + PATIENCE
        while self.answer(name, probe) != 200:
            assert time.monotonic() < end, (self.folder / f"{name}.log").read_text()
            time.sleep(0.2)


@contextmanager
def running(processes: list[subprocess.Popen]):
    try:
        yield
    finally:
        for process in processes:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def test_the_pods_train_serve_and_watch(tmp_path):
    pods = Pods(tmp_path)
    for folder in ("registry", "service", "journal", "monitor"):
        (tmp_path / "data" / folder).mkdir(parents=True)
    processes = {name: pods.start(name) for name in pods.ports}
    with running(list(processes.values())):
        for name in processes:
            pods.wait(name, "startupProbe")
        assert pods.answer("service", "livenessProbe") == 200
        assert pods.answer("service", "readinessProbe") == 503, "ready without a model"
        trained = pods.start("train")
        with running([trained]):
            assert trained.wait(PATIENCE) == 0, (tmp_path / "train.log").read_text()
        pods.wait("service", "readinessProbe")
        service, monitor = (f"http://127.0.0.1:{pods.ports[name]}" for name in ("service", "monitor"))
        answer = httpx.post(f"{service}/v1/predict", json={"cards": [CARD]}, trust_env=False)
        assert answer.status_code == 200 and answer.json()["model"]["version"] == "1"
        assert list((tmp_path / "data" / "journal" / "service-0").glob("predictions-*.jsonl"))
        end = time.monotonic() + PATIENCE
        while "cardshop_reference_cards 1.0" not in httpx.get(f"{monitor}/metrics", trust_env=False).text:
            assert time.monotonic() < end, "the monitor does not see the card"
            time.sleep(0.2)
        grace = pods.objects["Deployment", "service"]["spec"]["template"]["spec"][
            "terminationGracePeriodSeconds"
        ]
        processes["service"].send_signal(signal.SIGTERM)
        assert processes["service"].wait(grace) in (0, -signal.SIGTERM)
