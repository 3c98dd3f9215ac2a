"""The csv module, a dict by sale id, datetime with a zone."""

import csv
from datetime import datetime, timezone
from pathlib import Path

import polars as pl


def read(path):
    raw = path.read_bytes()
    head = raw.splitlines()[0]
    till = head.count(b";") > head.count(b",")
    rows = csv.DictReader(
        raw.decode("cp1252" if till else "utf-8").splitlines(), delimiter=";" if till else ","
    )
    for row in rows:
        row = {key: value.strip() for key, value in row.items()}
        price = row["unit_price"].replace("€", "").strip()
        row["unit_price"] = float(price.replace(".", "").replace(",", ".")) if till else float(price)
        row["quantity"] = int(row["quantity"])
        when = datetime.strptime(
            row["sold_at"].rstrip("Z"), "%d.%m.%Y %H:%M:%S" if till else "%Y-%m-%dT%H:%M:%S"
        )
        row["sold_at"] = when.replace(tzinfo=timezone.utc)
        yield row


def load_sales(folder):
    sales = {row["sale_id"]: row for path in Path(folder).glob("*.csv") for row in read(path)}
    return pl.DataFrame([sales[key] for key in sorted(sales)])
