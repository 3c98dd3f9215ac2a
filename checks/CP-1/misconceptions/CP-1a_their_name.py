"""renamed among the findings"""

import re

import polars as pl


def schema_findings(delivery: pl.DataFrame, reference: pl.DataFrame) -> pl.DataFrame:
    def plain(n):
        return re.sub("[^a-z0-9]", "", n.lower())

    ours = {plain(c): c for c in reference.columns}
    theirs = {plain(c): c for c in delivery.columns}
    out = [(ours[k], "removed") for k in ours if k not in theirs]
    out += [(theirs[k], "added") for k in theirs if k not in ours]
    out += [(theirs[k], "renamed") for k in ours if k in theirs and ours[k] != theirs[k]]
    out += [
        (ours[k], "retyped")
        for k in ours
        if k in theirs and reference[ours[k]].dtype != delivery[theirs[k]].dtype
    ]
    return pl.DataFrame(out, schema={"column": pl.String, "change": pl.String}, orient="row")
