"""Lazy queries, one chain of conditions for each column."""

import polars as pl

from cardshop import world
from cardshop.quality import RULES


def quality_findings(delivery: pl.DataFrame, reference: pl.DataFrame) -> pl.DataFrame:
    table = restored(delivery, reference).lazy().with_row_index("row")
    names = [c for c in table.collect_schema().names() if c != "row"]
    if "species_number" in names:
        own = (
            world.load("species")
            .lazy()
            .select(
                pl.col("number").alias("species_number"), pl.col("height_m", "weight_kg").name.prefix("own_")
            )
        )
        table = table.join(own, on="species_number", how="left", maintain_order="left")
    parts = []
    for name in names:
        r, c = RULES[name], pl.col(name)
        kind = pl.when(c.is_null()).then(None if r.nullable else pl.lit("missing"))
        if r.low is not None:
            kind = kind.when(~c.is_between(r.low, r.high)).then(pl.lit("out_of_range"))
        if r.times_species and "species_number" in names:
            kind = kind.when(c > r.times_species * pl.col("own_" + name)).then(pl.lit("wrong_unit"))
        if r.allowed:
            kind = kind.when(~c.is_in(list(r.allowed))).then(pl.lit("bad_category"))
        if r.pattern:
            kind = kind.when(~c.str.contains(r.pattern)).then(pl.lit("malformed"))
        parts.append(table.select("row", column=pl.lit(name), issue=kind))
        if r.unique:
            parts.append(
                table.select(
                    "row",
                    column=pl.lit(name),
                    issue=pl.when(c.is_not_null() & (pl.int_range(pl.len()).over(name) > 0)).then(
                        pl.lit("duplicate")
                    ),
                )
            )
    return (
        pl.concat(parts, how="vertical_relaxed")
        .drop_nulls("issue")
        .with_columns(pl.col("issue").cast(pl.Categorical))
        .collect()
    )
