"""retyped among the findings"""

import re

import polars as pl


def schema_findings(delivery: pl.DataFrame, reference: pl.DataFrame) -> pl.DataFrame:
    def plain(name):
        return re.sub("[^a-z0-9]", "", name.lower())

    ours = {plain(c): c for c in reference.columns}
    theirs = {plain(c): c for c in delivery.columns}
    out = [(ours[k], "removed") for k in ours if k not in theirs]
    out += [(theirs[k], "added") for k in theirs if k not in ours]
    out += [(ours[k], "renamed") for k in ours if k in theirs and ours[k] != theirs[k]]
    out += [
        (ours[k], "retyped")
        for k in ours
        if k in theirs
        and reference.schema[ours[k]] != delivery.schema[theirs[k]]
        and not (reference.schema[ours[k]].is_numeric() and delivery.schema[theirs[k]].is_numeric())
    ]
    return pl.DataFrame(out, schema={"column": pl.String, "change": pl.String}, orient="row")
