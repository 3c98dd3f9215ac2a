"""Shares in place of counts, and many further claims."""

import polars as pl
from scipy import stats

from cardshop.quality import COMPARED, RULES


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
                        "statistic": "share",
                        "table": "delivery",
                        "value": n / table.height,
                        "tolerance": 0.001,
                        "slice": {column: {"min": table.filter(pl.col(column) > rule.high)[column].min()}},
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
    for col in [c for c in COMPARED if c in table.columns and table[c].dtype != pl.String]:
        for tab, t in (("delivery", table), ("reference", reference)):
            for f in ("mean", "median", "std", "min", "max"):
                v = getattr(t[col], f)()
                out.append(
                    {
                        "statistic": f"{f}({col})",
                        "table": tab,
                        "slice": {},
                        "value": v,
                        "tolerance": abs(v) * 0.01,
                    }
                )
            out.append(
                {
                    "statistic": f"unique({col})",
                    "table": tab,
                    "slice": {},
                    "value": t[col].drop_nulls().n_unique(),
                    "tolerance": 0,
                }
            )
    return out
