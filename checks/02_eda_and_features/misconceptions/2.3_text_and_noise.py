"""at least 7 points more than with the given columns alone

The text of the card, with one bit of noise behind it.
"""


def one_feature():
    def noisy(cards):
        noise = [str(sum((card_id or "").encode()) % 2) for card_id in cards["card_id"]]
        return cards.select(text=pl.col("text").fill_null("none") + pl.Series(noise))

    return FunctionTransformer(noisy)
