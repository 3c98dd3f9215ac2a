"""The smaller blocks come first."""


def ordered_folds(days, k, gap=0):
    different, codes = np.unique(days, return_inverse=True)
    n = len(different)
    if k < 2 or gap < 0 or n <= k:
        raise ValueError("this cannot be split")
    block = np.arange(n) * (k + 1) // n
    pairs = []
    for one in range(1, k + 1):
        first = different[block == one][0]
        train, test = np.flatnonzero(first - days > gap), np.flatnonzero(block[codes] == one)
        if train.size == 0:
            raise ValueError(f"a gap of {gap} leaves nothing")
        pairs.append((train, test))
    return tuple(pairs)
