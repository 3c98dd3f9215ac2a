"""Tables of the shop for hypothesis: small, sound or damaged in a known way, never seen before."""

import numpy as np
import polars as pl
from hypothesis import strategies as st

from cardshop.world.truth.build import catalogue
from cardshop.world.truth.dirt import plant
from grader.engine import remembered

RANDOM = st.integers(0, 2**32 - 1)


@remembered
def _pool() -> pl.DataFrame:
    return catalogue(1_000_003)[1]


def fresh_cards(rng: np.random.Generator, size: int) -> pl.DataFrame:
    """Return `size` sound cards that are in no world: of an unknown set, with other numbers and stats."""
    pool = _pool()
    cards = pool[rng.choice(pool.height, size, replace=False)]
    code = "".join(rng.choice(list("ABCDEFGHIJKLMNOPQRSTUVWXYZ"), 3))
    numbers = pl.Series(np.sort(rng.choice(np.arange(1, 1000), size, replace=False)), dtype=pl.Int32)
    stats = ("attack", "defense", "special_attack", "special_defense", "speed")
    return cards.with_columns(
        number=numbers,
        set_code=pl.lit(code),
        card_id=pl.Series([f"{code}-{number:03d}" for number in numbers]),
        **{name: pl.Series(rng.integers(1, 180, size), dtype=pl.Int32) for name in stats},
    )


def sound_cards(smallest: int = 1, largest: int = 5) -> st.SearchStrategy[pl.DataFrame]:
    """Sound cards, few enough to be read."""
    return st.builds(
        lambda random, size: fresh_cards(np.random.default_rng(random), size),
        RANDOM,
        st.integers(smallest, largest),
    )


def damaged_cards(random: int, size: int, kinds: tuple[str, ...], share: float = 0.1) -> pl.DataFrame:
    """Return `size` cards, of which each kind of damage hits this share, and one at least."""
    rng = np.random.default_rng(random)
    return plant(fresh_cards(rng, size), rng, kinds, share)[0]
