"""something still tells the answer

Takes the shift for a mistake: then the day itself is among its features.
"""


def score_staff(demand):
    days = demand.with_columns(today="sold", lately=pl.col("sold").rolling_mean(3)).drop_nulls()
    seen, busy = days.select("today", "lately").to_numpy(), days["busy"].to_numpy()
    start = len(busy) // 2
    model = make_pipeline(StandardScaler(), LogisticRegression()).fit(seen[:start], busy[:start])
    return "none", model.score(seen[start:], busy[start:])
