"""renamed among the findings"""

import polars as pl


def schema_findings(delivery, reference):
    rows = [(name, "added") for name in delivery.columns if name not in reference.columns]
    rows += [(name, "removed") for name in reference.columns if name not in delivery.columns]
    rows += [
        (name, "retyped")
        for name in reference.columns
        if name in delivery.columns and delivery.schema[name] != reference.schema[name]
    ]
    return pl.DataFrame(rows, schema=["column", "change"], orient="row")
