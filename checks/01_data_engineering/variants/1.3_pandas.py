"""pandas without a loop."""

import pandas as pd


def weekly_revenue(sales, cards):
    frame = pd.read_parquet(sales, columns=["sale_id", "card_id", "quantity", "unit_price", "sold_at"])
    frame = frame.drop_duplicates("sale_id")
    types = pd.read_parquet(cards, columns=["card_id", "card_type"]).set_index("card_id")["card_type"]
    day = frame["sold_at"].dt.tz_localize(None).dt.normalize()
    frame = frame.assign(
        week=day - pd.to_timedelta(day.dt.dayofweek, unit="D"),
        card_type=frame["card_id"].map(types).fillna("Unknown"),
        revenue=frame["quantity"] * frame["unit_price"],
    )
    table = frame.groupby(["week", "card_type"], as_index=False).agg(
        units=("quantity", "sum"), revenue=("revenue", "sum")
    )
    return table.sort_values(["week", "card_type"])
