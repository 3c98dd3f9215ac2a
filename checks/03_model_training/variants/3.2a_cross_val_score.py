"""scikit-learn's cross_val_score, given the splits."""

from sklearn.model_selection import cross_val_score


def compare(cards, labels, splits):
    scores = pl.DataFrame(
        {name: cross_val_score(model, cards, labels, cv=splits) for name, model in contenders().items()}
    )
    k, test_to_train = len(splits), len(splits[0][1]) / len(splits[0][0])
    gains = scores.select(pl.all() - pl.col(BASELINE))
    factor = stats.t.ppf(0.975, k - 1) * (1 / k + test_to_train) ** 0.5
    return pl.DataFrame(
        {
            "model": scores.columns,
            "accuracy": scores.mean().row(0),
            "gain": gains.mean().row(0),
            "reach": [factor * one for one in gains.std().row(0)],
        }
    ).select(
        "model",
        "accuracy",
        "gain",
        low=pl.col("gain") - pl.col("reach"),
        high=pl.col("gain") + pl.col("reach"),
    )
