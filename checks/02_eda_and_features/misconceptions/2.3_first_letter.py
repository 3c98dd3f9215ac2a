"""at least 7 points more than with the given columns alone

The first letter of the name.
"""


def one_feature():
    return FunctionTransformer(
        lambda cards: cards.select(letter=pl.col("name").fill_null("?").str.slice(0, 1))
    )
