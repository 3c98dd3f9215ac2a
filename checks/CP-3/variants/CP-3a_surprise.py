"""The sign that exceeds its usual largest value most, once copies and wrong labels are ruled out."""

USUAL = {  # the largest value without the cause, and the smallest with it
    "underfit": ("better_flexible", 0.03, 0.07),
    "overfit": ("better_simple", 0.03, 0.07),
    "metric": ("better_threshold", 0.03, 0.08),
    "imbalance": ("missed", 0.6, 0.85),
    "unscaled": ("scaling", 0.03, 0.08),
    "time": ("order", 0.08, 0.15),
    "leak": ("alone", 0.89, 0.94),
    "skew": ("moved", 0.17, 0.45),
    "preprocessing": ("same", 0.3, 0.8),
}


def diagnosis(case):
    for cause, name in (("noise", "disagreement"), ("duplicates", "repeated")):
        if (value := measure(case, name)) > 0.13:
            return {"cause": cause, "statistic": name, "value": round(value, 3)}
    rare = measure(case, "rare")
    found = [(0.5, "healthy", None, None)]
    for cause, (name, low, high) in USUAL.items():
        if cause == "imbalance" and rare > 0.1:
            continue
        for column in COLUMNS if name in casebook.OF_COLUMN else ("",):
            statistic = f"{name}({column})" if column else name
            value = measure(case, statistic)
            found.append(((value - low) / (high - low), cause, statistic, value))
    _, cause, statistic, value = max(found, key=lambda one: one[0])
    return {"cause": cause, "statistic": statistic, "value": value}
