"""polars from bytes, both systems brought to one text form before parsing; Int64 and milliseconds."""

import re

import polars as pl


def load_sales(folder):
    frames = []
    for name in sorted(p.name for p in folder.glob("*.csv")):
        data = (folder / name).read_bytes()
        if data.startswith(b"sale_id;"):
            text = data.decode("windows-1252")
            text = re.sub(r"(\d\d)\.(\d\d)\.(\d{4}) (\d\d:\d\d:\d\d)", r"\3-\2-\1T\4Z", text)
            text = re.sub(r"([\d.]+),(\d\d) €", lambda m: m[1].replace(".", "") + "." + m[2], text).replace(
                ";", ","
            )
        else:
            text = data.decode("utf-8").replace(" €", "")
        frames.append(
            pl.read_csv(text.encode(), schema_overrides={"sold_at": pl.String, "quantity": pl.String})
        )
    table = pl.concat(frames).with_columns(pl.col(pl.String).str.strip_chars())
    table = table.with_columns(
        pl.col("quantity").cast(pl.Int64),
        pl.col("sold_at").str.to_datetime("%Y-%m-%dT%H:%M:%SZ", time_unit="ms", time_zone="UTC"),
    )
    return table.sort("sale_id").unique("sale_id", maintain_order=True, keep="first")
