"""Searches: the largest differences of all pairs of columns, one for each column that is described."""


def market_findings(market):
    found = []
    for column in ("asking_price", "discount", "print_run", "hp"):
        best = (0, None, None, None)
        for by in ("condition", "channel", "legendary", "card_type"):
            for wanted in market[by].drop_nulls().unique().sort():
                known = market.filter(pl.col(by).is_not_null(), pl.col(column).is_not_null())
                inside = known.filter(pl.col(by) == wanted)[column]
                others = known.filter(pl.col(by) != wanted)[column]
                if min(len(inside), len(others)) >= 200 and others.mean():
                    size = abs(inside.mean() / others.mean() - 1)
                    if size > best[0]:
                        best = (size, by, wanted, inside.mean())
        found.append((column, *best))
    found.sort(key=lambda one: -one[1])
    return tuple(
        {
            "statistic": f"mean({column})",
            "table": "market",
            "slice": {by: wanted},
            "value": round(value, 4),
            "tolerance": round(value * 0.015, 5),
        }
        for column, _, by, wanted, value in found[:3]
    )
