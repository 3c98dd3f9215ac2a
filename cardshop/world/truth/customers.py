"""Customers: who has an account with the shop, since when, and how they came.

Every customer in the sales of 2024 and 2025 has an account, opened before the first purchase. The others joined in 2025
and 2026.
No account was closed before the event log starts.
"""

from datetime import date

import numpy as np
import polars as pl

from cardshop.categories import COUNTRIES, DEVICES, SEGMENTS, SOURCES

COUNT = 5_000
FIRST, SINCE, LAST = date(2023, 1, 1), date(2025, 1, 1), date(2026, 9, 30)
COUNTRY_SHARES = (0.34, 0.20, 0.20, 0.10, 0.10, 0.06)
SEGMENT_SHARES = (0.38, 0.34, 0.10, 0.18)
SOURCE_SHARES = (0.35, 0.17, 0.20, 0.16, 0.12)
APP_SHARE, NEWSLETTER_SHARE = 0.45, 0.52
UNKNOWN_SEGMENT = 0.09  # share of customers who did not say


def customers(sales: pl.DataFrame, rng: np.random.Generator, count: int = COUNT) -> pl.DataFrame:
    """The accounts C00001, C00002, …: `count` of them, or more if more customers occur in `sales`."""
    first = sales.group_by("customer_id").agg(pl.col("sold_at").min().dt.date().alias("first"))
    count = max(count, first["customer_id"].str.slice(1).cast(pl.Int64).max() or 0)
    ids = pl.select(pl.format("C{}", pl.int_range(1, count + 1).cast(pl.String).str.zfill(5))).to_series()
    table = pl.DataFrame({"customer_id": ids, "chance": rng.random(count)}).join(
        first, on="customer_id", how="left", maintain_order="left"
    )
    start = pl.when(pl.col("first").is_null()).then(SINCE).otherwise(FIRST)
    days = (pl.col("first").fill_null(LAST) - start).dt.total_days()
    segment = np.array(SEGMENTS)[rng.choice(len(SEGMENTS), count, p=SEGMENT_SHARES)]
    return table.select(
        "customer_id",
        (start + pl.duration(days=(pl.col("chance") * days).floor().cast(pl.Int64))).alias("joined_on"),
        pl.Series("country", np.array(COUNTRIES)[rng.choice(len(COUNTRIES), count, p=COUNTRY_SHARES)]),
        pl.when(pl.Series(rng.random(count) >= UNKNOWN_SEGMENT)).then(pl.Series(segment)).alias("segment"),
        pl.Series("acquired_by", np.array(SOURCES)[rng.choice(len(SOURCES), count, p=SOURCE_SHARES)]),
        pl.Series("device", np.array(DEVICES)[(rng.random(count) < APP_SHARE).astype(int)]),
        pl.Series("newsletter", rng.random(count) < NEWSLETTER_SHARE),
    )
