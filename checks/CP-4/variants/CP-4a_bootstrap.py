"""Bootstrap intervals where both answers occur, one loop over the slices."""

import numpy as np
from scipy.stats import binomtest


def card_claims(train, cards):
    model = board_model(train.drop("card_type"), train["card_type"].to_numpy())
    truth = cards["card_type"].to_numpy()
    right = model.predict(cards.drop("card_type")) == truth
    rng = np.random.default_rng(0)
    usual = cards["card_type"].mode().sort()[0]
    judged = [("accuracy", {}, right), ("baseline", {}, truth == usual)]
    judged += [("accuracy", {"card_type": kind}, right[truth == kind]) for kind in sorted(set(truth))]
    claims = []
    for metric, part, hits in judged:
        drawn = hits[rng.integers(len(hits), size=(2000, len(hits)))].mean(axis=1)
        low, high = np.quantile(drawn, [0.025, 0.975])
        if len(hits) < 60 or hits.all() or not hits.any():
            low, high = binomtest(int(hits.sum()), len(hits)).proportion_ci(method="wilson")
        claims.append(
            {
                "metric": metric,
                "slice": part,
                "rows": len(hits),
                "value": hits.mean(),
                "low": low,
                "high": high,
            }
        )
    return claims
