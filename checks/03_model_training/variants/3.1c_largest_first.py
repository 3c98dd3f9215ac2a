"""The largest group first, ties in a random order, and the folds in a random order too."""


def grouped_folds(groups, k, seed):
    names, sizes = np.unique(groups, return_counts=True)
    if k < 2 or k > len(names):
        raise ValueError("k")
    rng = np.random.default_rng(seed)
    filled, members = [0] * k, [[] for _ in range(k)]
    for place in sorted(rng.permutation(len(names)), key=lambda one: -sizes[one]):
        fold = min(range(k), key=filled.__getitem__)
        filled[fold] += int(sizes[place])
        members[fold].append(names[place])
    rows = np.arange(len(groups))
    return [(rows[~np.isin(groups, m)], rows[np.isin(groups, m)]) for m in members]
