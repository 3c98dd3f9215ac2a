"""less than this model can do with what production knows

Moves the lags back by a week, to be on the safe side.
"""


def score_staff(demand):
    before = pl.col("sold").shift(7)
    days = demand.with_columns(yesterday=before, lately=before.rolling_mean(3)).drop_nulls()
    seen, busy = days.select("yesterday", "lately").to_numpy(), days["busy"].to_numpy()
    start = len(busy) // 2
    model = make_pipeline(StandardScaler(), LogisticRegression()).fit(seen[:start], busy[:start])
    return "none", model.score(seen[start:], busy[start:])
