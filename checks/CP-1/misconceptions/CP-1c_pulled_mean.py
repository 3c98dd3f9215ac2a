"""a few absurd values move a mean"""

import numpy as np
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
                shares = [np.array([(side == kind).mean() for kind in then.unique()]) for side in (then, now)]
                moved = bool(np.abs(shares[0] - shares[1]).sum() > 0.3)
            else:
                far = stats.ks_2samp(then.to_numpy(), now.to_numpy()).statistic > 0.15
                moved = bool(far or abs(now.mean() - then.mean()) > 0.2 * then.std())
            rows.append((name, moved))
    return pl.DataFrame(rows, schema=["column", "drifted"], orient="row")
