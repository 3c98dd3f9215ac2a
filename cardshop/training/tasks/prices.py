"""What a card sells for, in EUR: a regression, learned from the sales so far and judged on the latest."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
import polars as pl
from sklearn.compose import TransformedTargetRegressor
from sklearn.pipeline import Pipeline, make_pipeline
from xgboost import XGBRegressor

from cardshop import world
from cardshop.contracts import Cards, Sales, check_references
from cardshop.training.gates import Metric
from cardshop.training.tasks.task import Data, Tabular, Task, version_of

LABEL = "unit_price"
HELD_OUT = timedelta(days=90)  # the latest sales
KIND = ("rarity", "condition")  # the baseline knows these alone


@dataclass(frozen=True)
class Priced:
    """Prices that were paid, that a model said, and that the baseline says, all in EUR; `groups` are the cards."""

    truth: np.ndarray
    said: np.ndarray
    median: np.ndarray
    groups: np.ndarray
    metric = Metric(better=-1, unit=" EUR", digits=2)
    rows = "sales"
    guess = "the median price of the rarity and condition"

    @property
    def scores(self) -> np.ndarray:
        """The absolute error of each sale: its mean is the mean absolute error."""
        return np.abs(self.said - self.truth)

    @property
    def guessed(self) -> np.ndarray:
        return np.abs(self.median - self.truth)

    @property
    def told(self) -> str:
        return f"Its prices are {self.scores.mean():.2f} EUR off on average"

    def relative(self, rows: np.ndarray | slice = slice(None)) -> float:
        """The error as a share of what was paid. In EUR a slice of expensive cards would always be the weakest."""
        return float(self.scores[rows].sum() / self.truth[rows].sum())

    def behind(self, rows: np.ndarray) -> tuple[float, str]:
        behind = self.relative(rows) - self.relative()
        words = f"with errors of {self.relative(rows):.1%} of the price, {100 * behind:.1f} points more than all sales"
        return behind, words


class Prices(Task):
    """The price of a single card in a condition on a day, before anybody has asked one for it."""

    model = "card-price"
    title = "Card prices"
    purpose = (
        "**For**: proposing a price to a seller, and valuing stock. A person can always set another. "
        "**Not for**: cards that are not in the catalogue, or saying whether a card will sell: it has learned "
        "from sold cards alone."
    )
    row = "sale"
    label = LABEL
    given = (
        "condition",
        "card_type",
        "rarity",
        "stage",
        "hp",
        "attack",
        "defense",
        "special_attack",
        "special_defense",
        "speed",
        "height_m",
        "weight_kg",
        "legendary",
        "print_run",
        "years_since_release",
        "day_of_year",
    )
    slices = ("rarity", "condition", "stage", "legendary", "channel")

    def read(self, seed: int) -> Data:
        """Sales with their cards. The split is by time: the model will be asked about days that it has not seen."""
        cards, sales = world.load("cards", seed), world.load("sales", seed)
        Cards.validate(cards, lazy=True)
        Sales.validate(sales, lazy=True)
        check_references(cards=cards, sales=sales)
        version = version_of(cards, sales)
        train, test, cut = parts(cards, sales)
        return Data(
            self,
            train,
            test,
            version,
            {
                "world": seed,
                "tables": "cards, sales",
                "rows": train.height,
                "split": f"sold before {cut:%Y-%m-%d}",
                "features": ", ".join(self.given),
            },
            f"{train.height:,} sales before {cut:%Y-%m-%d}, version {version}; judged on the {test.height:,} sales "
            f"from then on. They are of {test['card_id'].n_unique():,} cards, and intervals draw whole cards.",
        )

    def fit(self, rows: pl.DataFrame, labels: np.ndarray) -> Pipeline:
        """Boosted trees for the logarithm of the price: errors in per cent count the same for all cards."""
        trees = XGBRegressor(n_estimators=150, max_depth=4, learning_rate=0.1, random_state=0, n_jobs=1)
        model = make_pipeline(Tabular(), TransformedTargetRegressor(trees, func=np.log, inverse_func=np.exp))
        return model.fit(rows, labels)

    def answers(self, model: Pipeline, data: Data) -> Priced:
        """Prices, beside the median of the rarity and condition in the training sales."""
        medians = data.train.group_by(KIND).agg(pl.col(LABEL).median().alias("median"))
        known = data.test.select(KIND).join(medians, on=KIND, how="left", maintain_order="left")
        return Priced(
            data.test[LABEL].to_numpy(),
            np.asarray(model.predict(data.test.select(self.given)), dtype=float),
            known["median"].fill_null(data.train[LABEL].median()).to_numpy(),
            data.test["card_id"].to_numpy(),
        )

    def metrics(self, answers: Priced) -> dict[str, float]:
        return {"mean_absolute_error": float(answers.scores.mean()), "relative_error": answers.relative()}


def parts(cards: pl.DataFrame, sales: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame, datetime]:
    """The sales with their cards before the last 90 days, those of the last 90 days, and where they begin."""
    last = sales["sold_at"].max().replace(hour=0, minute=0, second=0, microsecond=0)
    cut, sold = last - HELD_OUT, pl.col("sold_at")
    rows = sales.join(cards, on="card_id", how="left", maintain_order="left").with_columns(
        years_since_release=(sold.dt.date() - pl.col("released_on")).dt.total_days() / 365.25,
        day_of_year=sold.dt.ordinal_day(),
    )
    return rows.filter(sold < cut), rows.filter(sold >= cut), cut
