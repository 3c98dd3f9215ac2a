"""A running sum over groups of equal scores, highest first."""

from collections import defaultdict


def threshold_elsewhere(labels, scores, costs, share):
    counts = {True: int(labels.sum()), False: int(len(labels) - labels.sum())}
    parts = {True: share, False: 1 - share}
    for kind, part in parts.items():
        if part and not counts[kind]:
            raise ValueError(f"no rows are {kind}")
    gains = {True: costs["hit"] - costs["miss"], False: costs["false_alarm"] - costs["let_through"]}
    change = defaultdict(float)
    for label, score in zip(labels.tolist(), scores.tolist(), strict=True):
        change[score] += gains[label] * parts[label] / counts[label]
    total, least, best = 0.0, 0.0, float("inf")
    for score in sorted(change, reverse=True):
        total += change[score]
        if total < least - 1e-12:
            least, best = total, score
    return best
