"""it depends on the other cards"""

from sklearn.preprocessing import FunctionTransformer


def feature_pipeline():
    def features(cards):
        filled = cards.select(
            pl.col(stat).fill_null(pl.col(stat).median()).fill_null(60).clip(1).log() for stat in STATS
        )
        return filled.select(pl.col(stat) - pl.col(stat).mean() for stat in STATS)

    return FunctionTransformer(features)
