"""The training job as a flow of Prefect: its steps are tried again where they may fail, and a fit is not repeated.

    .venvs/prefect/bin/python -m cardshop.training.flow [--seed N] [--folder FOLDER]

The steps are those of `job`. Prefect has an environment of its own: `python install.py --lab prefect`. Without
PREFECT_API_URL it starts a server for the time of the run, and keeps its files in the stack's folder.
"""

import hashlib
import logging
import os
import sys
from pathlib import Path
from typing import Any

import typer

import cardshop
from cardshop.stack.settings import FOLDER, Settings

os.environ.setdefault("PREFECT_HOME", str((FOLDER / "prefect").resolve()))  # read when Prefect is imported
os.environ.setdefault("PREFECT_LOGGING_LEVEL", "WARNING")
os.environ["PREFECT_SERVER_ANALYTICS_ENABLED"] = "false"  # nothing leaves the machine
os.environ["DO_NOT_TRACK"] = "1"

from prefect import flow, task
from prefect.cache_policies import NO_CACHE

from cardshop.training import job
from cardshop.training.registry import Registry

# MLflow misses the package ml-dojo here: it is not installed, but imported from this folder.
logging.getLogger("mlflow.utils.requirements_utils").setLevel(logging.ERROR)


def fit_key(context: Any, given: dict[str, Any]) -> str:
    """A key that names all a fit depends on: the version of the data, and the code."""
    files = sorted(Path(cardshop.__file__).parent.rglob("*.py"))
    code = hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()[:16]
    return f"fit-{given['data'].version}-{code}"


# A disk or a network may fail for a moment. A fit and the gates give the same answer each time.
read = task(retries=2, retry_delay_seconds=[1, 5], cache_policy=NO_CACHE)(job.read)
fit = task(cache_key_fn=fit_key, persist_result=True)(job.fit)
judge = task(cache_policy=NO_CACHE)(job.judge)
register = task(retries=3, retry_delay_seconds=[1, 5, 25], cache_policy=NO_CACHE)(job.register)


@flow(name="train card types", persist_result=False, validate_parameters=False)
def train(registry: Registry, seed: int = 0) -> job.Outcome:
    """Train on the catalogue of a world and register the model, as `job.train` does."""
    data = read(seed)
    candidate = fit(data)
    judgement = judge(registry, candidate, data)
    return register(registry, candidate, judgement, data)


def main(seed: int = 0, folder: Path = FOLDER) -> None:
    """Train into the registry of a folder's stack. The exit code is 1 where a gate failed."""
    settings = Settings.read(folder.resolve())
    settings.folder.mkdir(parents=True, exist_ok=True)
    outcome = train(Registry(settings.store, settings.models, settings.artifact_root), seed)
    for gate in outcome.gates:
        print(f"{'passed' if gate.passed else 'failed'}: {gate.name}. {gate.sentence}")
    print(f"{outcome.version.name} {outcome.version.version} is registered.")
    sys.exit(0 if outcome.passed else 1)


if __name__ == "__main__":
    typer.run(main)
