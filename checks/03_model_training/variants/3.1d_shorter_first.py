"""The shorter blocks come first: their lengths differ by one at most, too."""

import numpy as np


def ordered_folds(days, k, gap):
    different = np.unique(days)
    if k < 2 or gap < 0 or len(different) < k + 1:
        raise ValueError("too few days")
    edges = [len(different) * block // (k + 1) for block in range(k + 2)]
    pairs = []
    for first, after in zip(edges[1:-1], edges[2:], strict=True):
        tested = different[first:after]
        pairs.append((np.flatnonzero(days < tested[0] - gap), np.flatnonzero(np.isin(days, tested))))
    if not len(pairs[0][0]):
        raise ValueError("nothing to train on")
    return pairs
