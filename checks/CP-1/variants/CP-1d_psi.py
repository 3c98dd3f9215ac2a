"""psi by the definition in the notebook, shares of missing values, one slice with a list."""

import numpy as np
import polars as pl


def claims(delivery, reference):
    ours, issues = restored(delivery, reference), quality_findings(delivery, reference)

    def psi(then, now):
        edges = np.unique(np.quantile(then, np.arange(1, 10) / 10))
        shares = []
        for side in (then, now):
            counts = np.bincount(np.searchsorted(edges, side, side="right"), minlength=len(edges) + 1)
            shares.append(np.maximum(counts / counts.sum(), 0.0001))
        return float(((shares[1] - shares[0]) * np.log(shares[1] / shares[0])).sum())

    found = [("rows", {}, ours.height, 0)]
    for name in issues.filter(pl.col("issue") == "missing")["column"].unique():
        found.append((f"share_missing({name})", {}, ours[name].is_null().mean(), 0.0001))
    for row, column, issue in issues.filter(pl.col("issue").is_in(["bad_category", "malformed"])).rows():
        value = ours[column][row]
        found.append(("rows", {column: [value]}, (ours[column] == value).sum(), 0))
    for name in drift_findings(delivery, reference).filter("drifted")["column"]:
        if ours.schema[name].is_numeric():
            sides = [side[name].drop_nulls().to_numpy() for side in (reference, ours)]
            found.append((f"psi({name})", {}, psi(*sides), 0.004))
    unique = {
        (statistic, str(where)): (statistic, where, value, tolerance)
        for statistic, where, value, tolerance in found
    }
    return [
        {"statistic": s, "table": "delivery", "slice": w, "value": float(v), "tolerance": t}
        for s, w, v, t in unique.values()
    ]
