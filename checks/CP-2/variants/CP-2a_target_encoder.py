"""scikit-learn's own parts: a target encoder for the species, differences from the mean of its training cards."""

import polars as pl
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.model_selection import StratifiedKFold
from sklearn.preprocessing import TargetEncoder


class Habits(TransformerMixin, BaseEstimator):
    def fit(self, cards, labels):
        shares = self.shares(cards)
        self.means_ = (
            shares.with_columns(cards["species_number"]).group_by("species_number").agg(pl.all().mean())
        )
        self.overall_ = shares.mean()
        self.encoder_ = TargetEncoder(cv=StratifiedKFold(5, shuffle=True, random_state=1))
        self.encoded_ = self.encoder_.fit_transform(self.words(cards), labels)
        return self

    def fit_transform(self, cards, labels):
        self.fit(cards, labels)
        return self.beside(cards, self.encoded_)

    def transform(self, cards):
        return self.beside(cards, self.encoder_.transform(self.words(cards)))

    def beside(self, cards, encoded):
        species = world.load("species").select(
            "number", *(pl.col(stat).alias(f"own_{stat}") for stat in STATS)
        )
        own = cards.select("species_number").join(
            species, left_on="species_number", right_on="number", how="left", maintain_order="left"
        )
        more = {
            f"more_{stat}": (cards[stat].clip(1) / own[f"own_{stat}"]).log().fill_null(0) for stat in STATS
        }
        types = {f"habit_{at}": encoded[:, at] for at in range(encoded.shape[1])}
        return pl.DataFrame({**more, **types, "text": cards["text"].fill_null("")})

    def words(self, cards):
        return cards.select(pl.col("species_number").cast(pl.String).fill_null("?")).to_numpy()

    def shares(self, cards):
        logs = cards.select(pl.col(stat).fill_null(60).clip(1).log() for stat in STATS)
        return logs.select(pl.col(stat) - pl.mean_horizontal(STATS) for stat in STATS)


def feature_pipeline():
    return Habits()
