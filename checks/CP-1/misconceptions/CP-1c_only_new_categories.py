"""its distribution moved"""

import polars as pl
from scipy import stats

from cardshop.quality import COMPARED


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
            answer = ((a == 0) | (b == 0)).any()
        else:
            x, y = new.to_numpy().astype(float), old.to_numpy().astype(float)
            answer = stats.ks_2samp(x, y).statistic > 0.2
        rows.append((column, bool(answer)))
    return pl.DataFrame(rows, schema={"column": pl.String, "drifted": pl.Boolean}, orient="row")
