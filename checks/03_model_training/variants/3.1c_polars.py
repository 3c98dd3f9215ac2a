"""Sizes from a query, placed in the order of a shuffled table."""


def grouped_folds(groups, k, seed):
    table = pl.DataFrame({"group": groups}).with_row_index("row")
    sizes = table.group_by("group", maintain_order=True).len().sample(fraction=1, shuffle=True, seed=seed)
    if k < 2 or sizes.height < k:
        raise ValueError("too few groups")
    filled = np.zeros(k)
    fold = {}
    for group, size in sizes.iter_rows():
        fold[group] = int(np.argmin(filled))
        filled[fold[group]] += size
    placed = table.with_columns(fold=pl.col("group").replace_strict(fold))
    return [
        (
            placed.filter(pl.col("fold") != n)["row"].to_numpy(),
            placed.filter(pl.col("fold") == n)["row"].to_numpy(),
        )
        for n in range(k)
    ]
