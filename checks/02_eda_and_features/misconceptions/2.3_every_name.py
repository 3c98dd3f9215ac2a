"""each value of it goes with exactly one value of `name`

The name of the card as a word.
"""


def one_feature():
    return FunctionTransformer(lambda cards: cards.select(pl.col("name").fill_null("unknown")))
