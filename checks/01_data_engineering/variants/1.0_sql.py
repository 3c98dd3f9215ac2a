"""The same condition in SQL."""


def rare_cards(cards):
    return cards.sql("select * from self where rarity = 'Rare'")
