"""Plays the story on a stack of its own, and waits for each step that the stack has to take by itself."""

import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import numpy as np

from cardshop import world
from cardshop.rollout.policies import Plan
from cardshop.rollout.state import Rollout, State
from cardshop.stack import operations
from cardshop.stack.components import log_file
from cardshop.stack.settings import Settings
from cardshop.training import MODEL

SEED = 21  # of a world in which a scanner stops reading a stat
MOST_DAYS = 90  # of traffic; whatever has not happened by then does not happen
CANARY = 0.5  # of the requests: one that learns from few labels a day needs many customers
SPOILED = 0.2  # of the requests, for the bad model
LOOK = 2.0  # seconds between two looks at the triggers
TICK = 0.5  # seconds between two looks at the audit log
BY = "cardshop demo"
PORTS = ("service", "mlflow", "monitor", "prometheus")


class NotHappened(RuntimeError):
    """A step of the story did not happen; the message says which, and what happened in its place."""


@dataclass
class Story:
    """A running story: its stack, the processes that it started, and how much of the audit log was told."""

    settings: Settings
    day_seconds: float
    tell: Callable[[str, str], None]  # gets what happened, in a word and in a sentence
    wait_for: Callable[[str], None]  # gets what is waited for
    children: dict[str, subprocess.Popen] = field(default_factory=dict)
    told: int = 0

    @property
    def state(self) -> State:
        return State(self.settings.rollout)

    def play(self) -> None:
        """Play it all. Raises NotHappened, and StackError where the stack does not start."""
        operations.launch(self.settings, self.wait_for, SEED)
        self.tell(
            "up",
            f"Look on at {self.settings.url('monitor')}; the service is at {self.settings.url('service')}.",
        )
        same = ("--seed", str(SEED), "--day-seconds", str(self.day_seconds))
        self._start("traffic", *same, "--days", str(MOST_DAYS))
        self._start("retrain", *same, "--watch", "--every", str(LOOK), "--share", str(CANARY))
        self.wait_for("traffic; nothing is wrong yet")
        self.until("notice", "noticed a drift", unless=("retrain",))
        self.wait_for("labels of the cards that have drifted")
        self.until("retrain", "fired a trigger")
        self.wait_for("a new model")
        self.until("begin", "started a canary", unless=("refuse",))
        self.wait_for("labels of the canary")
        self.until("promote", "promoted the new model", unless=("rollback",))
        self.wait_for("a bad model, trained on shuffled labels")
        bad = self._plant()
        self.wait_for("labels that show how bad it is")
        self.until("rollback", "taken the bad model back", unless=("promote",))
        answers = httpx.get(f"{self.settings.url('service')}/version", trust_env=False).json()["version"]
        if answers == bad:
            raise NotHappened(f"Version {bad} was taken back, and the service still answers with it.")

    def until(self, action: str, what: str, unless: tuple[str, ...] = ()) -> None:
        """Return when the audit log has a new line with this action. Raises NotHappened."""
        while True:
            for line in self.state.audit()[self.told :]:
                self.told += 1
                self.tell(line["action"], line["reason"])
                if line["action"] == action:
                    return
                if line["action"] in unless:
                    raise NotHappened(f"The stack has not {what}, but: {line['action']}. {line['reason']}")
            for name, process in self.children.items():
                if process.poll() is not None:
                    raise NotHappened(
                        f"The stack has not {what} before `cardshop {name}` ended (code {process.returncode}). "
                        f"The end of its log:\n{operations.tail(self.settings, name, 5)}"
                    )
            if not operations.runs(self.settings.folder):
                raise NotHappened(f"The stack has ended before it has {what}: see {self.settings.logs}.")
            time.sleep(TICK)

    def end(self) -> None:
        """End everything that was started. Does nothing where nothing runs."""
        for process in self.children.values():
            process.terminate()
        for process in self.children.values():
            with suppress(subprocess.TimeoutExpired):
                process.wait(10)
            process.kill()
            process.wait()
        operations.stop(self.settings.folder)

    def _start(self, *command: str) -> None:
        name, *options = command
        with log_file(self.settings, name).open("ab") as log:
            self.children[name] = subprocess.Popen(
                [sys.executable, "-m", "cardshop.command", name, *options, "--folder", self.settings.folder],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # Ctrl-C is for this process, which then ends the others
            )

    def _plant(self) -> str:
        """Bring a model that has learned shuffled labels to customers, past the gates; return its version."""
        from cardshop.training import gates  # these import mlflow and xgboost, which takes seconds
        from cardshop.training.candidates import card_model
        from cardshop.training.classifier import LABEL, split
        from cardshop.training.registry import CHALLENGER, DATA_VERSION, Registry

        registry = Registry(self.settings.url("mlflow"), self.settings.models)
        train, test = split(world.load("cards", SEED), SEED)
        model = card_model(
            train.drop(LABEL), np.random.default_rng(SEED).permutation(train[LABEL].to_numpy())
        )
        probabilities = np.asarray(model.predict_proba(test.drop(LABEL)))
        gate = gates.beats_guessing(gates.Held(test[LABEL].to_numpy(), probabilities, model.classes_))
        run = {
            "params": {"world": SEED, "labels": "shuffled"},
            "metrics": {f"gate {gate.name}": gate.value},
            "tags": {DATA_VERSION: "shuffled", "gates": "bypassed"},
        }
        card = "# Not for use\n\nIt was trained on shuffled labels, to show that a rollout takes it back.\n"
        version = registry.register(MODEL, model, test.drop(LABEL).head(20), run, {"model_card.md": card})
        registry.promote(version, CHALLENGER)
        self.state.note(
            "bypass",
            f"Version {version.version} was trained on shuffled labels and goes past the gates on purpose. The gate "
            f"“{gate.name}” would have {'let it pass' if gate.passed else 'stopped it'}: {gate.sentence}",
            BY,
        )
        champion = registry.find(MODEL).version
        self.state.begin(Rollout(Plan("canary", uuid.uuid4().hex, SPOILED), champion, version.version), BY)
        return version.version


@contextmanager
def story(
    folder: Path, day_seconds: float, tell: Callable[[str, str], None], wait_for: Callable[[str], None]
) -> Iterator[Story]:
    """A story in this folder, on free ports. At the end of the block nothing of it runs."""
    ports = {
        f"{name}_port": port for name, port in zip(PORTS, operations.free_ports(len(PORTS)), strict=True)
    }
    one = Story(Settings(folder=folder, **ports), day_seconds, tell, wait_for)
    try:
        yield one
    finally:
        handlers = {name: signal.signal(name, signal.SIG_IGN) for name in (signal.SIGINT, signal.SIGTERM)}
        one.end()  # to its end, also where somebody presses Ctrl-C twice
        for name, handler in handlers.items():
            signal.signal(name, handler)
