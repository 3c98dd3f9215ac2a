"""Plain Python, card by card, as rows of numbers and words."""

import math

from sklearn.preprocessing import FunctionTransformer


def feature_pipeline():
    species = {row["number"]: row for row in world.load("species").to_dicts()}

    def features(cards):
        rows = []
        for card in cards.to_dicts():
            own = species.get(card["species_number"])
            more = [
                math.log(max(card[stat], 1) / own[stat]) if own and card[stat] is not None else 0.0
                for stat in STATS
            ]
            mean = sum(more) / len(more)
            rows.append(
                {f"more_{stat}": value - mean for stat, value in zip(STATS, more)}
                | {
                    "first": own["type_1"] if own else "?",
                    "second": (own and own["type_2"]) or "-",
                    "text": card["text"] or "-",
                }
            )
        return rows

    return FunctionTransformer(features)
