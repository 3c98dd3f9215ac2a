"""Sales: which listings found a buyer, when, where and for how much.

Overpriced listings sell less often, so the prices paid lie below the prices asked even before the discount.
"""

import numpy as np
import polars as pl

from cardshop.quality import CHANNELS
from cardshop.world.truth.listings import CLOSED
from cardshop.world.truth.price import DRIVERS, log_price

CUSTOMERS = 3_000
MEAN_DAYS = 18.0
KEENNESS, RELUCTANCE = (
    1.5,
    2.5,
)  # log-odds of a sale at the fair price, and their loss per unit of log price above it
WEB_CHANNELS, COUNTER_CHANNELS = (0.55, 0.35, 0.10), (0.10, 0.15, 0.75)


def sales(
    listings: pl.DataFrame, cards: pl.DataFrame, web: np.ndarray, rng: np.random.Generator
) -> pl.DataFrame:
    """Sales of `listings` in the order of time; a listing sells at most once. `web` as from `web_sellers`."""
    offers = listings.join(cards, on="card_id", how="left", maintain_order="left")
    excess = offers["asking_price"].log().to_numpy() - log_price(offers, "listed_at")
    wait = rng.exponential(MEAN_DAYS, offers.height) * 86_400 * 1_000_000
    sold_at = offers["listed_at"] + pl.Series(wait.astype(np.int64) // 1_000_000 * 1_000_000).cast(
        pl.Duration("us")
    )
    wanted = rng.random(offers.height) < 1 / (1 + np.exp(-(KEENNESS - RELUCTANCE * excess)))
    by_web = web[offers["seller_id"].str.slice(3).cast(pl.Int32).to_numpy()]
    dice = rng.random((offers.height, 1))
    channel = np.where(
        by_web,
        (dice > np.cumsum(WEB_CHANNELS)[None, :-1]).sum(axis=1),
        (dice > np.cumsum(COUNTER_CHANNELS)[None, :-1]).sum(axis=1),
    )
    discount = np.array([DRIVERS.discount[name] for name in CHANNELS])[channel] * rng.uniform(
        0, 2, offers.height
    )
    keen = 1 / np.arange(1, CUSTOMERS + 1) ** 0.7
    customer = rng.choice(CUSTOMERS, offers.height, p=keen / keen.sum())
    price = (offers["asking_price"].to_numpy() * (1 - discount)).round(2).clip(min=0.05)
    return (
        offers.with_columns(
            sold_at=sold_at,
            wanted=pl.Series(wanted),
            channel=pl.Series(np.array(CHANNELS)[channel]),
            customer_id=pl.Series([f"C{number + 1:05d}" for number in customer]),
            quantity=pl.Series(
                rng.choice([1, 2, 3, 4], offers.height, p=[0.82, 0.11, 0.04, 0.03]).astype(np.int32)
            ),
            unit_price=pl.Series(price),
        )
        .filter(pl.col("wanted") & (pl.col("sold_at") < CLOSED))
        .sort("sold_at", "listing_id")
        .select(
            pl.format("S{}", pl.int_range(1, pl.len() + 1).cast(pl.String).str.zfill(7)).alias("sale_id"),
            "listing_id",
            "card_id",
            "customer_id",
            "condition",
            "quantity",
            "unit_price",
            "channel",
            "sold_at",
        )
    )
