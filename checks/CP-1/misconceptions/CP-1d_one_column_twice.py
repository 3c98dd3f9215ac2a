"""at least two claims about drift"""

import polars as pl
from scipy import stats


def claims(delivery, reference):
    ours, issues = restored(delivery, reference), quality_findings(delivery, reference)
    found = [{"statistic": "rows", "table": "delivery", "slice": {}, "value": ours.height, "tolerance": 0}]
    for name in issues.filter(pl.col("issue") == "missing")["column"].unique():
        found.append(
            {
                "statistic": f"share_missing({name})",
                "table": "delivery",
                "slice": {},
                "value": ours[name].null_count() / ours.height,
                "tolerance": 0.0001,
            }
        )
    drifted = [
        n
        for n in drift_findings(delivery, reference).filter("drifted")["column"]
        if ours.schema[n].is_numeric()
    ]
    name = drifted[0]
    then, now = (side[name].drop_nulls().to_numpy() for side in (reference, ours))
    found += [
        {
            "statistic": f"ks({name})",
            "table": "delivery",
            "slice": {},
            "value": float(stats.ks_2samp(then, now).statistic),
            "tolerance": t,
        }
        for t in (0.001,)
    ]
    return found + [
        {
            "statistic": f"unique({n})",
            "table": "delivery",
            "slice": {},
            "value": ours[n].drop_nulls().n_unique(),
            "tolerance": 0,
        }
        for n in ("name", "rarity")
    ]
