"""The shop system's sales export: correct numbers in files that no two readers read alike.

Two systems wrote the files, one per month, and the name does not tell which:

- the web shop: UTF-8, commas, `2024-03-04T17:05:00Z`, `1234.50 €`;
- the old till: Windows-1252, semicolons, `04.03.2024 17:05:00` (UTC as well), `1.234,50 €`.

Both leave stray spaces around some values, and a file repeats the last sales of the month before. Times are whole
seconds, prices whole cents.
"""

import numpy as np
import polars as pl

SPACED = ("card_id", "customer_id", "condition", "channel")
SPACED_SHARE = 0.06
TILL_SHARE = 0.45
REPEATED = 4  # at most, at each border


def clean(sales: pl.DataFrame) -> pl.DataFrame:
    """What a right loader makes of the files: each sale once, typed as in the contract, sorted by `sale_id`."""
    return sales.with_columns(pl.col("sold_at").dt.truncate("1s"), pl.col("unit_price").round(2)).sort(
        "sale_id"
    )


def messy_files(sales: pl.DataFrame, rng: np.random.Generator) -> dict[str, bytes]:
    """File name to content, one file for each month with sales; both systems occur where there are two months."""
    table = clean(sales).sort("sold_at", "sale_id")
    months = table.with_columns(month=pl.col("sold_at").dt.strftime("%Y-%m")).partition_by(
        "month", as_dict=True, include_key=False, maintain_order=True
    )
    till = rng.random(len(months)) < TILL_SHARE
    if len(months) > 1 and till.all() | ~till.any():
        till[int(rng.integers(len(months)))] ^= True
    files, before = {}, table.clear()
    for ((month,), rows), by_till in zip(months.items(), till, strict=True):
        repeated = before.tail(int(rng.integers(1, REPEATED + 1)))
        lines = _spaced(pl.concat([repeated, rows]), rng)
        files[f"sales_{month}.csv"] = _till(lines) if by_till else _web(lines)
        before = rows
    return files


def _web(rows: pl.DataFrame) -> bytes:
    return (
        rows.with_columns(
            pl.Series("unit_price", [f"{price:.2f} €" for price in rows["unit_price"]], pl.String),
            pl.col("sold_at").dt.strftime("%Y-%m-%dT%H:%M:%SZ"),
        )
        .write_csv()
        .encode("utf-8")
    )


def _till(rows: pl.DataFrame) -> bytes:
    swapped = str.maketrans(",.", ".,")
    return (
        rows.with_columns(
            pl.Series(
                "unit_price",
                [f"{price:,.2f} €".translate(swapped) for price in rows["unit_price"]],
                pl.String,
            ),
            pl.col("sold_at").dt.strftime("%d.%m.%Y %H:%M:%S"),
        )
        .write_csv(separator=";")
        .encode("cp1252")
    )


def _spaced(rows: pl.DataFrame, rng: np.random.Generator) -> pl.DataFrame:
    def pad() -> pl.Series:
        hit = rng.random(rows.height) < SPACED_SHARE
        return pl.Series(
            np.where(hit, np.array([" ", "  "])[rng.integers(0, 2, rows.height)], ""), dtype=pl.String
        )

    return rows.with_columns(pl.concat_str(pad(), pl.col(name), pad()).alias(name) for name in SPACED)
