"""The shop's model of card types."""

import numpy as np
import polars as pl
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.pipeline import Pipeline, make_pipeline
from xgboost import XGBClassifier

from cardshop.features import CardFeatures
from cardshop.training.encoding import Encoder


class Boosting(ClassifierMixin, BaseEstimator):
    """XGBoost's trees for labels of any kind, as every classifier of scikit-learn takes them."""

    def __init__(self, trees: int = 150, depth: int = 4, rate: float = 0.1, seed: int = 0):
        self.trees, self.depth, self.rate, self.seed = trees, depth, rate, seed

    def fit(self, X: np.ndarray, y: np.ndarray) -> "Boosting":
        self.classes_, codes = np.unique(y, return_inverse=True)
        self.model_ = XGBClassifier(
            n_estimators=self.trees,
            max_depth=self.depth,
            learning_rate=self.rate,
            random_state=self.seed,
            n_jobs=1,
        ).fit(X, codes)
        return self

    def predict_proba(self, X: np.ndarray) -> np.ndarray:
        return self.model_.predict_proba(X)

    def predict(self, X: np.ndarray) -> np.ndarray:
        return self.classes_[self.predict_proba(X).argmax(axis=1)]


def card_model(cards: pl.DataFrame, labels: np.ndarray) -> Pipeline:
    """Fit the shop's model: the features of a card, one-hot encoded, and boosted trees."""
    return make_pipeline(CardFeatures(), Encoder(), Boosting()).fit(cards, labels)
