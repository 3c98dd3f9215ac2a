"""A contract in pandera; its failure cases say which rows wait, and why."""

import pandera.polars as pa
import polars as pl
from pandera.errors import SchemaError, SchemaErrors

from cardshop.quality import CHANNELS, CONDITIONS


class SalesContract(pa.DataFrameModel):
    sale_id: str = pa.Field(unique=True, str_matches=r"^S\d{7,}$")
    listing_id: str = pa.Field(str_matches=r"^L\d{7,}$")
    card_id: str = pa.Field(str_matches=r"^[A-Z]{3}-\d{3}$")
    customer_id: str = pa.Field(str_matches=r"^C\d{5}$")
    condition: str = pa.Field(isin=CONDITIONS)
    quantity: pl.Int32 = pa.Field(ge=1, le=99)
    unit_price: float = pa.Field(gt=0, le=100_000)
    channel: str = pa.Field(isin=CHANNELS)
    sold_at: pl.Datetime("us", "UTC")

    class Config:
        strict = True


def receive_sales(delivery):
    try:
        SalesContract.validate(delivery.clear())  # names and dtypes alone
    except SchemaError as error:
        raise ValueError(str(error)) from error
    table = delivery.with_columns(pl.col(pl.String).str.strip_chars()).with_columns(
        pl.col("condition").str.to_titlecase(), pl.col("channel").str.to_lowercase()
    )
    cases = pl.DataFrame(schema={"column": pl.String, "index": pl.Int32})
    try:
        SalesContract.validate(table, lazy=True)
    except SchemaErrors as errors:
        cases = errors.failure_cases
    order = {name: place for place, name in enumerate(table.columns)}
    reasons = (
        cases.select(pl.col("column").cast(pl.String), row=pl.col("index").cast(pl.UInt32))
        .unique()
        .sort(pl.col("column").replace_strict(order, return_dtype=pl.Int32))
        .group_by("row", maintain_order=True)
        .agg(reasons=pl.col("column").str.join(", "))
    )
    table = table.with_row_index("row").join(reasons, on="row", how="left").drop("row")
    quarantined = table.filter(pl.col("reasons").is_not_null())
    if quarantined.height > delivery.height / 5:
        raise ValueError("too many bad rows")
    return {"accepted": table.filter(pl.col("reasons").is_null()).drop("reasons"), "quarantined": quarantined}
