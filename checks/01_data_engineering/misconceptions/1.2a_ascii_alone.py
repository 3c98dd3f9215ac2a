"""in channel of sale

Keeps what is ASCII and drops the rest: the euro sign goes, and so do the letters.
"""

import csv
from datetime import datetime, timezone

import polars as pl


def load_sales(folder):
    sales = {}
    for path in sorted(folder.glob("*.csv")):
        data = path.read_bytes()
        till = b";" in data.splitlines()[0]
        text = data.decode("ascii", errors="ignore")
        for row in csv.DictReader(text.splitlines(), delimiter=";" if till else ","):
            row = {key: value.strip() for key, value in row.items()}
            price = row["unit_price"].replace("€", "").strip()
            row["unit_price"] = float(price.replace(".", "").replace(",", ".")) if till else float(price)
            row["quantity"] = int(row["quantity"])
            when = datetime.strptime(
                row["sold_at"].rstrip("Z"), "%d.%m.%Y %H:%M:%S" if till else "%Y-%m-%dT%H:%M:%S"
            )
            row["sold_at"] = when.replace(tzinfo=timezone.utc)
            sales.setdefault(row["sale_id"], row)
    return pl.DataFrame([sales[key] for key in sorted(sales)])
