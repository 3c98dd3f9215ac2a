"""Goes through rows as dicts instead of expressions."""

import polars as pl


def break_cards(cards):
    def with_value(column, value):
        rows = cards.to_dicts()
        rows[-1][column] = value
        return pl.DataFrame(rows, schema=cards.schema)

    ids = set(cards["card_id"])
    return {
        "missing": with_value("set_code", None),
        "duplicate": pl.concat([cards, cards.tail(1), cards.tail(1)]),
        "out_of_range": with_value("speed", 9999),
        "bad_category": with_value("stage", "Stage 3"),
        "malformed": with_value("card_id", next(x for x in ("nonsense", "more nonsense") if x not in ids)),
    }
