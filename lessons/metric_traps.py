"""Three lines of evaluation code that look innocent, each beside a careful way: what the lesson on evaluation shows."""

import warnings

import numpy as np
from sklearn.metrics import precision_score, roc_auc_score


def answers_for_scores():
    rng = np.random.default_rng(0)
    stolen = rng.random(5000) < 0.02
    scores = rng.normal(size=5000) + 1.6 * stolen
    flags = scores >= 2.5
    return round(roc_auc_score(stolen, flags), 2)


def scores_themselves():
    rng = np.random.default_rng(0)
    stolen = rng.random(5000) < 0.02
    scores = rng.normal(size=5000) + 1.6 * stolen
    return round(roc_auc_score(stolen, scores), 2)


def nothing_flagged():
    stolen = np.array([True, False, False, False])
    flags = np.array([False, False, False, False])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # scikit-learn warns here, and a nightly job has no reader
        return precision_score(stolen, flags)


def nothing_flagged_is_said():
    stolen = np.array([True, False, False, False])
    flags = np.array([False, False, False, False])
    return precision_score(stolen, flags, zero_division=np.nan)


def accuracy(scores, stolen, cut):
    return ((scores >= cut) == stolen).mean()


def judged_where_chosen():
    rng, found = np.random.default_rng(0), []
    for _ in range(300):  # scores of pure noise: no threshold can help
        scores, stolen = rng.random(40), rng.random(40) < 0.5
        best = max(scores, key=lambda cut: accuracy(scores, stolen, cut))
        found.append(accuracy(scores, stolen, best))
    return round(float(np.mean(found)), 2)


def judged_on_others():
    rng, found = np.random.default_rng(0), []
    for _ in range(300):
        scores, stolen = rng.random(40), rng.random(40) < 0.5
        best = max(scores, key=lambda cut: accuracy(scores, stolen, cut))
        others, outcome = rng.random(40), rng.random(40) < 0.5
        found.append(accuracy(others, outcome, best))
    return round(float(np.mean(found)), 2)
