"""pandas: bins by qcut, shares by value_counts."""

import numpy as np
import polars as pl

from cardshop.quality import COMPARED


def drift_findings(delivery: pl.DataFrame, reference: pl.DataFrame) -> pl.DataFrame:
    import pandas as pd

    new, old = restored(delivery, reference).to_pandas(), reference.to_pandas()
    out = {}
    for column in set(COMPARED) & set(new.columns):
        x, y = new[column].dropna(), old[column].dropna()
        if not pd.api.types.is_numeric_dtype(y):
            x = x[x.isin(set(y))]
        else:
            _, edges = pd.qcut(y, 10, retbins=True, duplicates="drop")
            edges[0], edges[-1] = -np.inf, np.inf
            x, y = pd.cut(x, edges), pd.cut(y, edges)
        a, b = x.value_counts(normalize=True).align(y.value_counts(normalize=True), fill_value=0)
        a, b = a.to_numpy().clip(1e-4), b.to_numpy().clip(1e-4)
        out[column] = float(((a - b) * np.log(a / b)).sum()) > 0.4
    return pl.from_pandas(pd.DataFrame({"drifted": out.values(), "column": out.keys()}))
