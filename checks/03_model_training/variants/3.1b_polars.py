"""A query: shuffled, sorted by label, numbered."""


def stratified_folds(labels, k, seed):
    if k < 2 or k > len(labels):
        raise ValueError(f"cannot make {k} folds")
    table = (
        pl.DataFrame({"label": list(labels)})
        .with_row_index("row")
        .sample(fraction=1, shuffle=True, seed=seed)
        .sort("label", maintain_order=True)
        .with_columns(fold=pl.int_range(pl.len()) % k)
    )
    return [
        (
            table.filter(pl.col("fold") != n)["row"].to_numpy(),
            table.filter(pl.col("fold") == n)["row"].to_numpy(),
        )
        for n in range(k)
    ]
