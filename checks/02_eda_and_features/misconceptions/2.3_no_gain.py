"""at least 2 points more than with the given columns alone

A column that keeps every rule and says nothing.
"""


def one_feature():
    return FunctionTransformer(
        lambda cards: cards.select(
            length=pl.col("card_id").str.slice(4).str.len_chars().fill_null(0) + pl.col("hp").fill_null(0) % 3
        )
    )
