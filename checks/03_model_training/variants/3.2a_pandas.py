"""A long table in pandas, grouped by model."""

import pandas as pd
from sklearn.base import clone
from sklearn.metrics import accuracy_score


def compare(cards, labels, splits):
    long = []
    for name, model in contenders().items():
        for fold, (train, test) in enumerate(splits):
            fresh = clone(model).fit(cards[train.tolist()], labels[train])
            long.append(
                {
                    "model": name,
                    "fold": fold,
                    "accuracy": accuracy_score(labels[test], fresh.predict(cards[test.tolist()])),
                }
            )
    long = pd.DataFrame(long)
    base = long[long.model == BASELINE].set_index("fold").accuracy
    long["gain"] = long.accuracy - long.fold.map(base)
    table = long.groupby("model", sort=False).agg(
        accuracy=("accuracy", "mean"), gain=("gain", "mean"), sd=("gain", "std")
    )
    k, (train, test) = len(splits), splits[0]
    table["reach"] = stats.t.ppf(0.975, k - 1) * table.sd * (1 / k + len(test) / len(train)) ** 0.5
    table["low"], table["high"] = table.gain - table.reach, table.gain + table.reach
    return table.drop(columns=["sd", "reach"]).reset_index()
