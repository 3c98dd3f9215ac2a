"""The math module and a loop over the loans."""

import math
import sys


def credit_loss(labels, risks, weights=None):
    eps = sys.float_info.epsilon
    weights = [1.0] * len(labels) if weights is None else list(weights)
    total = 0.0
    for label, risk, weight in zip(labels, risks, weights, strict=True):
        risk = min(max(float(risk), eps), 1 - eps)
        total -= weight * math.log(risk if label else 1 - risk)
    return total / sum(weights)
