"""The training job: data contracts, split, candidate, evaluation on slices, gates, registry."""

import hashlib
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
import skops.io
from sklearn.pipeline import Pipeline

from cardshop import world
from cardshop.contracts import Cards
from cardshop.serving.predictor import Predictor
from cardshop.training import MODEL, gates
from cardshop.training.candidates import card_model
from cardshop.training.classifier import LABEL, split
from cardshop.training.gates import Gate, Held
from cardshop.training.labelled import Scans
from cardshop.training.registry import CHAMPION, DATA_VERSION, NoModel, Registry, Version

SOURCE = "source"  # where a row comes from: the catalogue, or traffic
SLICES = ("rarity", "stage", "legendary", SOURCE)
ROUNDS = 30  # single cards that are timed


@dataclass(frozen=True)
class Data:
    """What a job learns from and is judged on, with a column `source`; the version changes with any of it."""

    seed: int
    train: pl.DataFrame
    test: pl.DataFrame
    version: str


@dataclass(frozen=True)
class Candidate:
    """A fitted model, and the seconds that fitting took."""

    model: Pipeline
    seconds: float


@dataclass(frozen=True)
class Judgement:
    """What the held-out cards say about a candidate."""

    gates: list[Gate]
    accuracy: float
    calibration_error: float

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
    scans: pl.DataFrame | None = None,
) -> Outcome:
    """Train on the catalogue of a world, and register the model; give it `alias` if it passes every gate.

    `scans` are labelled cards from traffic (see `labelled.Scans`) to learn from besides, and to be judged on. `say` is
    told which step begins. Raises pandera's SchemaErrors where the data break their contract.
    """
    say("Reading and checking the cards")
    data = read(seed, scans)
    say("Training")
    candidate = fit(data)
    say("Evaluating")
    judgement = judge(registry, candidate, data)
    say("Registering")
    return register(registry, candidate, judgement, data, alias)


def read(seed: int, scans: pl.DataFrame | None = None) -> Data:
    """Read the cards of a world, check them and the scans against their contracts, and split them."""
    cards = world.load("cards", seed)
    Cards.validate(cards, lazy=True)
    scans = cards.clear() if scans is None else Scans.validate(scans, lazy=True).select(cards.columns)
    version = hashlib.sha256((cards.write_csv() + scans.write_csv()).encode()).hexdigest()[:16]
    return Data(seed, *parts(cards, scans, seed), version)


def fit(data: Data) -> Candidate:
    """Fit the shop's model."""
    start = time.perf_counter()
    model = card_model(_given(data.train), data.train[LABEL].to_numpy())
    return Candidate(model, time.perf_counter() - start)


def judge(registry: Registry, candidate: Candidate, data: Data) -> Judgement:
    """Put a candidate through the gates, beside the champion of the registry."""
    model, test = candidate.model, data.test
    held = _held(model, test)
    results = [
        gates.beats_guessing(held),
        gates.holds_against(held, _champion(registry, test)),
        gates.is_calibrated(held),
        gates.is_fair(held, _slices(test)),
        gates.is_quick(_milliseconds(model, test)),
        gates.is_small(_megabytes(model)),
    ]
    return Judgement(results, held.accuracy, held.calibration_error)


def register(
    registry: Registry, candidate: Candidate, judgement: Judgement, data: Data, alias: str = CHAMPION
) -> Outcome:
    """Register a candidate with what is known about it; give it the alias if it has passed every gate."""
    run = {
        "params": {
            "world": data.seed,
            "rows": data.train.height,
            "scans": _scans(data.train),
            "features": "CardFeatures",
        },
        "metrics": {
            "accuracy": judgement.accuracy,
            "calibration_error": judgement.calibration_error,
            "seconds_to_fit": candidate.seconds,
            **{f"gate {gate.name}": gate.value for gate in judgement.gates},
        },
        "tags": {DATA_VERSION: data.version, "gates": "passed" if judgement.passed else "failed"},
    }
    card = model_card(judgement.gates, data.version, data.train, data.test)
    version = registry.register(
        MODEL, candidate.model, _given(data.test).head(20), run, {"model_card.md": card}
    )
    if judgement.passed:
        registry.promote(version, alias)
    return Outcome(**vars(judgement), version=version)


def parts(cards: pl.DataFrame, scans: pl.DataFrame, seed: int) -> tuple[pl.DataFrame, pl.DataFrame]:
    """What to train on, and what is held out, each with a column `source`.

    A card is on one side with all its scans: a model that has learned a card is not judged on another scan of it.
    """
    train, test = split(cards, seed)
    held_out = scans["card_id"].is_in(test["card_id"].implode())
    return tuple(
        pl.concat(
            [
                one.with_columns(pl.lit("catalogue").alias(SOURCE)),
                some.with_columns(pl.lit("traffic").alias(SOURCE)),
            ]
        )
        for one, some in ((train, scans.filter(~held_out)), (test, scans.filter(held_out)))
    )


def model_card(results: list[Gate], data_version: str, train: pl.DataFrame, test: pl.DataFrame) -> str:
    """The model card as Markdown: what it is for, what it learned from, and what each gate found."""
    lines = [
        f"- {'passed' if gate.passed else '**failed**'}: {gate.name}. {gate.sentence}" for gate in results
    ]
    return "\n".join(
        [
            "# Card types",
            "",
            "**For**: sorting scanned cards into boxes. A person can always put a card elsewhere. "
            "**Not for**: setting prices, or judging whether a card is genuine.",
            "",
            f"**Data**: {train.height - _scans(train):,} cards of the catalogue and {_scans(train):,} labelled scans, "
            f"version {data_version}; judged on {test.height - _scans(test):,} other cards and {_scans(test):,} "
            "scans of them.",
            "",
            *lines,
            "",
        ]
    )


def _given(rows: pl.DataFrame) -> pl.DataFrame:
    """The columns that a model gets."""
    return rows.drop(LABEL, SOURCE)


def _scans(rows: pl.DataFrame) -> int:
    return int((rows[SOURCE] == "traffic").sum())


def _held(model: object, test: pl.DataFrame) -> Held:
    return Held(
        test[LABEL].to_numpy(), np.asarray(model.predict_proba(_given(test))), np.asarray(model.classes_)
    )


def _champion(registry: Registry, test: pl.DataFrame) -> Held | None:
    try:
        champion: Predictor = registry.fetch(registry.find(MODEL))
    except NoModel:
        return None
    return _held(champion.model, test)


def _slices(test: pl.DataFrame) -> Iterator[tuple[str, np.ndarray]]:
    for column in SLICES:
        for value in test[column].drop_nulls().unique(maintain_order=True):
            yield f"{column} = {value}", test[column].eq_missing(value).to_numpy()


def _milliseconds(model: object, test: pl.DataFrame) -> float:
    times, cards = [], _given(test)
    for row in range(min(ROUNDS, cards.height)):
        start = time.perf_counter()
        model.predict_proba(cards[row : row + 1])
        times.append(1000 * (time.perf_counter() - start))
    return float(np.median(times))


def _megabytes(model: object) -> float:
    with tempfile.TemporaryDirectory() as folder:
        skops.io.dump(model, file := Path(folder, "model.skops"))
        return file.stat().st_size / 1e6
