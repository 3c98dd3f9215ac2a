"""Values rounded to four places, and one function for each case."""

import numpy as np
from sklearn.metrics import average_precision_score, log_loss


def fraud(y, p):
    return average_precision_score(y, p)


def churn(y, p):
    edge = np.partition(p, -100)[-100]
    above, tied = p > edge, p == edge
    return (y[above].sum() + (100 - above.sum()) * y[tied].mean()) / 100 / y.mean()


def credit(y, p):
    return log_loss(y, p)


def choices(tables):
    answer = []
    for case, metric, sign, function in (
        ("fraud", "average precision", 1, fraud),
        ("churn", "lift", 1, churn),
        ("credit", "log loss", -1, credit),
    ):
        y, a, b = (tables[case][name].to_numpy() for name in ("label", "a", "b"))
        a, b = function(y, a), function(y, b)
        answer.append(
            {
                "case": case,
                "metric": metric,
                "a": round(float(a), 4),
                "b": round(float(b), 4),
                "choice": "a" if sign * a > sign * b else "b",
            }
        )
    return answer
