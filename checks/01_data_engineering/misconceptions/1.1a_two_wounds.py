"""one wound became two

Makes a malformed id by copying another card's id: that is a duplicate.
"""

import polars as pl


def break_cards(cards):
    first = pl.int_range(pl.len()) == 0
    return {
        "missing": cards.with_columns(name=pl.when(~first).then("name")),
        "duplicate": pl.concat([cards, cards.head(1)]),
        "out_of_range": cards.with_columns(hp=pl.when(first).then(-10).otherwise("hp").cast(pl.Int32)),
        "bad_category": cards.with_columns(rarity=pl.lit("rare")),
        "malformed": pl.concat([cards, cards.head(1)]).with_columns(card_id=pl.lit("nonsense")),
    }
