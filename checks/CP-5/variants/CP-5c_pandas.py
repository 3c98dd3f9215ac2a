"""pandas: a series by minute, with the missing minutes as 0."""


def impact(requests, since, minutes):
    import pandas as pd

    table = pd.DataFrame(requests.to_dict(as_series=False))
    cost = (table["ms"] > LIMIT) * LOST + table["wrong"] * WRONG
    by_minute = cost.groupby(table["minute"]).sum().reindex(range(minutes), fill_value=0)
    return float(by_minute[since:].sum() - by_minute[:since].mean() * (minutes - since))
