"""A function that calls itself on the rows that are left; masks in numpy."""

from itertools import combinations

import numpy as np
from scipy.stats import hypergeom

FIELDS = ("rarity", "scanner", "language", "sleeve", "shift", "box")


def slices(columns, rows):
    singles = [((name, value),) for name in FIELDS for value in np.unique(columns[name])]
    for part in singles + [one + two for one, two in combinations(singles, 2) if one[0][0] != two[0][0]]:
        mask = np.logical_and.reduce([columns[name] == value for name, value in part])
        yield dict((name, str(value)) for name, value in part), mask & rows


def search(columns, wrong, rows):
    parts = list(slices(columns, rows))
    bad = np.array([wrong[mask].sum() for _, mask in parts])
    size = np.array([mask.sum() for _, mask in parts])
    luck = hypergeom.sf(bad - 1, rows.sum(), wrong[rows].sum(), size)
    at = int(luck.argmin())
    if luck[at] > 1e-5:
        return []
    part, mask = parts[at]
    return [part, *search(columns, wrong, rows & ~mask)]


def patterns(table):
    wrong = table["wrong"].to_numpy()
    columns = {name: table[name].to_numpy().astype(str) for name in FIELDS}
    claims = []
    for part in search(columns, wrong, np.ones(len(wrong), bool)):
        mask = np.logical_and.reduce([columns[name] == value for name, value in part.items()])
        effect = float(wrong[mask].mean() - wrong[~mask].mean())
        claims.append({"slice": part, "size": int(mask.sum()), "effect": effect})
    return claims
