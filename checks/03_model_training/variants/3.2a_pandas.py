"""pandas: a table of scores, a row for each split, and accuracy_score; the columns in another order."""

import pandas as pd
from sklearn.metrics import accuracy_score


def compare(cards, labels, splits):
    scores = pd.DataFrame(
        [
            {
                name: accuracy_score(
                    labels[test], model.fit(cards[train], labels[train]).predict(cards[test])
                )
                for name, model in contenders().items()
            }
            for train, test in splits
        ]
    )
    gains = scores.sub(scores[BASELINE], axis=0)
    train, test = splits[0]
    error = gains.std() * (1 / len(splits) + len(test) / len(train)) ** 0.5
    reach = error * stats.t.ppf(0.975, len(splits) - 1)
    table = pd.DataFrame(
        {
            "high": gains.mean() + reach,
            "low": gains.mean() - reach,
            "gain": gains.mean(),
            "accuracy": scores.mean(),
        }
    )
    return table.rename_axis("model").reset_index()
