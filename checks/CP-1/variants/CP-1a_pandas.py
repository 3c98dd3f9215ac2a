"""pandas, with the columns of the answer in the other order."""

import polars as pl


def schema_findings(delivery: pl.DataFrame, reference: pl.DataFrame) -> pl.DataFrame:
    import pandas as pd

    def plain(name):
        return "".join(c for c in name.casefold() if c.isalnum())

    new = pd.Series({plain(c): c for c in delivery.columns})
    old = pd.Series({plain(c): c for c in reference.columns})
    out = []
    for key in sorted(set(new.index) | set(old.index)):
        if key not in old:
            out.append({"change": "added", "column": new[key]})
        elif key not in new:
            out.append({"change": "removed", "column": old[key]})
        else:
            if new[key] != old[key]:
                out.append({"change": "renamed", "column": old[key]})
            if delivery.schema[new[key]] != reference.schema[old[key]]:
                out.append({"change": "retyped", "column": old[key]})
    return pl.from_pandas(pd.DataFrame(out, columns=["change", "column"]).sort_values("change"))
