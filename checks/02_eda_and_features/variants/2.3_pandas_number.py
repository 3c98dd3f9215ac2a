"""pandas in and out: both attacks compared with those of the species, in a plain class without a base."""

import pandas as pd


class Leaning:
    def fit(self, cards, labels=None):
        self.own = world.load("species").to_pandas().set_index("number")
        return self

    def transform(self, cards):
        table = cards.to_pandas()
        own = self.own.reindex(table["species_number"]).reset_index(drop=True)
        times = {stat: table[stat].clip(lower=1) / own[stat] for stat in ("attack", "special_attack")}
        return pd.DataFrame({"leaning": np.log(times["special_attack"] / times["attack"]).fillna(0)})

    def fit_transform(self, cards, labels=None):
        return self.fit(cards).transform(cards)


def one_feature():
    return Leaning()
