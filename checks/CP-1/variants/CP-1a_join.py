"""Two tables of columns, joined on the plain name."""

import polars as pl


def schema_findings(delivery: pl.DataFrame, reference: pl.DataFrame) -> pl.DataFrame:
    def described(table):
        return pl.DataFrame({"name": table.columns, "dtype": [str(d) for d in table.dtypes]}).with_columns(
            key=pl.col("name").str.to_lowercase().str.replace_all("[^a-z0-9]", "")
        )

    both = described(reference).join(described(delivery), on="key", how="full", suffix="_new")
    found = [
        both.filter(pl.col("name") != pl.col("name_new")).select(column="name", change=pl.lit("renamed")),
        both.filter(pl.col("dtype") != pl.col("dtype_new")).select(column="name", change=pl.lit("retyped")),
        both.filter(pl.col("name").is_null()).select(column="name_new", change=pl.lit("added")),
        both.filter(pl.col("name_new").is_null()).select(column="name", change=pl.lit("removed")),
    ]
    return pl.concat(found)
