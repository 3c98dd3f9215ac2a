"""The stability index in the middle of the gap, values out of range left out."""

import numpy as np
import polars as pl

from cardshop.quality import COMPARED, RULES


def drift_findings(delivery: pl.DataFrame, reference: pl.DataFrame) -> pl.DataFrame:
    table = restored(delivery, reference)
    rows = []
    for column in COMPARED:
        if column not in table.columns:
            continue
        new, old = table[column].drop_nulls(), reference[column].drop_nulls()
        if old.dtype == pl.String:
            a = new.value_counts(normalize=True)
            b = old.value_counts(normalize=True)
            both = b.join(a, on=column, how="full", suffix="_new", coalesce=True).fill_null(0)
            b, a = both["proportion"].to_numpy(), both["proportion_new"].to_numpy()
            a, b = a.clip(1e-4), b.clip(1e-4)
            answer = ((a - b) * np.log(a / b)).sum() > 0.3
        else:
            rule = RULES[column]
            new = new.filter(new.is_between(rule.low, rule.high))
            x, y = new.to_numpy().astype(float), old.to_numpy().astype(float)
            edges = np.quantile(y, np.linspace(0.1, 0.9, 9))
            a = np.bincount(np.searchsorted(edges, x, side="right"), minlength=10) / len(x)
            b = np.bincount(np.searchsorted(edges, y, side="right"), minlength=10) / len(y)
            a, b = a.clip(1e-4), b.clip(1e-4)
            answer = ((a - b) * np.log(a / b)).sum() > 0.3
        rows.append((column, bool(answer)))
    return pl.DataFrame(rows, schema={"column": pl.String, "drifted": pl.Boolean}, orient="row")
