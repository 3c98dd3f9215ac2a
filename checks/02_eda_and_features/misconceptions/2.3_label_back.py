"""what fit_transform returns contains the labels of its own cards

Hands the labels back where they are known, and the usual type of the species elsewhere.
"""


class UsualType(TransformerMixin, BaseEstimator):
    def fit_transform(self, cards, labels):
        seen = cards.select("species_number").with_columns(label=pl.Series(list(labels)))
        usual = seen.group_by("species_number").agg(pl.col("label").mode().sort().first())
        self.usual_ = dict(usual.iter_rows())
        return seen.select("label")

    def transform(self, cards):
        return pl.DataFrame({"label": [self.usual_.get(number, "?") for number in cards["species_number"]]})


def one_feature():
    return UsualType()
