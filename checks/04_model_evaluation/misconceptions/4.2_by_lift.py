"""set the rows of a pattern aside"""
# Slices that are unlikely are taken by their lift, the highest first.

from itertools import combinations

from cardshop.mistakes import COLUMNS
from scipy.stats import hypergeom


def patterns(table):
    rows, wrong = table.height, int(table["wrong"].sum())
    ideas = []
    for names in [*combinations(COLUMNS, 1), *combinations(COLUMNS, 2)]:
        for part in table.select(names).unique(maintain_order=True).iter_rows(named=True):
            inside = table.filter(**part)
            bad, size = int(inside["wrong"].sum()), inside.height
            effect = bad / size - (wrong - bad) / (rows - size)
            if hypergeom.sf(bad - 1, rows, wrong, size) < 1e-5:
                lift = bad / size / max((wrong - bad) / (rows - size), 1e-9)
                ideas.append((lift, {"slice": part, "size": size, "effect": effect}))
    found = []
    for _, idea in sorted(ideas, key=lambda idea: -idea[0]):
        if not any(set(idea["slice"]) & set(other["slice"]) for other in found):  # different columns
            found.append(idea)
    return found
