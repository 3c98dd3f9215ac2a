"""many thousand rows"""

import polars as pl
from scipy import stats

from cardshop.quality import COMPARED


def drift_findings(delivery, reference):
    ours = restored(delivery, reference)
    rows = []
    for name in COMPARED:
        if name in ours.columns:
            then, now = reference[name].drop_nulls(), ours[name].drop_nulls()
            if then.dtype == pl.String:
                ranks = {kind: rank for rank, kind in enumerate(sorted(set(then)))}
                then, now = ([ranks.get(kind, -1) for kind in side] for side in (then, now))
            rows.append((name, bool(stats.ks_2samp(then, now).pvalue < 1e-6)))
    return pl.DataFrame(rows, schema=["column", "drifted"], orient="row")
