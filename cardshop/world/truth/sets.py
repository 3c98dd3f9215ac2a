"""Card sets: when they came out, and how large they are."""

from datetime import date, timedelta

import numpy as np
import polars as pl

# Codes and names are ours; no real set is meant.
NAMES = {
    "KND": "Kindling Dawn",
    "TID": "Tidal Memory",
    "VRD": "Verdant Hollow",
    "STO": "Storm Cellar",
    "LUN": "Lunar Parade",
    "BRK": "Bedrock Rising",
    "PRM": "Prism Market",
    "EMB": "Ember and Ash",
    "GLA": "Glacier Line",
    "CAN": "Canopy Songs",
    "NOC": "Nocturne Alley",
    "AUR": "Aurora Station",
}
FIRST_RELEASE = date(2021, 2, 5)


def sets(rng: np.random.Generator) -> pl.DataFrame:
    """Twelve sets, one about every five months from `FIRST_RELEASE` on; 140 to 195 cards each."""
    days = 150 * np.arange(len(NAMES)) + rng.integers(-20, 21, len(NAMES)).clip(min=0)
    return pl.DataFrame(
        {
            "set_code": list(NAMES),
            "set_name": list(NAMES.values()),
            "released_on": [FIRST_RELEASE + timedelta(days=int(day)) for day in days],
            "card_count": rng.integers(140, 196, len(NAMES)).astype(np.int32),
        }
    )
