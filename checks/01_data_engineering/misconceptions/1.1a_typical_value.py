"""a number outside its column's range: there is none

Takes an unusual value for an impossible one.
"""

import polars as pl


def break_cards(cards):
    first = pl.int_range(pl.len()) == 0
    return {
        "missing": cards.with_columns(name=pl.when(~first).then("name")),
        "duplicate": pl.concat([cards, cards.head(1)]),
        "out_of_range": cards.with_columns(hp=pl.when(first).then(490).otherwise("hp").cast(pl.Int32)),
        "bad_category": cards.with_columns(rarity=pl.when(first).then(pl.lit("rare")).otherwise("rarity")),
        "malformed": cards.with_columns(card_id=pl.col("card_id").str.replace("-", "")),
    }
