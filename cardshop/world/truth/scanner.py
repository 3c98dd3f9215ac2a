"""What the scanner makes of a card: most of it, most of the time."""

import numpy as np
import polars as pl

from cardshop.world.species import STATS

GAP_SHARE = 0.12  # of the cells
ZERO_SHARE = 0.06  # of the stats: a digit that was not read
STRANGER_SHARE = 0.15  # of the cards: a species that was read wrongly, or is new
STRANGERS = range(140, 152)  # species that the caller may leave out of the training cards


def scan(cards: pl.DataFrame, rng: np.random.Generator) -> pl.DataFrame:
    """Return `cards` without `card_type`, as the scanner sends them.

    Any value but `card_id` can be null, a stat can be 0, and a species can be one of `STRANGERS`. Dtypes stay.
    """
    cards = cards.drop("card_type", strict=False)

    def hit(share: float) -> pl.Series:
        return pl.Series(rng.random(cards.height) < share)

    stranger = pl.Series(rng.choice(STRANGERS, cards.height), dtype=cards.schema["species_number"])
    cards = cards.with_columns(
        pl.when(hit(STRANGER_SHARE)).then(stranger).otherwise("species_number").alias("species_number"),
        *(
            pl.when(hit(ZERO_SHARE)).then(0).otherwise(stat).cast(cards.schema[stat]).alias(stat)
            for stat in STATS
        ),
    )
    return cards.with_columns(
        pl.when(~hit(GAP_SHARE)).then(name).alias(name) for name in cards.columns if name != "card_id"
    )
