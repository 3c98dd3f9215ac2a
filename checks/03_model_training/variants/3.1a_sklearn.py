"""scikit-learn's own."""

from sklearn.model_selection import KFold


def folds(rows, k, seed):
    return list(KFold(k, shuffle=True, random_state=seed).split(np.zeros(rows)))
