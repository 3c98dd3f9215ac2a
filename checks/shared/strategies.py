"""Tables of the shop for hypothesis: small, sound or damaged in a known way, never seen before."""

from functools import cache

import numpy as np
import polars as pl
from hypothesis import strategies as st

from cardshop.world.truth.build import catalogue
from cardshop.world.truth.dirt import plant

RANDOM = st.integers(0, 2**32 - 1)


@cache
def _pool() -> pl.DataFrame:
    return catalogue(1_000_003)[1]


def fresh_cards(rng: np.random.Generator, size: int) -> pl.DataFrame:
    """Return `size` sound cards that stand in no world: of an unknown set, with other numbers and strengths."""
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


@st.composite
def sound_cards(draw: st.DrawFn, smallest: int = 1, largest: int = 5) -> pl.DataFrame:
    """Sound cards, few enough to be read."""
    size = draw(st.integers(smallest, largest))
    return fresh_cards(np.random.default_rng(draw(RANDOM)), size)


@st.composite
def damaged_cards(
    draw: st.DrawFn, kinds: tuple[str, ...], smallest: int = 2, largest: int = 5
) -> pl.DataFrame:
    """Cards with damage of these kinds; a few rows, at least one of them damaged."""
    rng = np.random.default_rng(draw(RANDOM))
    cards = fresh_cards(rng, draw(st.integers(smallest, largest)))
    share = draw(st.sampled_from([0.2, 0.5])) if len(kinds) == 1 else 0.1
    return plant(cards, rng, kinds, share)[0]
