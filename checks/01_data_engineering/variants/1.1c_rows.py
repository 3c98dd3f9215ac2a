"""Plain Python, row by row, with a schema for both tables."""

import re
from collections import Counter

import polars as pl

from cardshop.quality import CHANNELS, CONDITIONS

SOUND = {
    "sale_id": lambda value: re.fullmatch(r"S\d{7,}", value),
    "listing_id": lambda value: re.fullmatch(r"L\d{7,}", value),
    "card_id": lambda value: re.fullmatch(r"[A-Z]{3}-\d{3}", value),
    "customer_id": lambda value: re.fullmatch(r"C\d{5}", value),
    "condition": lambda value: value in CONDITIONS,
    "quantity": lambda value: 1 <= value <= 99,
    "unit_price": lambda value: 0 < value <= 100_000,
    "channel": lambda value: value in CHANNELS,
    "sold_at": lambda value: True,
}
NUMBERS = {"quantity": pl.Int32, "unit_price": pl.Float64, "sold_at": pl.Datetime("us", "UTC")}


def receive_sales(delivery):
    if dict(delivery.schema) != {name: NUMBERS.get(name, pl.String) for name in SOUND}:
        raise ValueError("other columns or dtypes")
    spelled = {word.lower(): word for word in (*CONDITIONS, *CHANNELS)}
    rows = []
    for row in delivery.to_dicts():
        row = {name: value.strip() if isinstance(value, str) else value for name, value in row.items()}
        for name in ("condition", "channel"):
            if row[name] is not None:
                row[name] = spelled.get(row[name].lower(), row[name])
        rows.append(row)
    ids = Counter(row["sale_id"] for row in rows)
    good, bad = [], []
    for row in rows:
        failed = [
            name
            for name, sound in SOUND.items()
            if row[name] is None or not sound(row[name]) or name == "sale_id" and ids[row[name]] > 1
        ]
        (bad if failed else good).append(row | ({"reasons": ", ".join(failed)} if failed else {}))
    if 5 * len(bad) > len(rows):
        raise ValueError("more than a fifth")
    return {
        "accepted": pl.DataFrame(good, schema=delivery.schema),
        "quarantined": pl.DataFrame(bad, schema={**delivery.schema, "reasons": pl.String}),
    }
