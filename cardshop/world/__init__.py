"""The simulated marketplace: tables that depend on a seed and on nothing else."""

from cardshop.world.store import TABLES, NotBuilt, delivery, digest, load, raw_export, stream_sales

__all__ = ["TABLES", "NotBuilt", "delivery", "digest", "load", "raw_export", "stream_sales"]
