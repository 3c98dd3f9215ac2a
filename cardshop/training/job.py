"""The training job, the same for each task: contracts, split, candidate, evaluation on slices, gates, registry."""

import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
import skops.io
from sklearn.pipeline import Pipeline

from cardshop.training import gates
from cardshop.training.gates import Answers, Gate
from cardshop.training.registry import CHAMPION, DATA_VERSION, NoModel, Registry, Version
from cardshop.training.tasks import TASKS
from cardshop.training.tasks.task import Data, Task

TYPE = TASKS["type"]
ROUNDS = 30  # single rows that are timed


@dataclass(frozen=True)
class Candidate:
    """A fitted model, and the seconds that fitting took."""

    model: Pipeline
    seconds: float


@dataclass(frozen=True)
class Judgement:
    """What the held-out rows say about a candidate."""

    gates: list[Gate]
    metrics: dict[str, float]

    @property
    def passed(self) -> bool:
        return all(gate.passed for gate in self.gates)


@dataclass(frozen=True)
class Outcome(Judgement):
    """What a training job found. `version` has its alias if every gate passed."""

    version: Version


def train(
    registry: Registry,
    seed: int = 0,
    alias: str = CHAMPION,
    say: Callable[[str], None] = lambda step: None,
    task: Task = TYPE,
) -> Outcome:
    """Train on a world, and register the model; give it `alias` if it passes every gate.

    `say` is told which step begins. Raises pandera's SchemaErrors where the data break their contract.
    """
    say(f"Reading and checking the {task.row}s")
    data = read(seed, task)
    say("Training")
    candidate = fit(data)
    say("Evaluating")
    judgement = judge(registry, candidate, data)
    say("Registering")
    return register(registry, candidate, judgement, data, alias)


def read(seed: int, task: Task = TYPE) -> Data:
    """Read what the task learns from in a world, check it against its contracts, and split it."""
    return task.read(seed)


def fit(data: Data) -> Candidate:
    """Fit the candidate of the task."""
    start = time.perf_counter()
    model = data.task.fit(_given(data.task, data.train), data.train[data.task.label].to_numpy())
    return Candidate(model, time.perf_counter() - start)


def judge(registry: Registry, candidate: Candidate, data: Data) -> Judgement:
    """Put a candidate through the gates, beside the champion of the registry."""
    task, model = data.task, candidate.model
    answers = task.answers(model, data)
    results = [
        gates.beats_guessing(answers),
        gates.holds_against(answers, _champion(registry, data)),
        *(gate(answers) for gate in task.more_gates),
        gates.is_fair(answers, _slices(data)),
        gates.is_quick(_milliseconds(model, _given(task, data.test)), task.row),
        gates.is_small(_megabytes(model)),
    ]
    return Judgement(results, task.metrics(answers))


def register(
    registry: Registry, candidate: Candidate, judgement: Judgement, data: Data, alias: str = CHAMPION
) -> Outcome:
    """Register a candidate with what is known about it; give it the alias if it has passed every gate."""
    run = {
        "params": data.lineage,
        "metrics": {
            **judgement.metrics,
            "seconds_to_fit": candidate.seconds,
            **{f"gate {gate.name}": gate.value for gate in judgement.gates},
        },
        "tags": {DATA_VERSION: data.version, "gates": "passed" if judgement.passed else "failed"},
    }
    example = _given(data.task, data.test).head(20)
    card = {"model_card.md": model_card(judgement.gates, data)}
    version = registry.register(data.task.model, candidate.model, example, run, card)
    if judgement.passed:
        registry.promote(version, alias)
    return Outcome(**vars(judgement), version=version)


def model_card(results: list[Gate], data: Data) -> str:
    """The model card as Markdown: what it is for, what it learned from, and what each gate found."""
    lines = [
        f"- {'passed' if gate.passed else '**failed**'}: {gate.name}. {gate.sentence}" for gate in results
    ]
    return "\n".join(
        [f"# {data.task.title}", "", data.task.purpose, "", f"**Data**: {data.told}", "", *lines, ""]
    )


def _given(task: Task, rows: pl.DataFrame) -> pl.DataFrame:
    """The columns that a model gets."""
    return rows.select(task.given)


def _champion(registry: Registry, data: Data) -> Answers | None:
    try:
        champion = registry.fetch(registry.find(data.task.model))
    except NoModel:
        return None
    return data.task.answers(champion.model, data)


def _slices(data: Data) -> Iterator[tuple[str, np.ndarray]]:
    for column in data.task.slices:
        for value in data.test[column].drop_nulls().unique(maintain_order=True):
            yield f"{column} = {value}", data.test[column].eq_missing(value).to_numpy()


def _milliseconds(model: Pipeline, rows: pl.DataFrame) -> float:
    times, predict = [], getattr(model, "predict_proba", model.predict)
    for row in range(min(ROUNDS, rows.height)):
        start = time.perf_counter()
        predict(rows[row : row + 1])
        times.append(1000 * (time.perf_counter() - start))
    return float(np.median(times))


def _megabytes(model: Pipeline) -> float:
    with tempfile.TemporaryDirectory() as folder:
        skops.io.dump(model, file := Path(folder, "model.skops"))
        return file.stat().st_size / 1e6
