"""missing among the findings"""

import polars as pl

from cardshop import world
from cardshop.quality import RULES


def quality_findings(delivery, reference):
    species = world.load("species").select(pl.col("number").alias("species_number"), "height_m", "weight_kg")
    cards = restored(delivery, reference)
    table = cards.with_row_index("row").join(species, on="species_number", how="left", suffix="_species")
    found = []

    def note(column: str, issue: str, wrong: pl.Expr) -> None:
        found.append(
            table.filter(wrong).select("row", pl.lit(column).alias("column"), pl.lit(issue).alias("issue"))
        )

    for name in cards.columns:
        rule, value = RULES[name], pl.col(name)
        if not rule.nullable:
            note(name, "missing", value.cast(pl.String) == "")
        if rule.low is not None:
            note(name, "out_of_range", ~value.is_between(rule.low, rule.high))
        if rule.allowed is not None:
            note(name, "bad_category", ~value.is_in(rule.allowed))
        if rule.pattern is not None:
            note(name, "malformed", ~value.str.contains(rule.pattern))
        if rule.unique:
            note(name, "duplicate", value.is_not_null() & ~value.is_first_distinct())
        if rule.times_species is not None:
            too_much = rule.times_species * pl.col(f"{name}_species")
            note(name, "wrong_unit", (value > too_much) & (value <= rule.high))
    return pl.concat(found)
