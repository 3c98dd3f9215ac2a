"""which is sound in this respect"""

import polars as pl

from cardshop import world
from cardshop.quality import RULES


def find_issues(cards):
    species = world.load("species").select(pl.col("number").alias("species_number"), "height_m", "weight_kg")
    table = cards.with_row_index("row", offset=0).join(
        species, on="species_number", how="left", suffix="_species"
    )
    found = []

    def note(column, issue, wrong):
        found.append(
            table.filter(wrong).select("row", pl.lit(column).alias("column"), pl.lit(issue).alias("issue"))
        )

    for name, rule in RULES.items():
        value = pl.col(name)
        if not rule.nullable or True:
            note(name, "missing", value.is_null())
        if rule.low is not None:
            note(name, "out_of_range", ~value.is_between(rule.low, rule.high, closed="none"))
        if rule.allowed is not None:
            note(name, "bad_category", ~value.is_in(rule.allowed))
        if rule.pattern is not None:
            note(name, "malformed", ~value.str.contains(rule.pattern))
        if rule.unique:
            note(name, "duplicate", value.is_not_null() & ~value.is_first_distinct())
        if rule.times_species is not None:
            note(
                name,
                "wrong_unit",
                (value > rule.times_species * pl.col(f"{name}_species")) & (value <= rule.high),
            )
    return pl.concat(found)
