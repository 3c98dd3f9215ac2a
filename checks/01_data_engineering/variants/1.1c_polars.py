"""Plain polars: for each column an expression that is true for a sound value."""

import polars as pl

from cardshop.quality import CHANNELS, CONDITIONS


def receive_sales(delivery):
    text = dict.fromkeys(
        ("sale_id", "listing_id", "card_id", "customer_id", "condition", "channel"), pl.String
    )
    others = {"quantity": pl.Int32, "unit_price": pl.Float64, "sold_at": pl.Datetime("us", "UTC")}
    if dict(delivery.schema) != text | others:
        raise ValueError(f"The columns are not those of the contract: {dict(delivery.schema)}.")

    sales = delivery.with_columns(pl.col(pl.String).str.strip_chars())
    for name, allowed in (("condition", CONDITIONS), ("channel", CHANNELS)):
        spellings = {word.lower(): word for word in allowed}
        spelled = pl.col(name).str.to_lowercase().replace_strict(spellings, default=pl.col(name))
        sales = sales.with_columns(spelled.alias(name))

    sound = {
        "sale_id": pl.col("sale_id").str.contains(r"^S[0-9]{7,}$") & pl.col("sale_id").is_unique(),
        "listing_id": pl.col("listing_id").str.contains(r"^L[0-9]{7,}$"),
        "card_id": pl.col("card_id").str.contains(r"^[A-Z]{3}-[0-9]{3}$"),
        "customer_id": pl.col("customer_id").str.contains(r"^C[0-9]{5}$"),
        "condition": pl.col("condition").is_in(CONDITIONS),
        "quantity": pl.col("quantity").is_between(1, 99),
        "unit_price": pl.col("unit_price").is_between(0, 100_000, closed="right"),
        "channel": pl.col("channel").is_in(CHANNELS),
        "sold_at": pl.col("sold_at").is_not_null(),
    }
    # A comparison with null is null, and a null is never sound.
    failed = [pl.when(~ok.fill_null(False)).then(pl.lit(name)) for name, ok in sound.items()]
    sales = sales.with_columns(reasons=pl.concat_str(failed, separator=", ", ignore_nulls=True))
    bad = pl.col("reasons") != ""
    quarantined = sales.filter(bad)
    if 5 * quarantined.height > delivery.height:
        raise ValueError(f"{quarantined.height} of {delivery.height} rows break the contract.")
    return {"accepted": sales.filter(~bad).drop("reasons"), "quarantined": quarantined}
