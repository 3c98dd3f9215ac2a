"""whatever uses random numbers needs a fixed random_state"""

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin


class Projected(TransformerMixin, BaseEstimator):
    def fit(self, cards, labels):
        self.weights_ = np.random.default_rng().normal(size=(6, 6))
        return self

    def transform(self, cards):
        return cards.select(pl.col(STATS).fill_null(60)).to_numpy() @ self.weights_


def feature_pipeline():
    return Projected()
