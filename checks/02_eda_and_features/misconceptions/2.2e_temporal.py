"""on labels drawn by lot, as it should

Days in a row always leak, one hears.
"""


def score_staff(demand):
    before = pl.col("sold").shift(1)
    days = demand.with_columns(yesterday=before, lately=before.rolling_mean(3)).drop_nulls()
    seen, busy = days.select("yesterday", "lately").to_numpy(), days["busy"].to_numpy()
    start = len(busy) // 2
    model = make_pipeline(StandardScaler(), LogisticRegression()).fit(seen[:start], busy[:start])
    return "temporal", model.score(seen[start:], busy[start:])
