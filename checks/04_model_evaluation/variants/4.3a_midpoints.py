"""Thresholds between neighbouring scores, and one beyond each end."""

import numpy as np


def best_threshold(labels, scores, costs):
    points = np.unique(scores)
    cuts = [points[0] - 1, *((points[1:] + points[:-1]) / 2), points[-1] + 1]

    def total(cut):
        stopped = scores >= cut
        return (
            costs["hit"] * (labels & stopped).sum()
            + costs["miss"] * (labels & ~stopped).sum()
            + costs["false_alarm"] * (~labels & stopped).sum()
            + costs["let_through"] * (~labels & ~stopped).sum()
        )

    return float(min(cuts, key=total))
