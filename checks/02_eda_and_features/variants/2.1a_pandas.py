"""pandas: ratios with a floor instead of logarithms, gaps filled with the mean of the species, a count of cards."""

import pandas as pd


def five_features(train, cards):
    seen, asked = train.to_pandas(), cards.to_pandas()
    of_species = seen.groupby("species_number")[STATS].mean()
    usual = of_species.reindex(asked["species_number"]).reset_index(drop=True).fillna(seen[STATS].mean())
    stats = asked[STATS].astype(float)
    stats = stats.mask(stats <= 0).fillna(usual)
    return pd.DataFrame(
        {
            "attack_to_defense": stats["attack"] / stats["defense"],
            "special_to_special": stats["special_attack"] / stats["special_defense"],
            "speed_of_all": stats["speed"] / stats.sum(axis=1),
            "hp_to_usual": stats["hp"] / usual["hp"],
            "cards_of_species": asked["species_number"].map(seen["species_number"].value_counts()).fillna(0),
        }
    )
