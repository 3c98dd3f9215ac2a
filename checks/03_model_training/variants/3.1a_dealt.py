"""Deals shuffled rows to the folds in turn, in plain Python."""

import random


def folds(rows, k, seed):
    if k < 2 or k > rows:
        raise ValueError("k")
    order = list(range(rows))
    random.Random(seed).shuffle(order)
    tests = [order[i::k] for i in range(k)]
    return [([row for row in order if row not in set(test)], test) for test in tests]
