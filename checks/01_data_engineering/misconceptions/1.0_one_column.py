"""the 20 columns of `cards`

Returns the column that the condition looks at, not the rows.
"""

import polars as pl


def rare_cards(cards):
    return cards.select("rarity").filter(pl.col("rarity") == "Rare")
