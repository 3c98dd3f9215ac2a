"""Builds a world: every table from its own generator, a delivery of new cards, a messy export of the sales."""

from pathlib import Path

import polars as pl

from cardshop.world.truth.arrival import new_set
from cardshop.world.truth.catalogue import catalogue
from cardshop.world.truth.export import messy_files
from cardshop.world.truth.listings import listings, web_sellers
from cardshop.world.truth.randomness import generator
from cardshop.world.truth.sales import sales


def tables(seed: int) -> dict[str, pl.DataFrame]:
    """All tables of the world `seed` but the species."""
    released, printed = catalogue(seed)
    web = web_sellers(generator(seed, "sellers"))
    offers = listings(printed, web, generator(seed, "listings"))
    sold = sales(offers, printed, web, generator(seed, "sales"))
    return {"sets": released, "cards": printed, "listings": offers, "sales": sold}


def build(seed: int, folder: Path) -> None:
    """Write the world `seed` into `folder`: its tables and its delivery as Parquet, the sales export in `raw/`."""
    world = tables(seed)
    new_set(seed).delivery.write_parquet(folder / "delivery.parquet")
    for name, table in world.items():
        table.write_parquet(folder / f"{name}.parquet")
    raw = folder / "raw"
    raw.mkdir()
    for name, content in messy_files(world["sales"], generator(seed, "export")).items():
        (raw / name).write_bytes(content)
