"""rows with the same score were taken one after the other

A sort without groups: the value depends on the order of the table."""

import numpy as np


def average_precision(labels, scores, weights=None):
    if not labels.any():
        return 0.0
    weights = np.ones(len(labels)) if weights is None else weights
    order = np.argsort(-scores, kind="stable")
    hits = np.cumsum((weights * labels)[order])
    precision = hits / np.cumsum(weights[order])
    return float(((weights * labels)[order] * precision).sum() / hits[-1])
