"""What the monitor knows: the latest cards of the journal, the reference they are compared with, and the labels."""

import statistics
import time
from collections import OrderedDict, deque
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

import polars as pl

from cardshop.monitoring.drift import Drift, compare
from cardshop.monitoring.journal import Tail
from cardshop.monitoring.quality import Quality, quality
from cardshop.world.species import STATS

REFERENCE = 2_000  # cards
WINDOW = 500  # the latest cards, and the latest labels
ENOUGH = 200  # cards in a window; fewer say nothing
REMEMBERED = 100_000  # predictions that wait for their label
SCHEMA = {
    **dict.fromkeys((*STATS, "species_number"), pl.Int64),
    "rarity": pl.String,
    "legendary": pl.Boolean,
    "text": pl.String,
    "predicted_type": pl.String,
    "confidence": pl.Float64,
}
"""What is compared: the columns that the model reads, and what it answers."""


class Report(NamedTuple):
    """What the monitor has to say. Times are NaN before anything has come, `drift` is empty before there is enough."""

    drift: list[Drift]
    quality: Quality
    reference: int
    window: int
    last_prediction: float  # seconds since 1970
    last_label: float
    delay: float  # the median of the seconds from prediction to label
    broken: int  # lines of the journal


class Watch:
    """Follows a journal. `kept` is the file of the reference: the first 2,000 cards that the service has answered.

    Live cards are compared with live cards, because the catalogue that a model learns from has none of the scanner's
    gaps: compared with it, every scan looks like drift on the first day.
    """

    def __init__(self, journal: Path, kept: Path):
        self._predictions, self._labels = Tail(journal, "predictions"), Tail(journal, "feedback")
        self._kept, self._renewed = kept, kept.with_suffix(".renewed")
        self._first: list[dict] = []
        self._window: deque[dict] = deque(maxlen=WINDOW)
        self._said: OrderedDict[tuple[str, str], tuple[str, float]] = OrderedDict()
        self._hits: deque[bool] = deque(maxlen=WINDOW)
        self._delays: deque[float] = deque(maxlen=WINDOW)
        self._at = self._labelled_at = float("nan")
        self._reference = pl.read_parquet(kept) if kept.exists() else None
        self._since = float(self._renewed.read_text()) if self._renewed.exists() else 0.0

    def look(self) -> Report:
        """Read what is new, and compare."""
        for line in self._predictions:
            self._note(line)
        for line in self._labels:
            self._judge(line)
        if self._reference is None and len(self._first) == REFERENCE:
            self._keep(pl.DataFrame(self._first, SCHEMA))
        tables = self.tables()
        return Report(
            compare(*tables) if tables else [],
            quality(self._hits),
            len(self._first) if self._reference is None else self._reference.height,
            len(self._window),
            self._at,
            self._labelled_at,
            statistics.median(self._delays) if self._delays else float("nan"),
            self._predictions.broken + self._labels.broken,
        )

    def tables(self) -> tuple[pl.DataFrame, pl.DataFrame] | None:
        """The reference and the latest cards as tables; None while one of them has too few rows to compare."""
        if self._reference is None or len(self._window) < ENOUGH:
            return None
        return self._reference, pl.DataFrame(list(self._window), SCHEMA)

    def renew(self) -> None:
        """Let the next 2,000 cards be the reference, as after a new model that has learned from newer cards.

        It is written down when that was: a monitor that is started again must not take the first cards of all.
        """
        self._since = time.time()
        self._kept.parent.mkdir(parents=True, exist_ok=True)
        self._renewed.write_text(str(self._since), encoding="utf-8")
        self._kept.unlink(missing_ok=True)
        self._reference, self._first = None, []
        self._window.clear()

    def _keep(self, reference: pl.DataFrame) -> None:
        self._kept.parent.mkdir(parents=True, exist_ok=True)
        draft = self._kept.with_suffix(".draft")
        reference.write_parquet(draft)
        draft.replace(self._kept)
        self._reference, self._first = reference, []

    def _note(self, line: dict) -> None:
        card = line["card"]
        row = {name: card.get(name) for name in SCHEMA}
        row |= {"predicted_type": line["card_type"], "confidence": line["confidence"]}
        at = datetime.fromisoformat(line["at"]).timestamp()
        self._at = max(at, self._at)  # the replicas' files are read one after another
        if at >= self._since:
            collects = self._reference is None and len(self._first) < REFERENCE
            (self._first if collects else self._window).append(row)  # none is compared with itself
        self._said[line["request_id"], card["card_id"]] = line["card_type"], at
        if len(self._said) > REMEMBERED:
            self._said.popitem(last=False)

    def _judge(self, line: dict) -> None:
        at = datetime.fromisoformat(line["at"]).timestamp()
        self._labelled_at = max(at, self._labelled_at)
        if said := self._said.pop((line["request_id"], line["card_id"]), None):
            self._hits.append(said[0] == line["card_type"])
            self._delays.append(at - said[1])
