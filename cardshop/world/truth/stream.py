"""Sales and events without end: tables as long as one likes, written batch by batch."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import polars as pl
import pyarrow.parquet as pq

from cardshop.quality import CHANNELS, CONDITIONS
from cardshop.world.truth.build import tables
from cardshop.world.truth.customers import customers
from cardshop.world.truth.events import weeks
from cardshop.world.truth.listings import CLOSED, CONDITION_SHARES, OPENED
from cardshop.world.truth.price import DRIVERS, log_price
from cardshop.world.truth.randomness import generator

CHANNEL_SHARES = (0.42, 0.28, 0.30)


def stream_sales(
    path: Path,
    rows: int,
    seed: int,
    cards: pl.DataFrame,
    batch: int,
    advance: Callable[[int], None] | None = None,
) -> Path:
    """Write `rows` sales of `cards` in the order of time; see `cardshop.world.stream_sales`."""
    if rows < 0 or batch < 1:
        raise ValueError(f"There can be no table of {rows} rows in batches of {batch}.")
    rng = generator(seed, "stream")
    cards = cards.sort("released_on", "card_id")
    first, last = (int(moment.timestamp()) for moment in (OPENED, CLOSED))
    schema = _batch(cards, 0, 0, first, last, rng).to_arrow().schema
    with _draft(path) as draft, pq.ParquetWriter(draft, schema) as writer:
        for start in range(0, rows, batch):
            size = min(batch, rows - start)
            span = [first + (last - first) * edge // rows for edge in (start, start + size)]
            writer.write_table(_batch(cards, start, size, *span, rng).to_arrow())
            if advance:
                advance(size)
    return path


def stream_events(
    folder: Path, count: int, seed: int, advance: Callable[[int], None] | None = None
) -> tuple[Path, Path]:
    """Write `count` customers and their events in the order of arrival; see `cardshop.world.stream_events`."""
    if count < 1:
        raise ValueError(f"There can be no log of {count} customers.")
    market, paths = tables(seed), (folder / "customers-large.parquet", folder / "events-large.parquet")
    sold = market["sales"].filter(pl.col("customer_id").str.slice(1).cast(pl.Int64) <= count)
    accounts = customers(sold, generator(seed, "stream", "customers"), count)
    with _draft(paths[0]) as people, _draft(paths[1]) as log:
        accounts.write_parquet(people)
        writer = None
        try:
            for week in weeks(accounts, sold, market["cards"], generator(seed, "stream", "events")):
                table = week.events.to_arrow()
                writer = writer or pq.ParquetWriter(log, table.schema)
                writer.write_table(table)
                if advance:
                    advance(table.num_rows)
        finally:
            if writer:
                writer.close()
    return paths


@contextmanager
def _draft(path: Path) -> Iterator[Path]:
    """A file to write; it takes the place of `path` at the end, and is gone if anything fails."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        yield draft
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def _batch(
    cards: pl.DataFrame, start: int, size: int, first: int, last: int, rng: np.random.Generator
) -> pl.DataFrame:
    seconds = np.sort(rng.integers(first, max(last, first + 1), size))
    card = _released(cards, seconds, rng)
    ids = pl.int_range(start + 1, start + size + 1).cast(pl.String)
    table = cards[card].with_columns(
        sold_at=pl.Series(seconds * 1_000_000, dtype=pl.Int64).cast(pl.Datetime("us", "UTC")),
        condition=pl.Series(rng.choice(CONDITIONS, size, p=CONDITION_SHARES), dtype=pl.String),
        channel=pl.Series(rng.choice(CHANNELS, size, p=CHANNEL_SHARES), dtype=pl.String),
        customer=pl.Series((rng.pareto(1.2, size) * 300).astype(np.int64) % 100_000, dtype=pl.Int64),
        quantity=pl.Series(rng.geometric(0.85, size).clip(max=4), dtype=pl.Int32),
    )
    price = np.exp(log_price(table, "sold_at") + rng.normal(0, DRIVERS.noise, size)).round(2).clip(min=0.05)
    return table.select(
        pl.format("S{}", ids.str.zfill(7)).alias("sale_id"),
        pl.format("L{}", ids.str.zfill(7)).alias("listing_id"),
        "card_id",
        pl.format("C{}", pl.col("customer").cast(pl.String).str.zfill(5)).alias("customer_id"),
        "condition",
        "quantity",
        pl.Series("unit_price", price),
        "channel",
        "sold_at",
    )


def _released(cards: pl.DataFrame, seconds: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """For each moment a row of `cards` (sorted by release) that was out by then; often printed, often drawn."""
    weight = np.sqrt(cards["print_run"].to_numpy()).cumsum()
    days = cards["released_on"].cast(pl.Int32).to_numpy()
    out = np.searchsorted(days, seconds // 86_400, side="right").clip(min=1)
    return np.searchsorted(weight, rng.random(len(seconds)) * weight[out - 1], side="right").clip(max=out - 1)
