"""the given version takes"""

import datetime as dt

import pandas as pd


def weekly_revenue(sales, cards):
    types = {card.card_id: card.card_type for card in pd.read_parquet(cards).itertuples()}
    totals = {}
    for _, sale in pd.read_parquet(sales).drop_duplicates("sale_id").iterrows():
        day = sale["sold_at"].date()
        key = day - dt.timedelta(days=day.weekday()), types.get(sale["card_id"], "Unknown")
        units, revenue = totals.get(key, (0, 0.0))
        totals[key] = units + sale["quantity"], revenue + sale["quantity"] * sale["unit_price"]
    rows = [(*key, *total) for key, total in totals.items()]
    return pd.DataFrame(rows, columns=["week", "card_type", "units", "revenue"]).sort_values(
        ["week", "card_type"]
    )
