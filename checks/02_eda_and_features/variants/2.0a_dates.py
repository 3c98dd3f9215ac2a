"""Python's date as an end of a range, a list, and a median."""

from datetime import UTC, date, datetime


def market_findings(market):
    late, dear = date(2025, 11, 15), ["Ultra", "Secret"]
    midnight = datetime(late.year, late.month, late.day, tzinfo=UTC)
    offered_late = market.filter(pl.col("listed_at") >= midnight)["sold"].mean()
    strong = market.filter(pl.col("rarity").is_in(dear))["hp"].mean()
    legends = market.filter("legendary")["asking_price"].median()
    return [
        {
            "statistic": statistic,
            "table": "market",
            "slice": where,
            "value": float(value),
            "tolerance": float(value) / 200,
        }
        for statistic, where, value in (
            ("mean(sold)", {"listed_at": {"min": late}}, offered_late),
            ("mean(hp)", {"rarity": dear}, strong),
            ("median(asking_price)", {"legendary": True}, legends),
        )
    ]
