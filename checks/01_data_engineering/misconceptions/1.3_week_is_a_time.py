"""dates in `week`"""

import polars as pl


def weekly_revenue(sales, cards):
    types = pl.scan_parquet(cards).select("card_id", "card_type")
    return (
        pl.scan_parquet(sales)
        .unique("sale_id")
        .join(types, on="card_id", how="left")
        .group_by(
            week=pl.col("sold_at").dt.truncate("1w"), card_type=pl.col("card_type").fill_null("Unknown")
        )
        .agg(units=pl.col("quantity").sum(), revenue=(pl.col("quantity") * pl.col("unit_price")).sum())
        .sort("week", "card_type")
        .collect()
    )
