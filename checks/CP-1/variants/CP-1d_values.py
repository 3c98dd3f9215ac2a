"""Slices that list the bad values."""

import polars as pl
from scipy import stats

from cardshop.quality import RULES


def claims(delivery: pl.DataFrame, reference: pl.DataFrame) -> list[dict]:
    table = restored(delivery, reference)
    out = [{"statistic": "rows", "table": "delivery", "slice": {}, "value": delivery.height, "tolerance": 0}]
    for column, rule in RULES.items():
        if column not in table.columns:
            continue
        if not rule.nullable and table[column].null_count():
            out.append(
                {
                    "statistic": f"share_missing({column})",
                    "table": "delivery",
                    "slice": {},
                    "value": table[column].null_count() / table.height,
                    "tolerance": 0.001,
                }
            )
        if rule.high is not None:
            n = table.filter(pl.col(column) > rule.high).height
            if n:
                out.append(
                    {
                        "statistic": "rows",
                        "table": "delivery",
                        "value": n,
                        "tolerance": 0,
                        "slice": {
                            column: table.filter(pl.col(column) > rule.high)[column].unique().sort().to_list()
                        },
                    }
                )
        if rule.allowed:
            bad = [v for v in table[column].unique().drop_nulls() if v not in rule.allowed]
            if bad:
                out.append(
                    {
                        "statistic": "rows",
                        "table": "delivery",
                        "slice": {column: sorted(bad)},
                        "value": table.filter(pl.col(column).is_in(bad)).height,
                        "tolerance": 0,
                    }
                )
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
