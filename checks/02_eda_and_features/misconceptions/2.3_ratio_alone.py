"""points more than with the given columns alone, in two worlds

A ratio of two given columns: the species, which decides most of it, is left out.
"""


def one_feature():
    def ratio(cards):
        stats = cards.select(pl.col("special_attack", "attack").fill_null(60).clip(1))
        return stats.select(ratio=pl.col("special_attack") / pl.col("attack"))

    return FunctionTransformer(ratio)
