"""A polars query: groups of equal scores, running sums, one product."""

import polars as pl


def average_precision(labels, scores, weights=None):
    table = pl.DataFrame({"label": labels, "score": scores})
    table = table.with_columns(weight=pl.lit(1.0) if weights is None else pl.Series(weights))
    table = (
        table.group_by("score")
        .agg(hits=(pl.col("weight") * pl.col("label")).sum(), flagged=pl.col("weight").sum())
        .sort("score", descending=True)
        .with_columns(precision=pl.col("hits").cum_sum() / pl.col("flagged").cum_sum())
    )
    total = table["hits"].sum()
    return float((table["hits"] * table["precision"]).sum() / total) if total else 0.0
