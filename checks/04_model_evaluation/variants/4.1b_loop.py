"""Plain Python: goes down the scores until the calls are used up."""

from collections import defaultdict


def lift_at(labels, scores, k):
    groups = defaultdict(list)
    for label, score in zip(labels.tolist(), scores.tolist(), strict=True):
        groups[score].append(label)
    rows, true = len(labels), int(labels.sum())
    if not true:
        return 0.0
    left = k = min(k, rows)
    hits = 0.0
    for score in sorted(groups, reverse=True):
        group = groups[score]
        taken = min(left, len(group))
        hits += taken * sum(group) / len(group)
        left -= taken
    return (hits / k) / (true / rows)
