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
        self.places_: list[dict[str, int]] = []
        self.rare_: list[int] = []
        self.names_ = [*self.numbers_]
        self.origins_ = [*self.numbers_]  # the feature that each column comes from
        for column in self.words_:
            self._learn(column, features[column].cast(pl.String).to_numpy())
        return self

    def transform(self, features: pl.DataFrame) -> np.ndarray:
        encoded = np.zeros((features.height, len(self.names_)))
        for place, column in enumerate(self.numbers_):
            encoded[:, place] = features[column].cast(pl.Float64).to_numpy()
        for column, places, rare in zip(self.words_, self.places_, self.rare_, strict=True):
            found = np.array([places.get(word, rare) for word in features[column].cast(pl.String)], dtype=int)
            rows = np.flatnonzero(found >= 0)
            encoded[rows, found[rows]] = 1
        return encoded

    def _learn(self, column: str, words: np.ndarray) -> None:
        """Note the place of each word of a column; -1 for none."""
        one_hot = OneHotEncoder(
            handle_unknown="infrequent_if_exist", max_categories=MOST_WORDS, sparse_output=False
        ).fit(words.reshape(-1, 1))
        rare = (one_hot.infrequent_categories_ or [None])[0]
        often = [word for word in one_hot.categories_[0] if rare is None or word not in set(rare)]
        first = len(self.names_)
        self.places_.append({word: first + number for number, word in enumerate(often)})
        self.rare_.append(first + len(often) if rare is not None else -1)
        names = one_hot.get_feature_names_out([column]).tolist()
        self.names_ += names
        self.origins_ += [column] * len(names)

    def get_feature_names_out(self, input_features: object = None) -> np.ndarray:
        return np.array(self.names_, dtype=object)
