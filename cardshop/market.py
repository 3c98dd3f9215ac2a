"""The market as one table: every listing with its card, and what became of it."""

import polars as pl

COLUMNS = (
    "condition",
    "asking_price",
    "listed_at",
    "rarity",
    "card_type",
    "stage",
    "hp",
    "print_run",
    "legendary",
    "released_on",
    "sold",
    "channel",
    "discount",
    "days_to_sale",
)


def market_table(cards: pl.DataFrame, listings: pl.DataFrame, sales: pl.DataFrame) -> pl.DataFrame:
    """Return a row for each listing, in the order of `listings`.

    `asking_price` is in EUR. `sold` says whether the listing found a buyer. Where it did not, `channel`, `days_to_sale`
    and `discount` (the share of the asking price that the buyer got off) are null.
    """
    sale = sales.select("listing_id", "channel", "sold_at", "unit_price")
    return (
        listings.join(cards, on="card_id", how="left", maintain_order="left")
        .join(sale, on="listing_id", how="left", maintain_order="left")
        .with_columns(
            sold=pl.col("sold_at").is_not_null(),
            discount=1 - pl.col("unit_price") / pl.col("asking_price"),
            days_to_sale=(pl.col("sold_at") - pl.col("listed_at")).dt.total_seconds() / 86_400,
        )
        .select(COLUMNS)
    )
