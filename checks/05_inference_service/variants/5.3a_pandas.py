"""pandas: `cut` for numbers, `value_counts` for words."""


def psi(reference, current):
    import pandas as pd

    if reference.is_empty() or current.is_empty():
        return np.nan
    if reference.dtype.is_numeric():
        old, new = (pd.Series(column.cast(pl.Float64).to_numpy()) for column in (reference, current))
        cuts = (
            np.unique(np.quantile(old.dropna(), np.linspace(0.1, 0.9, 9)))
            if old.notna().any()
            else np.array([])
        )
        edges = [-np.inf, *cuts, np.inf]
        counts = [pd.cut(one, edges).value_counts(sort=False).to_numpy() for one in (old, new)]
    else:
        old, new = (pd.Series(column.to_list(), dtype=object) for column in (reference, current))
        words = list(old.dropna().unique())
        counts = [
            np.array(
                [*(int((one == word).sum()) for word in words), int((one.notna() & ~one.isin(words)).sum())]
            )
            for one in (old, new)
        ]
    shares = []
    for one, column in zip(counts, (old, new)):
        all_ = np.append(one, column.isna().sum()) + 0.5
        shares.append(all_ / all_.sum())
    return float(np.sum((shares[1] - shares[0]) * np.log(shares[1] / shares[0])))
