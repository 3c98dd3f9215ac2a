"""One question after the other, the statistics computed by hand where that is short."""


def diagnosis(case):
    history, validation = case["history"], casebook.side(case, "validation")
    train = casebook.side(case, "train")

    def at_most(name):
        return max((measure(case, f"{name}({column})"), f"{name}({column})") for column in COLUMNS)

    looked = history.drop_nulls("second_look")
    differ = (looked["second_look"] != looked["sold"]).sum() / looked.height
    known = set(train.select(COLUMNS).rows())
    copies = np.mean([row in known for row in validation.select(COLUMNS).rows()])
    rare = min(history["sold"].mean(), 1 - history["sold"].mean())
    if differ > 0.15:
        answer = "noise", "disagreement", differ
    elif copies > 0.1:
        answer = "duplicates", "repeated", float(copies)
    elif (value := at_most("moved"))[0] > 0.3:
        answer = "skew", value[1], value[0]
    elif (value := at_most("alone"))[0] > 0.91:
        answer = "leak", value[1], value[0]
    elif (value := at_most("same"))[0] > 0.5:
        answer = "preprocessing", value[1], value[0]
    elif (value := measure(case, "better_threshold")) > 0.05:
        answer = "metric", "better_threshold", value
    elif (value := measure(case, "scaling")) > 0.05:
        answer = "unscaled", "scaling", value
    elif (value := measure(case, "order")) > 0.12:
        answer = "time", "order", value
    elif rare < 0.1 and (value := measure(case, "missed")) > 0.7:
        answer = "imbalance", "missed", value
    elif (value := measure(case, "better_simple")) > 0.05:
        answer = "overfit", "better_simple", value
    elif (value := measure(case, "better_flexible")) > 0.05:
        answer = "underfit", "better_flexible", value
    else:
        answer = "healthy", None, None
    return dict(zip(("cause", "statistic", "value"), answer, strict=True))
