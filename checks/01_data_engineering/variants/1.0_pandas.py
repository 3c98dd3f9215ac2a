"""pandas, with a column of true and false."""


def rare_cards(cards):
    frame = cards.to_pandas()
    return frame[frame["rarity"] == "Rare"]
