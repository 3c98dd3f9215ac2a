"""Dictionaries and lists."""

import random


def grouped_folds(groups, k, seed):
    rows_of = {}
    for row, group in enumerate(groups.tolist()):
        rows_of.setdefault(group, []).append(row)
    if not 2 <= k <= len(rows_of):
        raise ValueError("k")
    names = sorted(rows_of)
    random.Random(seed).shuffle(names)
    tests = [[] for _ in range(k)]
    for name in names:
        min(tests, key=len).extend(rows_of[name])
    return [
        ([row for row in range(len(groups)) if row not in test], test)
        for test in map(set, tests)
        for test in [sorted(test)]
    ]
