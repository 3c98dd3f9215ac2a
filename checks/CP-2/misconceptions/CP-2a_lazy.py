"""a mean accuracy of 75% or more in 12 held-out worlds"""

from sklearn.preprocessing import FunctionTransformer


def feature_pipeline():
    def features(cards):
        cards = cards.with_columns(
            pl.col(STATS).fill_null(60),
            pl.col("name", "text", "rarity", "stage").fill_null("?"),
            pl.col("legendary").fill_null(False),
            pl.col("print_run", "height_m", "weight_kg").fill_null(1),
        )
        return cards.select(*classifier.GIVEN, "name", "text")

    return FunctionTransformer(features)
