"""Who will not buy again: probabilities, learned from one quarter's customers and judged on the next."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

import numpy as np
import polars as pl
from sklearn.metrics import average_precision_score
from sklearn.pipeline import Pipeline, make_pipeline
from xgboost import XGBClassifier

from cardshop import world
from cardshop.churn import LABEL, churn_table
from cardshop.contracts import Customers, Events, check_references
from cardshop.training import gates
from cardshop.training.gates import Metric, calibration_error
from cardshop.training.tasks.task import Data, Tabular, Task, version_of

DAYS = 90  # that the features look back on, and that a customer has to buy again
COUNTED = ("visit", "search", "purchase", "support", "newsletter")
SURE = 1e-6  # no probability is nearer to 0 or 1: one that is wrong would cost infinitely much


@dataclass(frozen=True)
class Risks:
    """Who churned, the probabilities that a model said, and the share that churned in the training rows."""

    churned: np.ndarray
    said: np.ndarray
    rate: float
    metric = Metric(better=-1, unit="", digits=3)
    rows = "customers"
    groups = None  # a customer has one row
    compared = "Predicted and observed churn"

    @property
    def scores(self) -> np.ndarray:
        """The log loss of each customer: what a probability costs when the truth is known."""
        return self._loss(self.said)

    @property
    def guessed(self) -> np.ndarray:
        return self._loss(np.full(len(self.churned), self.rate))

    @property
    def guess(self) -> str:
        return f"always saying {self.rate:.1%}"

    @property
    def told(self) -> str:
        return f"Its log loss is {self.scores.mean():.3f}"

    @property
    def calibration_error(self) -> float:
        return calibration_error(self.said, self.churned)

    def behind(self, rows: np.ndarray) -> tuple[float, str]:
        """How wrong the slice's expected churn is. The log loss would call a slice weak for churning more."""
        said, churned = float(self.said[rows].mean()), float(self.churned[rows].mean())
        behind = abs(said - churned)
        return (
            behind,
            f"where it expects {said:.1%} to churn and {churned:.1%} did, {100 * behind:.1f} points off",
        )

    def _loss(self, said: np.ndarray) -> np.ndarray:
        return -np.log(np.where(self.churned, said, 1 - said).clip(SURE))


class Churn(Task):
    """The probability that a customer who bought in the last 90 days does not buy in the next 90."""

    model = "customer-churn"
    title = "Customer churn"
    purpose = (
        "**For**: choosing each night whom a person or a mail tries to keep. **Not for**: prices, credit, or "
        "anything else that a customer could be refused.\n\n"
        "**What it may know**: the rows that had arrived by the day, as on the night of a prediction."
    )
    row = "customer"
    label = LABEL
    given = (
        "country",
        "segment",
        "acquired_by",
        "device",
        "newsletter",
        "tenure_days",
        *(f"{kind}_{days}" for kind in COUNTED for days in (30, DAYS)),
        f"spent_{DAYS}",
        "days_since_purchase",
        "days_since_visit",
    )
    slices = ("country", "segment", "acquired_by", "device", "newsletter")
    more_gates = (gates.is_calibrated,)

    def read(self, seed: int) -> Data:
        """The churn table of two days. What the first one knows, label included, had arrived before the second."""
        customers, events = world.load("customers", seed), world.load("events", seed)
        Customers.validate(customers, lazy=True)
        Events.validate(events, lazy=True)
        check_references(customers=customers, events=events)
        version = version_of(customers, events)
        train, test, learned, judged = parts(customers, events)
        return Data(
            self,
            train,
            test,
            version,
            {
                "world": seed,
                "tables": "customers, events",
                "rows": train.height,
                "split": f"learned from {learned}, judged on {judged}",
                "features": ", ".join(self.given),
            },
            f"{train.height:,} customers as they were known on {learned}, version {version}; judged on the "
            f"{test.height:,} customers of {judged}. Whoever bought before both days is in both.",
        )

    def fit(self, rows: pl.DataFrame, labels: np.ndarray) -> Pipeline:
        """Few, shallow trees: a few thousand customers teach no more."""
        trees = XGBClassifier(n_estimators=60, max_depth=3, learning_rate=0.1, random_state=0, n_jobs=1)
        return make_pipeline(Tabular(), trees).fit(rows, labels)

    def answers(self, model: Pipeline, data: Data) -> Risks:
        """Probabilities, beside the share of churned customers in the training rows."""
        said = np.asarray(model.predict_proba(data.test.select(self.given)), dtype=float)[:, 1]
        return Risks(data.test[LABEL].to_numpy(), said, float(data.train[LABEL].mean()))

    def metrics(self, answers: Risks) -> dict[str, float]:
        return {
            "log_loss": float(answers.scores.mean()),
            "average_precision": float(average_precision_score(answers.churned, answers.said)),
            "calibration_error": answers.calibration_error,
        }


def parts(customers: pl.DataFrame, events: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame, date, date]:
    """The churn tables to learn from and to be judged on, and their days: the last that the events can cover."""
    judged = events["arrived_at"].max().date() + timedelta(days=1 - DAYS)
    learned = judged - timedelta(days=DAYS)
    before = events.filter(pl.col("arrived_at") < datetime.combine(judged, time(), UTC))
    return _table(customers, before, learned), _table(customers, events, judged), learned, judged


def _table(customers: pl.DataFrame, events: pl.DataFrame, day: date) -> pl.DataFrame:
    table = churn_table(customers, events, day, DAYS, clock="arrived_at")
    return table.with_columns(pl.col("segment").fill_null("not stated"))
