"""TimeSeriesSplit in place of one cut, the lags from pandas."""


def score_staff(demand):
    table = demand.to_pandas()
    table["yesterday"] = table["sold"].shift(1)
    table["lately"] = table["sold"].shift(1).rolling(3).mean()
    table = table.dropna()
    model = make_pipeline(StandardScaler(), LogisticRegression())
    return "none", cross_val_score(
        model, table[["yesterday", "lately"]], table["busy"], cv=TimeSeriesSplit(5)
    ).mean()
