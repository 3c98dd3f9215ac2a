"""polars: both columns get the name of their bin, and a join brings the counts together."""


def psi(reference, current):
    if min(len(reference), len(current)) == 0:
        return float("nan")
    if reference.dtype.is_numeric():
        reference, current = (one.cast(pl.Float64).fill_nan(None) for one in (reference, current))
        known = reference.drop_nulls().to_numpy()
        cuts = (
            np.unique(np.quantile(known, [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9])).tolist()
            if len(known)
            else []
        )
        every = [str(at) for at in range(len(cuts) + 1)] + ["null"]

        def name(column):
            above = [pl.when(pl.col("x") > cut).then(1).otherwise(0) for cut in cuts] or [pl.lit(0)]
            at = pl.sum_horizontal(above).cast(pl.String)
            return pl.DataFrame({"x": column}).select(
                pl.when(pl.col("x").is_null()).then(pl.lit("null")).otherwise(at).alias("bin")
            )
    else:
        words = reference.drop_nulls().unique()
        every = [f"={word}" for word in words.to_list()] + ["other", "null"]

        def name(column):
            return pl.DataFrame(
                {
                    "bin": [
                        "null" if one is None else f"={one}" if one in words.to_list() else "other"
                        for one in column.to_list()
                    ]
                }
            )

    table = pl.DataFrame({"bin": every})
    for label, column in (("old", reference), ("new", current)):
        table = table.join(name(column).group_by("bin").len(label), on="bin", how="left")
    table = table.with_columns((pl.col("old", "new").fill_null(0) + 0.5))
    table = table.with_columns(pl.col("old", "new") / pl.col("old", "new").sum())
    return table.select(
        ((pl.col("new") - pl.col("old")) * (pl.col("new") / pl.col("old")).log()).sum()
    ).item()
