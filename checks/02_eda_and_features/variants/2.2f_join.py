"""The window by joins on the number of the day, one cut in the middle."""


def score_trend(demand):
    days = demand
    for back in (1, 2, 3):
        earlier = demand.select(pl.col("day") + back, pl.col("sold").alias(f"sold_{back}"))
        days = days.join(earlier, on="day", maintain_order="left")
    smooth = days.select(pl.mean_horizontal("sold_1", "sold_2", "sold_3")).to_numpy()
    busy, cut = days["busy"].to_numpy(), days.height // 2
    model = make_pipeline(StandardScaler(), LogisticRegression()).fit(smooth[:cut], busy[:cut])
    return "temporal", model.score(smooth[cut:], busy[cut:])
