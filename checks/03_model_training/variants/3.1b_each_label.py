"""Deals each label by itself, starting where the last one stopped."""

from collections import defaultdict


def stratified_folds(labels, k, seed):
    n = len(labels)
    if k < 2:
        raise ValueError("at least two folds")
    if k > n:
        raise ValueError("more folds than rows")
    rng = np.random.default_rng(seed)
    rows_of = defaultdict(list)
    for row, label in enumerate(labels):
        rows_of[str(label)].append(row)
    tests, place = [[] for _ in range(k)], 0
    for rows in rows_of.values():
        for row in rng.permutation(rows):
            tests[place % k].append(int(row))
            place += 1
    return [(sorted(set(range(n)) - set(test)), sorted(test)) for test in tests]
