"""The simulated marketplace: tables that depend on a seed and on nothing else."""

from cardshop.world.store import (
    TABLES,
    NotBuilt,
    best_possible,
    delivery,
    digest,
    load,
    raw_export,
    sample,
    stream_sales,
)

__all__ = [
    "TABLES",
    "NotBuilt",
    "best_possible",
    "delivery",
    "digest",
    "load",
    "raw_export",
    "sample",
    "stream_sales",
]
