"""What a card costs: the true coefficients, so that a claim about what drives prices can be checked.

log(price in EUR) = intercept + rarity + condition · (collector if Holo or rarer) + card_type
                    + scarcity · log(10 000 / print_run) + age · log(1 + years since release) + legendary
                    + swing · cos(2π · (day - peak) / 365.25) + level of the seller + noise

Everything adds up but one thing: collectors of rare cards mind the condition more. A model without interactions
cannot learn that.
"""

from dataclasses import dataclass, field

import numpy as np
import polars as pl

COLLECTED = ("Holo", "Ultra", "Secret")
PRICED = ("rarity", "card_type", "print_run", "legendary", "released_on")
"""The columns of a card that drive its price."""


@dataclass(frozen=True)
class Drivers:
    """Coefficients on the logarithm of the price: +0.1 is about ten per cent."""

    intercept: float = 1.1
    rarity: dict[str, float] = field(
        default_factory=lambda: {
            "Common": -0.9,
            "Uncommon": -0.5,
            "Rare": 0.0,
            "Holo": 0.45,
            "Ultra": 1.1,
            "Secret": 1.7,
        }
    )
    condition: dict[str, float] = field(
        default_factory=lambda: {"Mint": 0.25, "Near Mint": 0.0, "Played": -0.45, "Damaged": -1.0}
    )
    card_type: dict[str, float] = field(
        default_factory=lambda: {
            "Grass": -0.08,
            "Fire": 0.22,
            "Water": 0.0,
            "Lightning": 0.12,
            "Psychic": 0.05,
            "Fighting": -0.12,
            "Colorless": -0.20,
            "Dragon": 0.35,
        }
    )
    scarcity: float = 0.18
    age: float = 0.15
    legendary: float = 0.40
    swing: float = 0.12
    peak: int = 349  # day of the year: mid-December
    collector: float = 1.6
    noise: float = 0.32  # standard deviation of one listing around its seller's level
    seller_noise: float = 0.20  # standard deviation of the sellers' levels
    discount: dict[str, float] = field(default_factory=lambda: {"web": 0.02, "app": 0.04, "store": 0.09})


DRIVERS = Drivers()


def log_price(offers: pl.DataFrame, at: str, drivers: Drivers = DRIVERS) -> np.ndarray:
    """Expected log price of each offer at the time in column `at`, before any noise.

    `offers` has the columns of cards that drive the price, and `condition`.
    """
    years = (pl.col(at).dt.date() - pl.col("released_on")).dt.total_days() / 365.25
    phase = 2 * np.pi * (pl.col(at).dt.ordinal_day() - drivers.peak) / 365.25
    care = pl.when(pl.col("rarity").is_in(COLLECTED)).then(drivers.collector).otherwise(1.0)
    return (
        offers.select(
            drivers.intercept
            + pl.col("rarity").replace_strict(drivers.rarity, return_dtype=pl.Float64)
            + pl.col("condition").replace_strict(drivers.condition, return_dtype=pl.Float64) * care
            + pl.col("card_type").replace_strict(drivers.card_type, return_dtype=pl.Float64)
            + drivers.scarcity * (10_000 / pl.col("print_run")).log()
            + drivers.age * (1 + years).log()
            + drivers.legendary * pl.col("legendary")
            + drivers.swing * phase.cos()
        )
        .to_series()
        .to_numpy()
    )
