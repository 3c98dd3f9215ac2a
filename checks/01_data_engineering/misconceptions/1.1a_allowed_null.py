"""a null in a column that must not be null: there is none

Takes the one column that may be null.
"""

import polars as pl


def break_cards(cards):
    first = pl.int_range(pl.len()) == 0
    return {
        "missing": cards.with_columns(text=pl.when(~first).then("text")),
        "duplicate": pl.concat([cards, cards.head(1)]),
        "out_of_range": cards.with_columns(hp=pl.when(first).then(-10).otherwise("hp").cast(pl.Int32)),
        "bad_category": cards.with_columns(rarity=pl.when(first).then(pl.lit("rare")).otherwise("rarity")),
        "malformed": cards.with_columns(card_id=pl.col("card_id").str.replace("-", "")),
    }
