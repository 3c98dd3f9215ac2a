"""The learner's own stack, from a notebook: start it, look at it, send it cards, ship a model to it, stop it."""

import tempfile
from collections.abc import Callable
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import httpx
import numpy as np
import polars as pl
import psutil

from cardshop import world
from cardshop.incidents import prometheus
from cardshop.stack import operations
from cardshop.stack.operations import StackError
from cardshop.stack.settings import FOLDER, Settings
from cardshop.training import MODEL, gates
from cardshop.training.classifier import LABEL, split
from grader.page import recording

ABOUT = {
    "service": "answers with the champion",
    "mlflow": "the registry: versions, aliases, runs",
    "monitor": "compares what comes in, joins labels",
    "prometheus": "keeps what the others measure, and evaluates alert rules",
}
ASKED = {
    "calls under /v1/": 'sum(cardshop_requests_total{path=~"/v1/.*"})',
    "calls a second, last minute": 'sum(rate(cardshop_requests_total{path=~"/v1/.*"}[1m]))',
    "p99 of predictions, seconds": "histogram_quantile(0.99, sum by (le) "
    '(rate(cardshop_request_seconds_bucket{path="/v1/predict"}[1m])))',
    "alerts that fire": 'count(ALERTS{alertstate="firing"}) or vector(0)',
}
"""What the live table asks Prometheus."""


class Refused(RuntimeError):
    """What was asked can't be done; the message says why, and what to do."""


def settings() -> Settings:
    """Where the stack lies and listens, as `cardshop up` wrote it down. Raises Refused."""
    try:
        return Settings.read(FOLDER)
    except ValueError as error:
        raise Refused(
            f"{FOLDER / 'settings.json'} can't be read ({type(error).__name__}): delete it, and run `cardshop up`."
        ) from None


def runs() -> bool:
    """Whether the learner's stack runs."""
    try:
        return operations.runs(FOLDER)
    except StackError:
        return False


def start(say: Callable[[str], None]) -> None:
    """Start the stack and return when it is ready, as `cardshop up` does. Raises Refused."""
    if not recording.interactive():
        raise Refused("A stack is started from an open notebook, not from a script.")
    try:
        if operations.runs(FOLDER):
            operations.wait(settings())
        else:
            operations.launch(Settings(folder=FOLDER), say)
    except (StackError, OSError) as error:
        raise Refused(str(error)) from None


def stop() -> bool:
    """Stop the stack; false where none ran. Raises Refused."""
    try:
        return recording.interactive() and operations.stop(FOLDER)
    except (StackError, psutil.Error) as error:
        raise Refused(str(error)) from None


def status() -> pl.DataFrame:
    """A row for each component: what it is for, whether it is ready, and where it answers."""
    alive = runs()
    state = operations.status(settings()) if alive else dict.fromkeys(ABOUT, {})
    return pl.DataFrame(
        [
            {
                "component": name,
                "what it does": ABOUT[name],
                "state": "not installed" if one is None else "ready" if one.get("ready") else "stopped",
                "address": f"[{one['url']}]({one['url']})" if one and alive else "",
            }
            for name, one in state.items()
        ]
    )


def numbers() -> pl.DataFrame:
    """What Prometheus and the service of the running stack say just now. Raises Refused."""
    found = settings()
    with _talking():
        answers = httpx.get(f"{found.url('service')}/version", timeout=5, trust_env=False).json()
        rows = [{"number": "version that answers", "now": str(answers.get("version", "none yet"))}]
        for name, query in ASKED.items():
            got = prometheus.asked(found.url("prometheus"), "query", query=query)["result"]
            rows.append({"number": name, "now": f"{float(got[0]['value'][1]):.3g}" if got else "no data yet"})
    return pl.DataFrame(rows)


def send(number: int, seed: int = 0) -> str:
    """Send scans of the catalogue to the running stack, a card a call, and say what came back. Raises Refused."""
    if not runs():
        raise Refused("No stack runs, so nobody would answer. Start it above.")
    cards = world.load("cards").drop(LABEL).sample(number, seed=seed)
    url, counts = settings().url("service"), {}
    with _talking(), httpx.Client(base_url=url, timeout=10, trust_env=False) as client:
        for at, card in enumerate(cards.iter_rows(named=True)):
            body = {"cards": [card | {"released_on": str(card["released_on"])}]}
            status = client.post(
                "/v1/predict", json=body, headers={"X-Customer-Id": f"customer {at}"}
            ).status_code
            counts[status] = counts.get(status, 0) + 1
    return ", ".join(f"{times} × {status}" for status, times in sorted(counts.items()))


class Shipped(NamedTuple):
    """A model in a registry: its version, what the gates said, and all versions with their aliases."""

    version: str
    gates: list[gates.Gate]
    versions: pl.DataFrame
    where: str


def ship(build: Callable) -> Shipped:
    """Fit `build(cards, labels)`, register the model, and call it challenger if it passes the gates.

    Where a stack runs, its registry gets the model; else a registry in a temporary folder does, after a first
    champion of the shop. Raises Refused for a model that a service could not load.
    """
    from cardshop.training.candidates import (
        card_model,
    )  # these import mlflow and xgboost, which takes seconds
    from cardshop.training.registry import CHALLENGER, CHAMPION, DATA_VERSION, Registry

    train, test = split(world.load("cards"))

    def register(registry: Registry, make: Callable, alias: str) -> tuple[str, list[gates.Gate]]:
        model = make(train.drop(LABEL), train[LABEL].to_numpy())
        held = gates.Held(
            test[LABEL].to_numpy(),
            np.asarray(model.predict_proba(test.drop(LABEL))),
            np.asarray(model.classes_),
        )
        found = [gates.beats_guessing(held), gates.is_calibrated(held)]
        run = {
            "params": {"from": "lesson 6"},
            "metrics": {"accuracy": held.accuracy},
            "tags": {DATA_VERSION: "catalogue", "gates": str(all(gate.passed for gate in found))},
        }
        texts = {"model_card.md": "# A model of exercise 3.3\n"}
        try:
            version = registry.register(MODEL, model, test.drop(LABEL).head(20), run, texts)
        except Exception as error:  # skops names the types that it doesn't trust
            raise Refused(
                f"The registry doesn't take this model: {str(error).splitlines()[0][:300]} A service loads models of "
                "known types only, and a class that was written in a notebook is not one of them."
            ) from None
        if all(gate.passed for gate in found):
            registry.promote(version, alias)
        return version.version, found

    with tempfile.TemporaryDirectory() as folder:
        if runs():
            found = settings()
            registry, where = Registry(found.url("mlflow"), found.models), "the registry of your stack"
        else:
            registry = Registry(
                f"sqlite:///{folder}/mlflow.db", Path(folder, "kept"), Path(folder, "files").as_uri()
            )
            where = "a registry in a temporary folder, because no stack runs"
            register(registry, card_model, CHAMPION)
        version, passed = register(registry, build, CHALLENGER)
        return Shipped(version, passed, versions(registry), where)


def versions(registry: object) -> pl.DataFrame:
    """The versions of the shop's model with their aliases and accuracy, the newest first."""
    from mlflow import MlflowClient

    client = MlflowClient(registry.uri)
    aliases = client.get_registered_model(MODEL).aliases
    rows = []
    for one in client.search_model_versions(f"name = '{MODEL}'"):
        names = [alias for alias, version in aliases.items() if str(version) == str(one.version)]
        accuracy = client.get_run(one.run_id).data.metrics.get("accuracy")
        rows.append({"version": int(one.version), "alias": ", ".join(names), "accuracy": accuracy})
    return pl.DataFrame(rows).sort("version", descending=True)


@contextmanager
def _talking():
    try:
        yield
    except (httpx.HTTPError, LookupError, ValueError) as error:
        raise Refused(
            f"The stack doesn't answer as expected ({type(error).__name__}). Is it still starting?"
        ) from None
