"""Tables of the shop for hypothesis: small, sound or with known issues, never seen before."""

import datetime as dt
from collections.abc import Sequence

import numpy as np
import polars as pl
from hypothesis import strategies as st

from cardshop.quality import CHANNELS, CONDITIONS
from cardshop.world.truth.build import catalogue
from cardshop.world.truth.dirt import plant
from grader.engine import remembered

RANDOM = st.integers(0, 2**32 - 1)
OPENED = dt.datetime(2024, 1, 1, tzinfo=dt.UTC)


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


def cards_with_issues(random: int, size: int, kinds: tuple[str, ...], share: float = 0.1) -> pl.DataFrame:
    """Return `size` cards in which each kind of issue hits this share, and at least one card."""
    rng = np.random.default_rng(random)
    return plant(fresh_cards(rng, size), rng, kinds, share)[0]


def fresh_sales(
    rng: np.random.Generator, rows: int, days: int = 30, channels: Sequence[str] = CHANNELS
) -> pl.DataFrame:
    """Return sound sales that nobody has made, `days` days of them."""
    seconds = np.sort(rng.integers(0, days * 86_400, rows))
    return pl.DataFrame(
        {
            "sale_id": [f"S{number:07d}" for number in rng.choice(10**7, rows, replace=False)],
            "listing_id": [f"L{number:07d}" for number in rng.integers(0, 10**7, rows)],
            "card_id": [f"KND-{number:03d}" for number in rng.integers(1, 999, rows)],
            "customer_id": [f"C{number:05d}" for number in rng.integers(1, 10**5, rows)],
            "condition": rng.choice(list(CONDITIONS), rows),
            "quantity": pl.Series(rng.integers(1, 9, rows), dtype=pl.Int32),
            "unit_price": np.round(np.exp(rng.normal(2, 3, rows)).clip(0.05, 90_000), 2),
            "channel": rng.choice(list(channels), rows),
            "sold_at": [OPENED + dt.timedelta(seconds=int(second)) for second in seconds],
        }
    ).with_columns(pl.col("sold_at").cast(pl.Datetime("us", "UTC")))
