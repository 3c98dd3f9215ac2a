"""scikit-learn's cross_val_score on the given splits."""

from sklearn.model_selection import cross_val_score


def compare(cards, labels, splits):
    scores = pl.DataFrame(
        {name: cross_val_score(model, cards, labels, cv=splits) for name, model in contenders().items()}
    )
    gains = scores - scores[BASELINE]
    k = len(splits)
    width = stats.t(k - 1).ppf(0.975) * np.sqrt(1 / k + len(splits[0][1]) / len(splits[0][0]))
    return pl.DataFrame(
        {
            "model": scores.columns,
            "accuracy": [scores[name].mean() for name in scores.columns],
            "gain": [gains[name].mean() for name in scores.columns],
            "low": [gains[name].mean() - width * gains[name].std() for name in scores.columns],
            "high": [gains[name].mean() + width * gains[name].std() for name in scores.columns],
        }
    )
