"""numpy: lags by slices, the last two fifths are asked about."""


def score_staff(demand):
    sold, busy = demand["sold"].to_numpy().astype(float), demand["busy"].to_numpy()
    seen = np.column_stack([sold[2:-1], (sold[:-3] + sold[1:-2] + sold[2:-1]) / 3])
    cut = len(seen) * 3 // 5
    model = LogisticRegression().fit(seen[:cut] / 100, busy[3:][:cut])
    return "none", (model.predict(seen[cut:] / 100) == busy[3:][cut:]).mean()
