"""so the score has seen the answer

Moves the split, and leaves the window where it is.
"""


def score_trend(demand):
    days = demand.with_columns(smooth=pl.col("sold").rolling_mean(3, center=True)).drop_nulls()
    smooth, busy, cut = days.select("smooth").to_numpy(), days["busy"].to_numpy(), days.height // 2
    model = make_pipeline(StandardScaler(), LogisticRegression()).fit(smooth[:cut], busy[:cut])
    return "temporal", model.score(smooth[cut:], busy[cut:])
