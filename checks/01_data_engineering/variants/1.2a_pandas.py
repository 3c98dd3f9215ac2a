"""pandas, one read_csv a file, its index reset at the end."""

import pandas as pd


def load_sales(folder):
    parts = []
    for path in folder.glob("*.csv"):
        with open(path, "rb") as file:
            till = b";" in file.readline()
        part = pd.read_csv(path, sep=";" if till else ",", encoding="cp1252" if till else "utf-8", dtype=str)
        part = part.apply(lambda column: column.str.strip())
        price = part["unit_price"].str.replace(" €", "")
        if till:
            price = price.str.replace(".", "").str.replace(",", ".")
        part["unit_price"] = price.astype(float)
        part["quantity"] = part["quantity"].astype(int)
        part["sold_at"] = pd.to_datetime(
            part["sold_at"], format="%d.%m.%Y %H:%M:%S" if till else None, utc=True
        )
        parts.append(part)
    return pd.concat(parts).drop_duplicates("sale_id").sort_values("sale_id").reset_index(drop=True)
