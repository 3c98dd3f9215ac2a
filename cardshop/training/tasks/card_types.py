"""The type of a scanned card: eight classes, learned from the catalogue and from labelled traffic."""

from dataclasses import dataclass

import numpy as np
import polars as pl
from sklearn.pipeline import Pipeline

from cardshop import world
from cardshop.contracts import Cards
from cardshop.serving.schemas import COLUMNS
from cardshop.training import MODEL, gates
from cardshop.training.candidates import card_model
from cardshop.training.classifier import LABEL, split
from cardshop.training.gates import Held
from cardshop.training.labelled import Scans
from cardshop.training.tasks.task import Data, Task, version_of

SOURCE = "source"  # where a row comes from: the catalogue, or traffic


@dataclass(frozen=True)
class CardTypes(Task):
    """`scans` are labelled cards from traffic (see `labelled.Scans`) to learn from besides, and to be judged on."""

    scans: pl.DataFrame | None = None

    model = MODEL
    title = "Card types"
    purpose = (
        "**For**: sorting scanned cards into boxes. A person can always put a card elsewhere. "
        "**Not for**: setting prices, or judging whether a card is genuine."
    )
    row = "card"
    label = LABEL
    given = tuple(COLUMNS)
    slices = ("rarity", "stage", "legendary", SOURCE)
    more_gates = (gates.is_calibrated,)

    def read(self, seed: int) -> Data:
        """Cards and scans; a card is on one side of the split with all its scans."""
        cards = world.load("cards", seed)
        Cards.validate(cards, lazy=True)
        scans = cards.clear()
        if self.scans is not None:
            scans = Scans.validate(self.scans, lazy=True).select(cards.columns)
        version = version_of(cards, scans)
        train, test = parts(cards, scans, seed)
        return Data(
            self,
            train,
            test,
            version,
            {"world": seed, "rows": train.height, "scans": _scans(train), "features": "CardFeatures"},
            f"{train.height - _scans(train):,} cards of the catalogue and {_scans(train):,} labelled scans, "
            f"version {version}; judged on {test.height - _scans(test):,} other cards and {_scans(test):,} "
            "scans of them.",
        )

    def fit(self, rows: pl.DataFrame, labels: np.ndarray) -> Pipeline:
        """The shop's model of `candidates`."""
        return card_model(rows, labels)

    def answers(self, model: Pipeline, data: Data) -> Held:
        """Probabilities, beside the most frequent type."""
        return Held(
            data.test[LABEL].to_numpy(),
            np.asarray(model.predict_proba(data.test.select(self.given))),
            np.asarray(model.classes_),
        )

    def metrics(self, answers: Held) -> dict[str, float]:
        return {"accuracy": answers.accuracy, "calibration_error": answers.calibration_error}


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


def _scans(rows: pl.DataFrame) -> int:
    return int((rows[SOURCE] == "traffic").sum())
