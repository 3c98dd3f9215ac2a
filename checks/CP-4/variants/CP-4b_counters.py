"""Plain Python: one dict of lists, keyed by column and value."""

from collections import defaultdict

from scipy.stats import binomtest


def weak_slices(train, cards):
    model = board_model(train.drop("card_type"), train["card_type"].to_numpy())
    said = model.predict(cards.drop("card_type"))
    hits = [bool(one == kind) for one, kind in zip(said, cards["card_type"], strict=True)]
    slices = defaultdict(list)
    for row, hit in zip(cards.iter_rows(named=True), hits, strict=True):
        for column in ("rarity", "stage", "legendary"):
            slices[column, row[column]].append(hit)
    bar, claims = sum(hits) / len(hits) - 0.1, []
    for (column, value), inside in slices.items():
        share = sum(inside) / len(inside)
        if len(inside) >= 20 and share <= bar:
            ends = binomtest(sum(inside), len(inside)).proportion_ci(method="exact")
            claims.append(
                {
                    "metric": "accuracy",
                    "slice": {column: value},
                    "rows": len(inside),
                    "value": share,
                    "low": ends.low,
                    "high": ends.high,
                }
            )
    return claims
