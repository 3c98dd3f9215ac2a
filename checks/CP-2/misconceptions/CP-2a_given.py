"""a mean accuracy of 68% or more in 12 held-out worlds"""

from sklearn.preprocessing import FunctionTransformer


def feature_pipeline():
    numbers = [name for name in classifier.GIVEN if name not in ("rarity", "stage", "legendary")]
    return FunctionTransformer(
        lambda cards: cards.select(
            pl.col(numbers).fill_null(0),
            pl.col("rarity", "stage").fill_null("?"),
            pl.col("legendary").fill_null(False),
        )
    )
