"""at least two claims about different damage"""

import polars as pl
from scipy import stats

from cardshop.quality import RULES


def claims(delivery: pl.DataFrame, reference: pl.DataFrame) -> list[dict]:
    table = restored(delivery, reference)
    out = [{"statistic": "rows", "table": "delivery", "slice": {}, "value": delivery.height, "tolerance": 0}]
    for column, rule in RULES.items():
        if column in table.columns and rule.high is not None:
            n = table.filter(pl.col(column) > rule.high).height
            if n:
                for k in range(1, 6):
                    out.append(
                        {
                            "statistic": "rows",
                            "table": "delivery",
                            "slice": {column: {"min": rule.high + k / 10}},
                            "value": n,
                            "tolerance": 0,
                        }
                    )
                return_now = True
                break
    else:
        for column in table.columns:
            if not RULES[column].nullable and table[column].null_count():
                for r in ("delivery",):
                    out.append(
                        {
                            "statistic": f"share_missing({column})",
                            "table": r,
                            "slice": {},
                            "value": table[column].null_count() / table.height,
                            "tolerance": 0.001,
                        }
                    )
                break

    for column in drift_findings(delivery, reference).filter(pl.col("drifted"))["column"]:
        if table[column].dtype == pl.String:
            continue
        x, y = (
            table[column].drop_nulls().to_numpy().astype(float),
            reference[column].drop_nulls().to_numpy().astype(float),
        )
        out.append(
            {
                "statistic": f"ks({column})",
                "table": "delivery",
                "slice": {},
                "value": float(stats.ks_2samp(x, y).statistic),
                "tolerance": 0.005,
            }
        )
    return out
