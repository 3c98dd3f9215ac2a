"""Labelled traffic: what a retraining learns from besides the catalogue.

The catalogue says what is printed on the cards; only traffic shows what the scanner makes of them. A retraining that
sees the catalogue alone learns the same model again, however far the traffic has moved.
"""

from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

import pandera.polars as pa
import polars as pl

from cardshop.contracts import Contract
from cardshop.monitoring.journal import Tail
from cardshop.quality import CARD_TYPES
from cardshop.serving.schemas import COLUMNS
from cardshop.training.classifier import LABEL


def _stat() -> Any:
    return pa.Field(ge=0, le=1_000, nullable=True)


class Scans(Contract):
    """One row per scanned card with the type that a person found on it. What was not read is null, but for the id.

    The ranges are those of the service's own contract: a worn lens reads an HP of 237, and the model has to meet it.
    """

    card_id: str
    set_code: str = pa.Field(nullable=True)
    number: pl.Int32 = pa.Field(ge=0, le=10_000, nullable=True)
    name: str = pa.Field(nullable=True)
    species_number: pl.Int32 = pa.Field(ge=0, le=100_000, nullable=True)
    card_type: str = pa.Field(isin=CARD_TYPES)
    rarity: str = pa.Field(nullable=True)
    stage: str = pa.Field(nullable=True)
    hp: pl.Int32 = _stat()
    attack: pl.Int32 = _stat()
    defense: pl.Int32 = _stat()
    special_attack: pl.Int32 = _stat()
    special_defense: pl.Int32 = _stat()
    speed: pl.Int32 = _stat()
    height_m: float = pa.Field(ge=0, le=1_000, nullable=True)
    weight_kg: float = pa.Field(ge=0, le=100_000, nullable=True)
    legendary: bool = pa.Field(nullable=True)
    print_run: pl.Int32 = pa.Field(ge=0, nullable=True)
    released_on: pl.Date = pa.Field(nullable=True)
    text: str = pa.Field(nullable=True)


class Labelled(NamedTuple):
    """Rows of the journal that have a label, in the order of their answers.

    `scans` has the columns of the catalogue, `answers` for the same rows `at` (seconds since 1970), `version` and
    `right`. `unknown` counts labels that are no type of a card; their rows are left out.
    """

    scans: pl.DataFrame
    answers: pl.DataFrame
    unknown: int

    def since(self, moment: float) -> pl.DataFrame:
        """The scans that were answered at `moment` or later."""
        return self.scans.filter(self.answers["at"] >= moment)


def labelled(journal: Path) -> Labelled:
    """Read the journal, and join each label with the answer that it belongs to. The first label of a card counts."""
    lines = sorted(
        Tail(journal, "predictions"), key=lambda line: line["at"]
    )  # replicas write files of their own
    said = {(line["request_id"], line["card"]["card_id"]): line for line in lines}
    labels: dict[tuple[str, str], str] = {}
    for line in Tail(journal, "feedback"):
        labels.setdefault((line["request_id"], line["card_id"]), line["card_type"])
    known = {key: said[key] for key in said if labels.get(key) in CARD_TYPES}
    cards = [line["card"] for line in known.values()]
    scans = pl.DataFrame(
        {name: [card.get(name) for card in cards] for name in COLUMNS},
        schema=COLUMNS | {"released_on": pl.String},
    ).with_columns(
        pl.col("released_on").str.to_date(), pl.Series(LABEL, [labels[key] for key in known], dtype=pl.String)
    )
    answers = pl.DataFrame(
        [
            (
                datetime.fromisoformat(line["at"]).timestamp(),
                line["version"],
                line["card_type"] == labels[key],
            )
            for key, line in known.items()
        ],
        schema={"at": pl.Float64, "version": pl.String, "right": pl.Boolean},
        orient="row",
    )
    return Labelled(
        scans, answers, sum(label not in CARD_TYPES for key, label in labels.items() if key in said)
    )
