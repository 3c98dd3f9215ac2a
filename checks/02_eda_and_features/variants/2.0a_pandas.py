"""pandas, with lists and ranges in the slices, and a date as text."""


def market_findings(market):
    import pandas as pd

    table = pd.DataFrame(market.to_dict(as_series=False))
    worn = table[table["condition"].isin(["Played", "Damaged"])]["asking_price"]
    rare = table[table["rarity"].isin(["Ultra", "Secret"])]["hp"]
    late = table[table["listed_at"] >= pd.Timestamp("2025-11-15", tz="UTC")]["sold"]

    def claim(statistic, where, value):
        return {
            "statistic": statistic,
            "table": "market",
            "slice": where,
            "value": float(value),
            "tolerance": abs(float(value)) / 100,
        }

    return [
        claim("mean(asking_price)", {"condition": ["Played", "Damaged"]}, worn.mean()),
        claim("mean(hp)", {"rarity": ["Ultra", "Secret"]}, rare.mean()),
        claim("mean(sold)", {"listed_at": {"min": "2025-11-15"}}, late.mean()),
    ]
