"""something still tells the answer

The window ends with the day itself, which nobody knows the evening before.
"""


def score_trend(demand):
    days = demand.with_columns(smooth=pl.col("sold").rolling_mean(3)).drop_nulls()
    model = make_pipeline(StandardScaler(), LogisticRegression())
    smooth, busy = days.select("smooth").to_numpy(), days["busy"].to_numpy()
    return "temporal", cross_val_score(model, smooth, busy, cv=TimeSeriesSplit(5)).mean()
