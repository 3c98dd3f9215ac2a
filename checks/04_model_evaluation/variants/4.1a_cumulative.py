"""One sort and running sums; of equal scores only the last row is kept."""

import numpy as np


def average_precision(labels, scores, weights=None):
    weights = np.ones(len(labels)) if weights is None else np.asarray(weights, float)
    order = np.argsort(-scores)
    hits, flagged = np.cumsum((weights * labels)[order]), np.cumsum(weights[order])
    if hits[-1] == 0:
        return 0.0
    last = np.append(np.diff(scores[order]) != 0, True)
    recall = np.append(0, hits[last] / hits[-1])
    return float((np.diff(recall) * hits[last] / flagged[last]).sum())
