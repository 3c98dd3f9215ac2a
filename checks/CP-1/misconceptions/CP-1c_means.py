"""PSI is"""

import polars as pl

from cardshop.quality import COMPARED


def drift_findings(delivery, reference):
    ours = restored(delivery, reference)
    rows = []
    for name in COMPARED:
        if name in ours.columns:
            then, now = reference[name], ours[name]
            if then.dtype == pl.String:
                moved = set(now.drop_nulls()) - set(then) != set()
            else:
                moved = abs(now.median() - then.median()) > 0.6 * then.std()
            rows.append((name, moved))
    return pl.DataFrame(rows, schema=["column", "drifted"], orient="row")
