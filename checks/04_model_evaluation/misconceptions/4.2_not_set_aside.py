"""a false discovery"""
# The clearest slices are taken that do not lie inside each other, and the rows of none are set aside.

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
            luck = hypergeom.sf(bad - 1, rows, wrong, size)
            if luck < 1e-5:
                effect = bad / size - (wrong - bad) / (rows - size)
                ideas.append((luck, {"slice": part, "size": size, "effect": effect}))
    found = []
    for _, idea in sorted(ideas, key=lambda idea: idea[0]):
        part = idea["slice"].items()
        if not any(part <= other["slice"].items() or other["slice"].items() <= part for other in found):
            found.append(idea)
    return found
