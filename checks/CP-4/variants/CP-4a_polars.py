"""Counts in polars, with Wilson's formula written out and values rounded to four places."""

import math

import polars as pl


def wilson(right, rows, z=1.96):
    middle = (right + z * z / 2) / (rows + z * z)
    half = z / (rows + z * z) * math.sqrt(right * (rows - right) / rows + z * z / 4)
    return round(max(0.0, middle - half), 4), round(min(1.0, middle + half), 4)


def card_claims(train, cards):
    model = board_model(train.drop("card_type"), train["card_type"].to_numpy())
    said = pl.Series("said", [str(kind) for kind in model.predict(cards.drop("card_type"))])
    table = (
        cards.with_columns(said)
        .group_by("card_type")
        .agg(rows=pl.len(), right=(pl.col("said") == pl.col("card_type")).cast(int).sum())
    )
    lines = [
        ("accuracy", {}, table["right"].sum(), cards.height),
        ("baseline", {}, table["rows"].max(), cards.height),
    ]
    lines += [("accuracy", {"card_type": kind}, right, rows) for kind, rows, right in table.iter_rows()]
    return [
        dict(
            zip(
                ("metric", "slice", "rows", "value", "low", "high"),
                (metric, part, rows, round(right / rows, 4), *wilson(right, rows)),
                strict=True,
            )
        )
        for metric, part, right, rows in lines
    ]
