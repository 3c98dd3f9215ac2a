"""Random keys, sorted together with the labels."""


def stratified_folds(labels, k, seed):
    labels = np.asarray(labels)
    if not 2 <= k <= labels.size:
        raise ValueError("k")
    keys = np.random.default_rng(seed).random(labels.size)
    fold = np.empty(labels.size, dtype=np.int8)
    fold[np.lexsort((keys, labels))] = np.arange(labels.size) % k
    return [(np.where(fold != one)[0], np.where(fold == one)[0]) for one in range(k)]
