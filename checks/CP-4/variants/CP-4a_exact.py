"""The exact interval of Clopper and Pearson, which is a little wider, and plain Python counters."""

from collections import Counter

from scipy.stats import binomtest


def card_claims(train, cards):
    model = board_model(train.drop("card_type"), train["card_type"].to_numpy())
    truth = cards["card_type"].to_list()
    said = list(model.predict(cards.drop("card_type")))
    rows = Counter(truth)
    right = Counter(kind for kind, answer in zip(truth, said, strict=True) if kind == answer)

    def claim(metric, part, hits, size):
        ends = binomtest(hits, size).proportion_ci(method="exact")
        return {
            "metric": metric,
            "slice": part,
            "rows": size,
            "value": hits / size,
            "low": float(ends.low),
            "high": float(ends.high),
        }

    return [
        *(claim("accuracy", {"card_type": kind}, right[kind], size) for kind, size in rows.items()),
        claim("baseline", {}, max(rows.values()), len(truth)),
        claim("accuracy", {}, sum(right.values()), len(truth)),
    ]
