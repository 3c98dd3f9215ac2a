"""Dense ranks in polars."""


def ordered_folds(days, k, gap=0):
    table = (
        pl.DataFrame({"day": days}).with_row_index("row").with_columns(rank=pl.col("day").rank("dense") - 1)
    )
    n = table["day"].n_unique()
    if k < 2 or gap < 0 or n < k + 1:
        raise ValueError("too few days, or a strange gap")
    ends = np.cumsum([len(part) for part in np.array_split(np.arange(n), k + 1)])
    pairs = []
    for begin, end in zip(ends, ends[1:]):
        test = table.filter((pl.col("rank") >= int(begin)) & (pl.col("rank") < int(end)))
        train = table.filter(pl.col("day") < test["day"].min() - gap)
        if train.is_empty():
            raise ValueError("empty training set")
        pairs.append((train["row"].to_numpy(), test["row"].to_numpy()))
    return pairs
