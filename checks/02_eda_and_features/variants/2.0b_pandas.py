"""pandas: a merge with the shares, then a dot product."""


def reweighted(sample, shares):
    import pandas as pd

    table = pd.DataFrame({"group": sample["group"].to_list(), "value": sample["value"].to_list()}).dropna()
    means = table.astype({"value": float}).groupby("group")["value"].mean()
    needed = pd.Series(shares, dtype=float)
    needed = needed[needed > 0]
    gone = needed.index.difference(means.index)
    if len(gone):
        raise ValueError(f"no values in these groups: {list(gone)}")
    return float(means.reindex(needed.index) @ needed)
