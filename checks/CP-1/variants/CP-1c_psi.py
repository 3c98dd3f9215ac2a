"""The population stability index over deciles, in numpy."""

import numpy as np
import polars as pl

from cardshop.quality import COMPARED


def drift_findings(delivery, reference):
    ours = restored(delivery, reference)

    def index(then, now):
        if then.dtype == pl.String:
            kinds = sorted(set(then.drop_nulls()))
            counts = [np.array([(side == kind).sum() for kind in kinds]) for side in (then, now)]
        else:
            edges = np.unique(np.quantile(then.drop_nulls(), np.linspace(0, 1, 11)[1:-1]))
            counts = [
                np.bincount(np.searchsorted(edges, side.drop_nulls()), minlength=len(edges) + 1)
                for side in (then, now)
            ]
        a, b = (np.maximum(count, 0.5) / count.sum() for count in counts)
        return float(((b - a) * np.log(b / a)).sum())

    return {
        "column": [name for name in COMPARED if name in ours.columns],
        "drifted": [index(reference[name], ours[name]) > 0.2 for name in COMPARED if name in ours.columns],
    }
