"""a repeated sale was kept

Never looks for repeated sales.
"""

import csv
from datetime import datetime, timezone
from pathlib import Path

import polars as pl


def load_sales(folder):
    sales = {}
    for path in sorted(folder.glob("*.csv")):
        data = Path(path).read_bytes()
        till = b";" in data.splitlines()[0]
        text = data.decode("cp1252" if till else "utf-8")
        for row in csv.DictReader(text.splitlines(), delimiter=";" if till else ","):
            row = {key: value.strip() for key, value in row.items()}
            price = row["unit_price"].replace("€", "").strip()
            row["unit_price"] = float(price.replace(".", "").replace(",", ".")) if till else float(price)
            row["quantity"] = int(row["quantity"])
            when = datetime.strptime(
                row["sold_at"].rstrip("Z"), "%d.%m.%Y %H:%M:%S" if till else "%Y-%m-%dT%H:%M:%S"
            )
            row["sold_at"] = when.replace(tzinfo=timezone.utc)
            sales[len(sales)] = row
    return pl.DataFrame(list(sales.values())).sort("sale_id")
