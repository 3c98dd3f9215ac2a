"""In pandas, every row bad, converted back with the schema."""

import polars as pl


def break_cards(cards):
    frame = cards.to_pandas()
    schema = dict(cards.schema)

    def back(changed):
        return pl.from_pandas(changed).cast(schema)

    return {
        "duplicate": pl.concat([cards, cards]),
        "missing": back(frame.assign(card_type=None)),
        "out_of_range": back(frame.assign(attack=0)),
        "bad_category": back(frame.assign(card_type=frame["card_type"] + " ")),
        "malformed": back(frame.assign(card_id="x" + frame["card_id"])),
    }
