"""From a table of features to the numbers that a model of scikit-learn or XGBoost takes."""

import numpy as np
import polars as pl
import polars.selectors as cs
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.preprocessing import OneHotEncoder

MOST_WORDS = 30  # columns that one column of words may become; rarer words share one


class Encoder(TransformerMixin, BaseEstimator):
    """Keep numbers and booleans as they are, and one-hot encode words.

    `fit` learns the words of each column, the 30 most frequent at most; a word that it has not seen counts as a rare
    one. `transform` returns a float64 array with one row for each row of the table: first the numbers, then the words.
    """

    def fit(self, features: pl.DataFrame, labels: object = None) -> "Encoder":
        self.words_ = features.select(cs.string() | cs.categorical() | cs.enum()).columns
        self.numbers_ = features.drop(self.words_).columns
        if self.words_:
            self.one_hot_ = OneHotEncoder(
                handle_unknown="infrequent_if_exist", max_categories=MOST_WORDS, sparse_output=False
            ).fit(features.select(self.words_).to_numpy())
        return self

    def transform(self, features: pl.DataFrame) -> np.ndarray:
        plain = features.select(self.numbers_).cast(pl.Float64).to_numpy()
        plain = plain.reshape(features.height, len(self.numbers_))  # without columns polars forgets the rows
        if not self.words_:
            return plain
        return np.hstack([plain, self.one_hot_.transform(features.select(self.words_).to_numpy())])

    def get_feature_names_out(self, input_features: object = None) -> np.ndarray:
        words = self.one_hot_.get_feature_names_out(self.words_) if self.words_ else []
        return np.array([*self.numbers_, *words], dtype=object)
