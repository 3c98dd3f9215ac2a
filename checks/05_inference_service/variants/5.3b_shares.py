"""The largest change of any bin's share, nulls included: a bar for shares, and no logarithms."""


def alarms(reference, days):
    def shares(column, like):
        column = column.cast(pl.Float64) if like.dtype.is_numeric() else column.cast(pl.String)
        known = like.drop_nulls()
        if like.dtype.is_numeric():
            cuts = np.unique(np.quantile(known, [0.25, 0.5, 0.75]))
            counts = np.bincount(
                np.searchsorted(cuts, column.drop_nulls().to_numpy()), minlength=len(cuts) + 1
            )
        else:
            counts = np.array(
                [(column == word).sum() for word in sorted(known.cast(pl.String).unique().to_list())]
            )
        return np.append(counts, column.null_count()) / len(column)

    first, seen = {}, {}
    for evening in range(len(days)):
        if not days[evening].height:
            continue
        for name in reference.columns:
            column = days[evening].get_column(name, default=None)
            if column is None:
                column = pl.Series([None] * days[evening].height, dtype=reference[name].dtype)
            seen.setdefault(name, []).append(column)
            latest = pl.concat([one.cast(reference[name].dtype) for one in seen[name][-3:]])
            change = np.abs(shares(latest, reference[name]) - shares(reference[name], reference[name])).max()
            if change > 0.13:
                first.setdefault(name, evening)
    return first
