"""Everything from its definition, in numpy."""

import numpy as np


def steps(y, p):
    order = np.argsort(-p)
    hits, last = np.cumsum(y[order]), np.append(np.diff(p[order]) != 0, True)
    recall = np.append(0, hits[last] / hits[-1])
    return float(np.diff(recall) @ (hits[last] / np.flatnonzero(last).__add__(1)))


def hundred(y, p):
    edge = np.sort(p)[-100]
    room = 100 - (p > edge).sum()
    return float((y[p > edge].sum() + room * y[p == edge].mean()) / 100 / y.mean())


def surprise(y, p):
    return float(-np.log(np.where(y, p, 1 - p).clip(1e-15)).mean())


PLAN = {"fraud": ("average precision", steps), "churn": ("lift", hundred), "credit": ("log loss", surprise)}


def choices(tables):
    found = []
    for case, (name, metric) in PLAN.items():
        y = tables[case]["label"].to_numpy()
        a, b = metric(y, tables[case]["a"].to_numpy()), metric(y, tables[case]["b"].to_numpy())
        first = (a < b) if name == "log loss" else (a > b)
        found.append({"case": case, "metric": name, "a": a, "b": b, "choice": "ba"[first]})
    return found
