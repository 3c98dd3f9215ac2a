"""the cause is"""


def diagnosis(case):  # reads the code and the scores, and computes nothing
    text, scores = case["code"], case["metrics"]
    if "KNeighbors" in text and "StandardScaler()," not in text:
        cause, statistic = "unscaled", "scaling"
    elif scores["train"] - scores["validation"] > 0.1:
        cause, statistic = "overfit", "better_simple"
    elif scores["validation"] - scores["production"] > 0.1:
        cause, statistic = "time", "order"
    elif "max_depth=1," in text:
        cause, statistic = "underfit", "better_flexible"
    else:
        cause, statistic = "metric", "better_threshold"
    return {"cause": cause, "statistic": statistic, "value": measure(case, statistic)}
