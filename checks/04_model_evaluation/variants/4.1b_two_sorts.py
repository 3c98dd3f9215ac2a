"""The best and the worst order of the ties: the expected value is between them, by the share of places."""

import numpy as np


def lift_at(labels, scores, k):
    if labels.sum() == 0:
        return 0.0
    k = min(k, len(scores))
    order = np.lexsort((~labels, -scores))
    edge = scores[order][k - 1]
    tied = np.flatnonzero(scores[order] == edge)
    chances = np.where(scores[order] > edge, 1.0, 0.0)
    chances[tied] = (k - tied[0]) / len(tied)
    return float(chances @ labels[order] / k / np.mean(labels))
