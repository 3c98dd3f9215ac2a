"""Plain Python: the share of each seller from the training fold, in a dict."""

from collections import defaultdict


def score_returns(parcels):
    rows = list(parcels.select("seller_id", "returned").iter_rows())
    right = 0
    for fold in range(5):
        came = defaultdict(lambda: [1, 2])
        for at, (seller, returned) in enumerate(rows):
            if at % 5 != fold:
                came[seller][0] += returned
                came[seller][1] += 1
        right += sum(
            (came[seller][0] / came[seller][1] > 0.5) == returned for seller, returned in rows[fold::5]
        )
    return "none", right / len(rows)
