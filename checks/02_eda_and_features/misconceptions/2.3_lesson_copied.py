"""at least 7 points more than with the given columns alone

The lesson's SpeciesHabit: the share of one type, of eight.
"""


class SpeciesHabit(TransformerMixin, BaseEstimator):
    def __init__(self, card_type="Water", weight=10):
        self.card_type, self.weight = card_type, weight

    def fit(self, cards, labels):
        seen = cards.select("species_number", hit=pl.Series(labels == self.card_type))
        self.overall_ = seen["hit"].mean()
        self.habits_ = seen.group_by("species_number").agg(
            habit=(pl.col("hit").sum() + self.weight * self.overall_) / (pl.len() + self.weight)
        )
        return self

    def transform(self, cards):
        found = cards.join(self.habits_, on="species_number", how="left", maintain_order="left")
        return found.select(pl.col("habit").fill_null(self.overall_))


def one_feature():
    return SpeciesHabit()
