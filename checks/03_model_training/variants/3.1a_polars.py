"""A table with a fold for each row, shuffled by polars; the row numbers come back as polars series."""


def folds(rows, k, seed):
    if not 2 <= k <= rows:
        raise ValueError(f"k has to be between 2 and {rows}")
    table = pl.DataFrame({"row": range(rows), "fold": [n % k for n in range(rows)]}).with_columns(
        pl.col("fold").shuffle(seed)
    )
    return [(table.filter(pl.col("fold") != n)["row"], table.filter(fold=n)["row"]) for n in range(k)]
