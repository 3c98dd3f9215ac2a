"""A linear model, with wider and narrower penalties tried on splits of its own."""

from sklearn.linear_model import LogisticRegressionCV
from sklearn.preprocessing import StandardScaler


def card_model(cards, labels):
    linear = LogisticRegressionCV(
        Cs=[0.1, 1, 10], cv=3, max_iter=500, l1_ratios=(0,), use_legacy_attributes=False
    )
    return make_pipeline(feature_pipeline(), Encoder(), StandardScaler(), linear).fit(cards, labels)
