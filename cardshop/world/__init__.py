"""The simulated marketplace: tables that depend on a seed and on nothing else."""

from cardshop.world.store import (
    PARTS,
    TABLES,
    NotBuilt,
    best_possible,
    delivery,
    digest,
    load,
    raw_export,
    sample,
    stream_events,
    stream_sales,
)

__all__ = [
    "PARTS",
    "TABLES",
    "NotBuilt",
    "best_possible",
    "delivery",
    "digest",
    "load",
    "raw_export",
    "sample",
    "stream_events",
    "stream_sales",
]
