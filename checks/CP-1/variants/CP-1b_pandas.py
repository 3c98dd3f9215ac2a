"""A mask for each rule, in pandas."""

import polars as pl

from cardshop import world
from cardshop.quality import RULES


def quality_findings(delivery: pl.DataFrame, reference: pl.DataFrame) -> pl.DataFrame:
    import pandas as pd

    table = restored(delivery, reference).to_pandas()
    species = world.load("species").to_pandas().set_index("number")
    rows = []
    for column in table.columns:
        rule, values = RULES[column], table[column]
        null = values.isna()
        marks = {}
        if not rule.nullable:
            marks["missing"] = null
        if rule.low is not None or rule.high is not None:
            marks["out_of_range"] = ~null & ~values.astype(float).between(rule.low, rule.high)
        if rule.allowed:
            marks["bad_category"] = ~null & ~values.isin(rule.allowed)
        if rule.pattern:
            marks["malformed"] = ~null & ~values.fillna("").astype(str).str.fullmatch(
                rule.pattern.strip("^$")
            )
        if rule.unique:
            marks["duplicate"] = ~null & values.duplicated(keep="first")
        if rule.times_species and "species_number" in table.columns:
            own = table["species_number"].map(species[column])
            marks["wrong_unit"] = (values > own * rule.times_species) & (values <= rule.high)
        for issue, mark in marks.items():
            rows += [{"issue": issue, "column": column, "row": int(i)} for i in mark[mark].index]
    return pl.from_pandas(pd.DataFrame(rows, columns=["issue", "column", "row"]))
