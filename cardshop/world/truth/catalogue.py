"""The catalogue of a world: its sets and the cards in them."""

import polars as pl

from cardshop.world.truth.cards import cards
from cardshop.world.truth.randomness import generator
from cardshop.world.truth.sets import sets


def catalogue(seed: int) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Sets and cards of the world `seed`."""
    released = sets(generator(seed, "sets"))
    return released, cards(released, generator(seed, "cards"))
