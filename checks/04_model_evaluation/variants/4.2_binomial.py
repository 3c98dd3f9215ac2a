"""A binomial probability with the share of all rows, counted in Python dicts."""

from collections import Counter
from itertools import combinations

from scipy.stats import binom

COLUMNS = ["rarity", "scanner", "language", "sleeve", "shift", "box"]


def patterns(table):
    rows = table.to_dicts()
    left, found = rows, []
    while left:
        size, bad = Counter(), Counter()
        for row in left:
            for number in (1, 2):
                for names in combinations(COLUMNS, number):
                    part = tuple((name, row[name]) for name in names)
                    size[part] += 1
                    bad[part] += row["wrong"]
        usual = sum(row["wrong"] for row in left) / len(left)
        keys = [part for part in size if bad[part] > 3]
        luck = (
            binom.sf([bad[part] - 1 for part in keys], [size[part] for part in keys], usual) if keys else []
        )
        if not keys or luck.min() > 1e-5:
            break
        best = dict(keys[luck.argmin()])
        found.append(best)
        left = [row for row in left if not all(row[name] == value for name, value in best.items())]
    claims = []
    for part in found:
        inside = [row["wrong"] for row in rows if all(row[name] == value for name, value in part.items())]
        bad = sum(row["wrong"] for row in rows)
        effect = sum(inside) / len(inside) - (bad - sum(inside)) / (len(rows) - len(inside))
        claims.append({"slice": part, "size": len(inside), "effect": round(effect, 4)})
    return claims
