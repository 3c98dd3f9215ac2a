"""A filter for each value in place of a group, null by eq_missing."""

import polars as pl
from scipy.stats import binomtest


def weak_slices(train, cards):
    model = board_model(train.drop("card_type"), train["card_type"].to_numpy())
    right = pl.Series(model.predict(cards.drop("card_type")) == cards["card_type"].to_numpy())
    found = []
    for column in ("rarity", "stage", "legendary"):
        for value in cards[column].unique():
            inside = right.filter(cards.select(pl.col(column).eq_missing(pl.lit(value))).to_series())
            if len(inside) < 20 or inside.mean() > right.mean() - 0.1:
                continue
            low, high = binomtest(int(inside.sum()), len(inside)).proportion_ci(method="wilson")
            found.append(
                {
                    "metric": "accuracy",
                    "slice": {column: value},
                    "rows": len(inside),
                    "value": inside.mean(),
                    "low": low,
                    "high": high,
                }
            )
    return found
