"""Each label is replaced by the mean label of its score, then the first k count."""

import polars as pl


def lift_at(labels, scores, k):
    table = pl.DataFrame({"label": labels, "score": scores}).with_columns(pl.col("label").cast(float))
    base = table["label"].mean()
    expected = table.with_columns(pl.col("label").mean().over("score")).sort("score", descending=True)
    return expected["label"].head(k).mean() / base if base else 0.0
