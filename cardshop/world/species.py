"""The species table: public facts, written down in `datasets/species.csv`, the same in every world."""

from pathlib import Path

import polars as pl

FILE = Path(__file__).resolve().parents[2] / "datasets" / "species.csv"

_INTEGERS = ("number", "hp", "attack", "defense", "special_attack", "special_defense", "speed")
STATS = _INTEGERS[1:]


def species() -> pl.DataFrame:
    """The 151 species of the first generation: types, base stats, `height_m`, `weight_kg`, `legendary`."""
    return pl.read_csv(FILE, schema_overrides=dict.fromkeys(_INTEGERS, pl.Int32))
