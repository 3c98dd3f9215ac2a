"""The default encoding, the hash seed or the order of the files has a say.

Reads with the machine's encoding first and falls back on Windows-1252.
"""

import csv
from datetime import datetime, timezone
from pathlib import Path

import polars as pl


def decoded(path):
    try:
        return open(path).read()
    except UnicodeDecodeError:
        return open(path, encoding="cp1252").read()


def load_sales(folder):
    sales = {}
    for path in sorted(folder.glob("*.csv")):
        data = Path(path).read_bytes()
        till = b";" in data.splitlines()[0]
        text = decoded(path)
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
