"""pandas and masks; the tables come back as pandas, the quarantined rows as delivered."""

import polars as pl

from cardshop.quality import CHANNELS, CONDITIONS

DTYPES = {
    "sale_id": pl.String,
    "listing_id": pl.String,
    "card_id": pl.String,
    "customer_id": pl.String,
    "condition": pl.String,
    "quantity": pl.Int32,
    "unit_price": pl.Float64,
    "channel": pl.String,
    "sold_at": pl.Datetime("us", "UTC"),
}
PATTERNS = {
    "sale_id": r"S\d{7,}",
    "listing_id": r"L\d{7,}",
    "card_id": r"[A-Z]{3}-\d{3}",
    "customer_id": r"C\d{5}",
}


def receive_sales(delivery):
    if list(delivery.schema.items()) != list(DTYPES.items()):
        raise ValueError("other columns")
    raw = delivery.to_pandas(use_pyarrow_extension_array=True)
    frame = raw.copy()
    for name in [*PATTERNS, "condition", "channel"]:
        frame[name] = frame[name].str.strip()
    frame["condition"] = frame["condition"].str.title()
    frame["channel"] = frame["channel"].str.lower()
    bad = {name: frame[name].isna() for name in frame}
    for name, pattern in PATTERNS.items():
        bad[name] |= ~frame[name].str.fullmatch(pattern).fillna(False)
    bad["sale_id"] |= frame["sale_id"].duplicated(keep=False)
    bad["condition"] |= ~frame["condition"].isin(CONDITIONS)
    bad["channel"] |= ~frame["channel"].isin(CHANNELS)
    bad["quantity"] |= ~frame["quantity"].between(1, 99).fillna(False)
    bad["unit_price"] |= ~((frame["unit_price"] > 0) & (frame["unit_price"] <= 100_000)).fillna(False)
    reasons = [", ".join(name for name in frame if bad[name].iloc[row]) for row in range(len(frame))]
    aside = frame.index.isin([row for row, why in enumerate(reasons) if why])
    if aside.sum() > len(frame) / 5:
        raise ValueError("too many bad rows")
    return {"accepted": frame[~aside], "quarantined": raw.assign(reasons=reasons)[aside]}
