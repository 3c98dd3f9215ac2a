"""KeyError"""

from sklearn.base import BaseEstimator, TransformerMixin


class Known(TransformerMixin, BaseEstimator):
    def fit(self, cards, labels):
        self.seen_ = dict(zip(cards["species_number"], labels))
        return self

    def transform(self, cards):
        return pl.DataFrame({"last": [str(self.seen_[number]) for number in cards["species_number"]]})


def feature_pipeline():
    return Known()
