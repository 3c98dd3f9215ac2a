"""some rows of one day are tested and others are not"""
# It cuts the sorted rows into blocks, so that two rows of a day land on both sides of a cut.


def ordered_folds(days, k, gap=0):
    order = np.argsort(days, kind="stable")
    if k < 2 or gap < 0 or len(np.unique(days)) < k + 1:
        raise ValueError("too few days")
    pairs = []
    for test in np.array_split(order, k + 1)[1:]:
        train = np.flatnonzero(days < days[test].min() - gap)
        if len(train) == 0:
            raise ValueError("nothing to train on")
        pairs.append((train, test))
    return pairs
