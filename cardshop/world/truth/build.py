"""Builds a world, part by part: every table from its own generator, a delivery of new cards, a messy sales export."""

from pathlib import Path

import polars as pl

from cardshop.world.truth.arrival import new_set
from cardshop.world.truth.catalogue import catalogue
from cardshop.world.truth.credit import applications, public
from cardshop.world.truth.customers import customers
from cardshop.world.truth.events import Week, weeks
from cardshop.world.truth.export import messy_files
from cardshop.world.truth.listings import listings, web_sellers
from cardshop.world.truth.randomness import generator
from cardshop.world.truth.sales import sales


def tables(seed: int) -> dict[str, pl.DataFrame]:
    """All tables of the market of the world `seed` but the species."""
    released, printed = catalogue(seed)
    web = web_sellers(generator(seed, "sellers"))
    offers = listings(printed, web, generator(seed, "listings"))
    sold = sales(offers, printed, web, generator(seed, "sales"))
    return {"sets": released, "cards": printed, "listings": offers, "sales": sold}


def people(seed: int) -> tuple[pl.DataFrame, Week]:
    """The customers of the world `seed`; all their events, and who left when."""
    market = tables(seed)
    accounts = customers(market["sales"], generator(seed, "customers"))
    log = list(weeks(accounts, market["sales"], market["cards"], generator(seed, "events")))
    return accounts, Week(*(pl.concat(parts) for parts in zip(*log, strict=True)))


def loans(seed: int) -> pl.DataFrame:
    """The applications of the world `seed`, with the two columns that its table does not show."""
    sold = tables(seed)["sales"]
    accounts = customers(sold, generator(seed, "customers"))
    return applications(accounts, sold, generator(seed, "credit"))


def build(part: str, seed: int, folder: Path) -> None:
    """Write a part of the world `seed` into `folder`: its tables as Parquet, and what else belongs to it."""
    for name, table in _BUILDERS[part](seed, folder).items():
        table.write_parquet(folder / f"{name}.parquet")


def _market(seed: int, folder: Path) -> dict[str, pl.DataFrame]:
    """The tables of the market; its delivery as Parquet, the sales export in `raw/`."""
    market = tables(seed)
    new_set(seed).delivery.write_parquet(folder / "delivery.parquet")
    raw = folder / "raw"
    raw.mkdir()
    for name, content in messy_files(market["sales"], generator(seed, "export")).items():
        (raw / name).write_bytes(content)
    return market


def _customers(seed: int, folder: Path) -> dict[str, pl.DataFrame]:
    accounts, log = people(seed)
    return {"customers": accounts, "events": log.events}


def _credit(seed: int, folder: Path) -> dict[str, pl.DataFrame]:
    return {"applications": public(loans(seed))}


_BUILDERS = {"market": _market, "customers": _customers, "credit": _credit}
