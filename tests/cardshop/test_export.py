import io

import numpy as np
import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from cardshop.world.truth.export import clean, messy_files


def read(files: dict[str, bytes], schema: pl.Schema) -> pl.DataFrame:
    """A loader that knows both dialects."""
    return (
        pl.concat(_read_one(files[name]) for name in sorted(files))
        .with_columns(pl.col(pl.String).str.strip_chars())
        .unique("sale_id")
        .sort("sale_id")
        .select(pl.col(name).cast(dtype) for name, dtype in schema.items())
    )


def _read_one(content: bytes) -> pl.DataFrame:
    price = pl.col("unit_price").str.strip_suffix(" €")
    if content.startswith(b"sale_id;"):
        table = pl.read_csv(io.StringIO(content.decode("cp1252")), separator=";", infer_schema=False)
        price = price.str.replace_all(".", "", literal=True).str.replace(",", ".", literal=True)
        form = "%d.%m.%Y %H:%M:%S"
    else:
        table, form = pl.read_csv(content, infer_schema=False), "%Y-%m-%dT%H:%M:%SZ"
    return table.with_columns(
        price.cast(pl.Float64), pl.col("sold_at").str.to_datetime(form, time_unit="us", time_zone="UTC")
    )


@settings(deadline=None, max_examples=20)
@given(seed=st.integers(0, 2**32), rows=st.integers(0, 300))
def test_the_files_hold_exactly_the_sales(world, seed, rows):
    rng = np.random.default_rng(seed)
    sales = world["sales"].sample(rows, seed=seed % 1_000).with_columns(unit_price=pl.col("unit_price") * 100)
    files = messy_files(sales, rng)
    if files:
        assert_frame_equal(read(files, sales.schema), clean(sales))
    months = sales["sold_at"].dt.strftime("%Y-%m").n_unique()
    assert len(files) == months
    if months > 1:
        assert len({content.startswith(b"sale_id;") for content in files.values()}) == 2
