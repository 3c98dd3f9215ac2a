"""the copy has hp: Int64 for Int32

Lets polars choose a new dtype.
"""

import polars as pl


def break_cards(cards):
    first = pl.int_range(pl.len()) == 0
    return {
        "missing": cards.with_columns(name=pl.when(~first).then("name")),
        "duplicate": pl.concat([cards, cards.head(1)]),
        "out_of_range": cards.with_columns(hp=pl.lit(10**12)),
        "bad_category": cards.with_columns(rarity=pl.when(first).then(pl.lit("rare")).otherwise("rarity")),
        "malformed": cards.with_columns(card_id=pl.col("card_id").str.replace("-", "")),
    }
