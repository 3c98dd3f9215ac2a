"""A class of one's own, numpy inside, and lists as answers."""


class Repaired:
    def __init__(self, columns, estimator, threshold, scale=None):
        self.columns, self.estimator, self.threshold, self.scale = columns, estimator, threshold, scale

    def predict(self, rows):
        values = rows.select(self.columns).to_numpy().astype(float)
        if self.scale is not None:
            at, factor, shift = self.scale
            values[:, at] = values[:, at] * factor + shift
        return (self.estimator.predict_proba(values)[:, 1] >= self.threshold).tolist()


def repair(case):
    found = diagnosis(case)
    cause, column = found["cause"], (found["statistic"] or "").partition("(")[2].rstrip(")")
    history = case["history"]
    if cause == "noise":
        history = history.with_columns(sold=pl.coalesce("second_look", "sold"))
    if cause == "duplicates":
        history = history.unique(COLUMNS, keep="first", maintain_order=True)
    if cause == "time":
        history = history.filter(pl.col("day") > 0.75 * 360)
    columns = [name for name in COLUMNS if cause != "leak" or name != column]
    values, labels = history.select(columns).to_numpy(), history["sold"].to_numpy()
    estimator = make_pipeline(StandardScaler(), LogisticRegression()).fit(values, labels)
    sure = estimator.predict_proba(values)[:, 1]
    threshold = max(np.arange(0.02, 0.8, 0.02), key=lambda at: score(case, labels, sure >= at))
    scale = None
    if cause == "skew":
        then, now = history[column], case["production"][column]
        factor = then.std() / now.std()
        scale = columns.index(column), factor, then.mean() - factor * now.mean()
    return Repaired(columns, estimator, threshold, scale)
