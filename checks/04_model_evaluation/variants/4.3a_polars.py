"""A polars query; of equally cheap thresholds the highest."""

import polars as pl


def best_threshold(labels, scores, costs):
    change = (
        pl.when("label")
        .then(float(costs["hit"] - costs["miss"]))
        .otherwise(float(costs["false_alarm"] - costs["let_through"]))
    )
    table = (
        pl.DataFrame({"label": labels, "score": scores})
        .group_by("score")
        .agg(change.sum().alias("change"))
        .sort("score", descending=True)
        .with_columns(pl.col("change").cum_sum())
    )
    if table["change"].min() >= 0:
        return float("inf")
    return table["score"][table["change"].arg_min()]
