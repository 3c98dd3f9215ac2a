"""Goes through rows as dicts instead of expressions."""

import polars as pl


def break_cards(cards):
    def damaged(column, value):
        rows = cards.to_dicts()
        rows[-1][column] = value
        return pl.DataFrame(rows, schema=cards.schema)

    ids = set(cards["card_id"])
    return {
        "missing": damaged("set_code", None),
        "duplicate": pl.concat([cards, cards.tail(1), cards.tail(1)]),
        "out_of_range": damaged("speed", 9999),
        "bad_category": damaged("stage", "Stage 3"),
        "malformed": damaged("card_id", next(x for x in ("nonsense", "more nonsense") if x not in ids)),
    }
