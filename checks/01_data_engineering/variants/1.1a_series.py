"""Replaces whole columns by series and takes a null where it is allowed to be missing from others."""

import polars as pl


def break_cards(cards):
    n = cards.height
    weights = [-1.0] + cards["weight_kg"].to_list()[1:]
    return {
        "missing": cards.with_columns(pl.Series("released_on", [None] * n, dtype=pl.Date)),
        "duplicate": cards[[*range(n), 0]],
        "out_of_range": cards.with_columns(pl.Series("weight_kg", weights)),
        "bad_category": cards.with_columns(rarity=pl.lit("common")),
        "malformed": cards.with_columns(card_id=pl.col("card_id") + pl.lit("?")),
    }
