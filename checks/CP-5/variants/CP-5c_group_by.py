"""polars: the cost of each minute, with the minutes that have no requests."""


def impact(requests, since, minutes):
    every = pl.DataFrame({"minute": range(minutes)}, schema={"minute": pl.Int64})
    cost = requests.group_by("minute").agg(
        cost=(pl.col("ms") > LIMIT).sum() * LOST + pl.col("wrong").sum() * WRONG
    )
    cost = every.join(cost.with_columns(pl.col("minute").cast(pl.Int64)), on="minute", how="left")
    cost = cost.with_columns(pl.col("cost").fill_null(0))
    usual = cost.filter(pl.col("minute") < since)["cost"].mean()
    return (cost.filter(pl.col("minute") >= since)["cost"] - usual).sum()
