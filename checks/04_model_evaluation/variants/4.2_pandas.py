"""pandas groups, Fisher's probability written with hypergeom, a stricter bar."""

from itertools import chain, combinations

import pandas as pd
from scipy.stats import hypergeom

NAMES = ["rarity", "scanner", "language", "sleeve", "shift", "box"]


def clearest(frame):
    best = (1.0, None)
    for names in chain(combinations(NAMES, 1), combinations(NAMES, 2)):
        groups = frame.groupby(list(names))["wrong"].agg(["sum", "size"])
        luck = hypergeom.sf(groups["sum"] - 1, len(frame), frame["wrong"].sum(), groups["size"])
        at = luck.argmin()
        if luck[at] < best[0]:
            values = groups.index[at]
            values = values if isinstance(values, tuple) else (values,)
            best = (luck[at], dict(zip(names, values, strict=True)))
    return best


def patterns(table):
    frame = pd.DataFrame(table.to_dict(as_series=False))
    left, claims = frame, []
    while len(left):
        chance, part = clearest(left)
        if part is None or chance > 3e-6:
            return claims
        inside = (frame[list(part)] == pd.Series(part)).all(axis=1)
        effect = frame.loc[inside, "wrong"].mean() - frame.loc[~inside, "wrong"].mean()
        claims.append({"slice": part, "size": int(inside.sum()), "effect": float(effect)})
        left = left[~inside.loc[left.index]]
    return claims
