"""Plain Python: a loop over rows, dicts of what was learned, a list of dicts as the answer."""

import math
from collections import Counter, defaultdict
from statistics import median


def five_features(train, cards):
    middle = {stat: median(value for value in train[stat] if value) for stat in STATS}
    of_species = defaultdict(Counter)
    for number, card_type in train.select("species_number", "card_type").iter_rows():
        of_species[number][card_type] += 1

    def share(number, card_type):
        return of_species[number][card_type] / of_species[number].total() if number in of_species else 1 / 8

    features = []
    for card in cards.iter_rows(named=True):
        stats = {stat: card[stat] or middle[stat] for stat in STATS}
        features.append(
            {
                "more_attack": math.log(stats["attack"] / stats["special_attack"]),
                "more_defense": math.log(stats["defense"] / stats["special_defense"]),
                "text_length": len(card["text"] or ""),
                "water_before": share(card["species_number"], "Water"),
                "fire_before": share(card["species_number"], "Fire"),
            }
        )
    return features
