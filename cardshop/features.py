"""The features of a card: one code path for training and for serving.

A card's numbers say little by themselves: the same attack is high for one species and low for another. So each stat is
compared with that of the card's species, and the species' own types and the text are given to the model as words.
"""

import numpy as np
import polars as pl
from sklearn.base import BaseEstimator, TransformerMixin

from cardshop import world
from cardshop.world.species import STATS


class CardFeatures(TransformerMixin, BaseEstimator):
    """From cards, as the catalogue or the scanner has them, to eleven features without a null or an infinity.

    `fit` learns the median of each stat, which fills gaps, and keeps the species table, so that a fitted model does not
    change with it. `transform` treats each card by itself: it works for a single card, for a species that nobody has
    seen, and where every column but `card_id` is null. It works on arrays, because a query costs a service more than
    a card does.
    """

    def fit(self, cards: pl.DataFrame, labels: np.ndarray | None = None) -> "CardFeatures":
        species = world.load("species").sort("number")
        self.medians_ = np.array([cards[stat].median() for stat in STATS], dtype=float)
        self.numbers_ = species["number"].to_numpy()
        # The last row is the species that nobody knows: its stats are not a number, so a comparison with them is none.
        self.base_ = np.vstack(
            [species.select(STATS).cast(pl.Float64).to_numpy(), np.full(len(STATS), np.nan)]
        )
        self.type_1_ = np.array([*species["type_1"], "unknown"], dtype=object)
        self.type_2_ = np.array([*species["type_2"].fill_null("none"), "none"], dtype=object)
        return self

    def transform(self, cards: pl.DataFrame) -> pl.DataFrame:
        cards = pl.DataFrame(cards)  # MLflow hands over a table of pandas
        stats = np.column_stack([cards[stat].cast(pl.Float64).to_numpy() for stat in STATS])
        stats = np.where(np.isnan(stats), self.medians_, stats)
        species = self._rows(cards["species_number"].cast(pl.Float64).to_numpy())
        # The logarithm of a ratio: twice as much and half as much are equally far from none.
        more = np.nan_to_num(np.log(np.maximum(stats, 1) / self.base_[species]))
        more -= more.mean(axis=1, keepdims=True)  # a strong print is stronger in every stat
        return pl.DataFrame(
            {
                **{f"{stat}_for_its_species": more[:, place] for place, stat in enumerate(STATS)},
                "type_1": pl.Series(self.type_1_[species], dtype=pl.String),
                "type_2": pl.Series(self.type_2_[species], dtype=pl.String),
                "text": _filled(cards["text"].cast(pl.String), "none"),
                "rarity": _filled(cards["rarity"].cast(pl.String), "unknown"),
                "legendary": _filled(cards["legendary"].cast(pl.Boolean), False),
            }
        )

    def _rows(self, numbers: np.ndarray) -> np.ndarray:
        """The row of each species number in the kept table; the last one for NaN and for a number that is not there."""
        rows = np.searchsorted(self.numbers_, numbers)
        rows[rows == len(self.numbers_)] = 0
        return np.where(self.numbers_[rows] == numbers, rows, len(self.numbers_))


def _filled(values: pl.Series, instead: str | bool) -> pl.Series:
    return values.fill_null(instead) if values.null_count() else values  # filling nothing takes as long


def feature_pipeline() -> TransformerMixin:
    """Return the shop's own features, not fitted: used where a learner has not written any."""
    return CardFeatures()
