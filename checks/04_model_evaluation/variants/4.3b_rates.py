"""By the rates of hits and false alarms at each threshold."""

import numpy as np


def threshold_elsewhere(labels, scores, costs, share):
    def rate(rows, part, cut):
        if part == 0:
            return 0.0
        if not rows.any():
            raise ValueError("this class has no rows")
        return (scores[rows] >= cut).mean()

    def expected(cut):
        hits, alarms = rate(labels, share, cut), rate(~labels, 1 - share, cut)
        true = hits * costs["hit"] + (1 - hits) * costs["miss"]
        false = alarms * costs["false_alarm"] + (1 - alarms) * costs["let_through"]
        return share * true + (1 - share) * false

    cuts = np.append(np.unique(scores), scores.max() + 1)
    return float(cuts[np.argmin([expected(cut) for cut in cuts])])
