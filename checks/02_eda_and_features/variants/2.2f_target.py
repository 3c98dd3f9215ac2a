"""Calls it a target leak, which it is as well: the window holds the day itself."""


def score_trend(demand):
    days = demand.with_columns(smooth=pl.col("sold").shift(1).rolling_mean(3)).drop_nulls()
    model = make_pipeline(StandardScaler(), LogisticRegression())
    folds = TimeSeriesSplit(5)
    return "target", cross_val_score(
        model, days.select("smooth").to_numpy(), days["busy"].to_numpy(), cv=folds
    ).mean()
