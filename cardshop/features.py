"""The features of a card: one code path for training and for serving.

A card's numbers say little by themselves: the same attack is high for one species and low for another. So each stat is
compared with that of the card's species, and the species' own types and the text are given to the model as words.
"""

import numpy as np
import polars as pl
from sklearn.base import BaseEstimator, TransformerMixin

from cardshop import world

STATS = ("hp", "attack", "defense", "special_attack", "special_defense", "speed")


class CardFeatures(TransformerMixin, BaseEstimator):
    """From cards, as the catalogue or the scanner has them, to eleven features without a null or an infinity.

    `fit` learns the median of each stat, which fills gaps. `transform` treats each card by itself: it works for a
    single card, for a species that nobody has seen, and where every column but `card_id` is null.
    """

    def fit(self, cards: pl.DataFrame, labels: np.ndarray | None = None) -> "CardFeatures":
        self.medians_ = {stat: float(cards[stat].median()) for stat in STATS}
        return self

    def transform(self, cards: pl.DataFrame) -> pl.DataFrame:
        species = world.load("species").select(
            pl.col("number").alias("species_number"),
            "type_1",
            "type_2",
            *(pl.col(stat).alias(f"base_{stat}") for stat in STATS),
        )
        known = (
            pl.DataFrame(cards)
            .with_columns(
                pl.col("species_number").cast(pl.Int32),  # floats where they come by way of pandas
                *(pl.col(stat).fill_null(median) for stat, median in self.medians_.items()),
            )
            .join(species, on="species_number", how="left", maintain_order="left")
        )
        # The logarithm of a ratio: twice as much and half as much are equally far from none.
        more = {stat: (pl.col(stat).clip(1) / pl.col(f"base_{stat}")).log().fill_null(0) for stat in STATS}
        strength = pl.mean_horizontal(more.values())  # a strong print is stronger in every stat
        return known.select(
            *((ratio - strength).alias(f"{stat}_for_its_species") for stat, ratio in more.items()),
            pl.col("type_1").fill_null("unknown"),
            pl.col("type_2").fill_null("none"),
            pl.col("text").cast(pl.String).fill_null("none"),
            pl.col("rarity").cast(pl.String).fill_null("unknown"),
            pl.col("legendary").cast(pl.Boolean).fill_null(False),
        )


def feature_pipeline() -> TransformerMixin:
    """Return the shop's own features, not fitted: what stands in where a learner has not written any."""
    return CardFeatures()
