"""duplicate among the findings"""

import polars as pl

from cardshop import world
from cardshop.quality import RULES


def quality_findings(delivery: pl.DataFrame, reference: pl.DataFrame) -> pl.DataFrame:
    table = restored(delivery, reference).with_row_index("row")
    found = []

    def note(frame, column, issue):
        found.append(
            frame.select(
                pl.col("row").cast(pl.Int64), pl.lit(column).alias("column"), pl.lit(issue).alias("issue")
            )
        )

    for column, rule in RULES.items():
        if column not in table.columns:
            continue
        c = pl.col(column)
        if not rule.nullable:
            note(table.filter(c.is_null()), column, "missing")
        if rule.low is not None:
            note(table.filter(c < rule.low), column, "out_of_range")
        if rule.high is not None:
            note(table.filter(c > rule.high), column, "out_of_range")
        if rule.allowed is not None:
            note(table.filter(~c.is_in(rule.allowed)), column, "bad_category")
        if rule.pattern is not None:
            note(table.filter(~c.str.contains(rule.pattern)), column, "malformed")
        if rule.unique:
            note(table.filter(~pl.struct(pl.exclude("row")).is_first_distinct()), column, "duplicate")
        if rule.times_species is not None and "species_number" in table.columns:
            species = world.load("species").select(
                pl.col("number").alias("species_number"), pl.col(column).alias("own")
            )
            j = table.join(species, on="species_number", how="inner")
            note(j.filter((c > rule.times_species * pl.col("own")) & (c <= rule.high)), column, "wrong_unit")
    return pl.concat(found).sort("row")
