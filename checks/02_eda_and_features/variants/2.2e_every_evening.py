"""As production does it: the model is trained on all that lay before, every 25th evening anew."""


def score_staff(demand):
    days = demand.with_columns(
        yesterday=pl.col("sold").shift(),
        lately=pl.mean_horizontal(pl.col("sold").shift(n) for n in (1, 2, 3)),
    )[3:]
    seen, busy = days.select("yesterday", "lately").to_numpy(), days["busy"].to_numpy()
    right = []
    for evening in range(100, len(busy), 25):
        model = make_pipeline(StandardScaler(), LogisticRegression()).fit(seen[:evening], busy[:evening])
        right += list(model.predict(seen[evening : evening + 25]) == busy[evening : evening + 25])
    return "none", float(np.mean(right))
