"""Listings: what sellers offer, and the bias that comes from who sells what.

Sellers are of two kinds that no table shows. Web sellers pick rare cards by preference; counter sellers bring what
was printed most. So the listings are no fair sample of the cards, and the channel of a sale tells about rarity.
"""

from datetime import UTC, date, datetime

import numpy as np
import polars as pl

from cardshop.quality import CONDITIONS
from cardshop.world.truth.price import DRIVERS, log_price

OPENED, CLOSED = datetime(2024, 1, 1, tzinfo=UTC), datetime(2026, 1, 1, tzinfo=UTC)
SELLERS, WEB_SHARE = 400, 0.7
# How much more a web seller lists of a rarity than its share of the cards.
WEB_PREFERENCE = {"Common": 0.5, "Uncommon": 0.7, "Rare": 1.2, "Holo": 2.0, "Ultra": 3.0, "Secret": 4.0}
CONDITION_SHARES = (0.22, 0.46, 0.24, 0.08)


def web_sellers(rng: np.random.Generator) -> np.ndarray:
    """Whether each seller is a web seller; the position is the number in `seller_id`."""
    return rng.random(SELLERS) < WEB_SHARE


def listings(
    cards: pl.DataFrame, web: np.ndarray, rng: np.random.Generator, rows: int = 20_000
) -> pl.DataFrame:
    """`rows` listings in the order of time."""
    activity = rng.pareto(1.6, SELLERS) + 0.2
    seller = rng.choice(SELLERS, rows, p=activity / activity.sum())
    preference = cards["rarity"].replace_strict(WEB_PREFERENCE, return_dtype=pl.Float64).to_numpy()
    common = np.sqrt(cards["print_run"].to_numpy())
    card = np.where(
        web[seller],
        rng.choice(cards.height, rows, p=preference / preference.sum()),
        rng.choice(cards.height, rows, p=common / common.sum()),
    )
    listed_at = _times(cards["released_on"].gather(card), rng)
    table = cards[card].with_columns(
        seller_id=pl.Series([f"SEL{number:03d}" for number in seller]),
        condition=pl.Series(np.array(CONDITIONS)[rng.choice(len(CONDITIONS), rows, p=CONDITION_SHARES)]),
        listed_at=listed_at,
    )
    level = rng.normal(0, DRIVERS.seller_noise, SELLERS)[seller]
    price = np.exp(log_price(table, "listed_at") + level + rng.normal(0, DRIVERS.noise, rows))
    return (
        table.with_columns(asking_price=pl.Series(price.round(2).clip(min=0.05)))
        .sort("listed_at", "card_id", "seller_id")
        .select(
            pl.format("L{}", pl.int_range(1, rows + 1).cast(pl.String).str.zfill(7)).alias("listing_id"),
            "card_id",
            "seller_id",
            "condition",
            "asking_price",
            "listed_at",
        )
    )


def _times(released_on: pl.Series, rng: np.random.Generator) -> pl.Series:
    """A moment for each card, evenly between its release (or the opening of the shop) and the close of the books."""
    opened = date(OPENED.year, OPENED.month, OPENED.day)
    first = np.array([(max(day, opened) - opened).days for day in released_on]) * 86_400
    last = int((CLOSED - OPENED).total_seconds())
    seconds = (first + rng.random(len(first)) * (last - first)).astype(np.int64)
    return (pl.Series(seconds * 1_000_000).cast(pl.Duration("us")) + OPENED).cast(pl.Datetime("us", "UTC"))
