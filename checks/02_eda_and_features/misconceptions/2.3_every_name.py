"""each value stands for a value of

The name of the card as a word.
"""


def one_feature():
    return FunctionTransformer(lambda cards: cards.select(pl.col("name").fill_null("unknown")))
