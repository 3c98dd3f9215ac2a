"""Orders from the web shop and the app, a few of them paid with a stolen card: a rare event to evaluate on.

The orders are the world's sales. Which of them were paid with a stolen card is drawn here, and serves the lesson alone.
"""

import numpy as np
import polars as pl
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from cardshop import world

SEEN = ["log_amount", "night", "new_customer", "app"]
"""What the payment model is given."""


def orders(seed: int | None = None) -> pl.DataFrame:
    """Online orders with the columns of SEEN, `amount` in EUR, and `stolen`; about two in a hundred are."""
    sales = world.load("sales") if seed is None else world.load("sales", seed)
    first = pl.col("sold_at") == pl.col("sold_at").min().over("customer_id")
    table = sales.with_columns(new_customer=first.cast(pl.Float64)).filter(pl.col("channel") != "store")
    amount = (pl.col("unit_price") * pl.col("quantity")).alias("amount")
    table = table.select(
        "sale_id",
        amount,
        "new_customer",
        log_amount=amount.log(),
        night=(pl.col("sold_at").dt.hour() < 6).cast(pl.Float64),
        app=(pl.col("channel") == "app").cast(pl.Float64),
    )
    odds = (
        -6.9 + 0.9 * table["log_amount"] + 1.6 * table["night"] + 1.6 * table["new_customer"]
    ).to_numpy() - 0.7 * table["app"].to_numpy()
    rng = np.random.default_rng(seed or 0)
    return table.with_columns(stolen=pl.Series(rng.random(table.height) < 1 / (1 + np.exp(-odds))))


def scored(seed: int | None = None) -> pl.DataFrame:
    """Every second order, with the `score` that a logistic regression on the others gives it."""
    table = orders(seed)
    train, test = table[::2], table[1::2]
    model = make_pipeline(StandardScaler(), LogisticRegression())
    model.fit(train.select(SEEN).to_numpy(), train["stolen"].to_numpy())
    return test.with_columns(score=pl.Series(model.predict_proba(test.select(SEEN).to_numpy())[:, 1]))
