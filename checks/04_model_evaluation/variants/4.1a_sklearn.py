"""scikit-learn, with the one case that it warns about taken out."""

from sklearn.metrics import average_precision_score


def average_precision(labels, scores, weights=None):
    if not labels.any():
        return 0.0
    return float(average_precision_score(labels, scores, sample_weight=weights))
