"""A running sum of what stopping one more group of rows changes."""

import math


def best_threshold(labels, scores, costs):
    change = {}
    for label, score in zip(labels.tolist(), scores.tolist(), strict=True):
        gain = costs["hit"] - costs["miss"] if label else costs["false_alarm"] - costs["let_through"]
        change[score] = change.get(score, 0) + gain
    total = least = 0
    best = math.inf
    for score in sorted(change, reverse=True):
        total += change[score]
        if total < least:
            least, best = total, score
    return best
