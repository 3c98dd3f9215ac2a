"""Both terms of the textbook formula, after clipping."""

import numpy as np


def credit_loss(labels, risks, weights=None):
    p = np.clip(np.asarray(risks, float), np.finfo(float).eps, 1 - np.finfo(float).eps)
    y = labels.astype(float)
    w = np.ones(len(y)) if weights is None else weights
    return float(-(w @ (y * np.log(p) + (1 - y) * np.log(1 - p))) / w.sum())
