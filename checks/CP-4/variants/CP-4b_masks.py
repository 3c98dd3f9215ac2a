"""Masks of texts in numpy, and Wilson's formula written out."""

import math

import numpy as np


def weak_slices(train, cards):
    model = board_model(train.drop("card_type"), train["card_type"].to_numpy())
    right = np.asarray(model.predict(cards.drop("card_type"))) == cards["card_type"].to_numpy()
    found = []
    for column in ("rarity", "stage", "legendary"):
        names = ["null" if value is None else str(value) for value in cards[column]]
        back = {"null": None, "True": True, "False": False}
        for name in sorted(set(names)):
            inside = right[np.array(names) == name]
            share, size = inside.mean(), len(inside)
            if size < 20 or share > right.mean() - 0.1:
                continue
            middle = (share + 1.92 / size) / (1 + 3.84 / size)
            half = 1.96 * math.sqrt(share * (1 - share) / size + 0.96 / size**2) / (1 + 3.84 / size)
            ends = {"low": max(0.0, middle - half), "high": min(1.0, middle + half)}
            value = back.get(name, name)
            found.append(
                {"metric": "accuracy", "slice": {column: value}, "rows": size, "value": share, **ends}
            )
    return found
