"""numpy: one matrix of scores, models by splits, and scipy's interval."""


def score(model, cards, labels, train, test):
    return float(np.mean(model.fit(cards[train], labels[train]).predict(cards[test]) == labels[test]))


def compare(cards, labels, splits):
    names = list(contenders())
    scores = np.array(
        [[score(contenders()[name], cards, labels, *split) for split in splits] for name in names]
    )
    gains = scores - scores[names.index(BASELINE)]
    k, ratio = len(splits), len(splits[0][1]) / len(splits[0][0])
    error = np.sqrt(gains.var(axis=1, ddof=1) * (1 / k + ratio))
    width = stats.t(k - 1).isf(0.025) * error
    means = gains.mean(axis=1)
    return [
        dict(
            zip(
                ("model", "accuracy", "gain", "low", "high"),
                map(lambda x: x if isinstance(x, str) else float(x), row),
            )
        )
        for row in zip(names, scores.mean(axis=1), means, means - width, means + width)
    ]
