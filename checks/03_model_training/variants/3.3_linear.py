"""A linear model on scaled columns: one multiplication for a card."""

from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler


def card_model(cards, labels):
    return make_pipeline(
        feature_pipeline(), Encoder(), StandardScaler(), LogisticRegression(C=0.3, max_iter=500)
    ).fit(cards, labels)
