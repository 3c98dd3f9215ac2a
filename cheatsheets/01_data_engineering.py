"""A contract for your own table: copy this file, change the class `Rows`, and run it wherever a file arrives.

    python check_rows.py data/*.csv

Writes the accepted rows to FILE.accepted.parquet: read that file, not the one that arrived. Rows that break the
contract go to FILE.quarantine.parquet, with their reasons. What an earlier run wrote is removed first.
Exit code 0: every file has accepted rows. 1: at least one was refused. 2: at least one could not be read.
"""

import argparse
import sys
from pathlib import Path

import pandera.polars as pa
import polars as pl
from pandera.errors import SchemaErrors

MOST = 0.2  # a larger share of bad rows than this, and the cause is not in the rows


class Rows(pa.DataFrameModel):
    """What each row promises. One line for each column."""

    card_id: str = pa.Field(unique=True, str_matches=r"^[A-Z]{3}-[0-9]{3}$")
    rarity: str = pa.Field(isin=["Common", "Uncommon", "Rare", "Holo", "Ultra", "Secret"])
    hp: pl.Int32 = pa.Field(ge=10, le=500)
    note: str = pa.Field(nullable=True)

    class Config:
        strict = True


def read(path: Path) -> pl.DataFrame:
    """Return a Parquet file as it is, or a CSV file with the contract's dtypes."""
    if path.suffix == ".parquet":
        return pl.read_parquet(path)
    dtypes = {name: column.dtype.type for name, column in Rows.to_schema().columns.items()}
    return pl.read_csv(path, schema_overrides=dtypes)


def failures(rows: pl.DataFrame) -> pl.DataFrame:
    """Return what breaks the contract: `row` (null: the whole table), `column`, `check`."""
    try:
        Rows.validate(rows, lazy=True)
        return pl.DataFrame(schema={"row": pl.UInt32, "column": pl.String, "check": pl.String})
    except SchemaErrors as error:
        cases = error.failure_cases.cast({"column": pl.String, "check": pl.String})
    whole = pl.col("check").is_in(["column_in_schema", "column_in_dataframe"])
    column = pl.when(whole).then("failure_case").otherwise("column")
    return cases.select(row=pl.col("index").cast(pl.UInt32), column=column, check="check")


def check(path: Path) -> str:
    """Check one file and return what happened. Raises ValueError if it is refused."""
    accepted, quarantine = (path.with_suffix(f".{kind}.parquet") for kind in ("accepted", "quarantine"))
    for earlier in (accepted, quarantine):
        earlier.unlink(missing_ok=True)
    rows = read(path)
    wrong = failures(rows.clear())
    if wrong.height:
        raise ValueError(f"wrong columns or dtypes: {', '.join(wrong['column'].unique().sort())}")
    reasons = (
        failures(rows)
        .unique(["row", "column"], maintain_order=True)
        .group_by("row")
        .agg(reasons=pl.col("column").str.join(", "))
    )
    judged = rows.with_row_index("row").join(reasons, on="row", how="left", maintain_order="left")
    bad = judged.filter(pl.col("reasons").is_not_null())
    if bad.height > MOST * rows.height:
        raise ValueError(f"{bad.height} of {rows.height} rows break the contract")
    if bad.height:
        bad.write_parquet(quarantine)
    judged.filter(pl.col("reasons").is_null()).drop("row", "reasons").write_parquet(accepted)
    return f"{rows.height - bad.height} rows accepted, {bad.height} quarantined"


def main() -> int:
    """Check the files of the command line, and say a sentence about each."""
    parser = argparse.ArgumentParser(description="Check files against the contract.")
    parser.add_argument("files", nargs="+", type=Path)
    code = 0
    for path in parser.parse_args().files:
        try:
            print(f"{path}: {check(path)}")
        except ValueError as error:
            print(f"{path}: refused, {error}", file=sys.stderr)
            code = max(code, 1)
        except (OSError, pl.exceptions.PolarsError) as error:
            print(f"{path}: cannot be read, {str(error).splitlines()[0]}", file=sys.stderr)
            code = 2
    return code


if __name__ == "__main__":
    sys.exit(main())
