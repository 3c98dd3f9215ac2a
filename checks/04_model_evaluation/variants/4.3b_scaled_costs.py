"""The costs are scaled for each class, the rows count one each."""

import math

import numpy as np


def threshold_elsewhere(labels, scores, costs, share):
    true, false = int(labels.sum()), int((~labels).sum())
    if (share > 0 and true == 0) or (share < 1 and false == 0):
        raise ValueError("a class has a share and no rows")
    up, down = share / max(true, 1), (1 - share) / max(false, 1)
    change = np.where(
        labels, (costs["hit"] - costs["miss"]) * up, (costs["false_alarm"] - costs["let_through"]) * down
    )
    cuts = [math.inf, *np.unique(scores).tolist()]
    return min(cuts, key=lambda cut: change[scores >= cut].sum())
