"""Small tables of the shop's daily work in which a model's score is easily faked, and the processes behind them.

A process is made once (`offers(rng)`) and then drawn from as often as one likes: a table to learn from, and thousands
of further rows that show what production will see. With `signal=False` the labels are drawn by lot. Then nobody can be
right more often than half of the time, and a score above that has been told the answer.
"""

from collections.abc import Callable

import numpy as np
import polars as pl

Draw = Callable[[int], pl.DataFrame]

ONLINE = 60  # days that an offer stays online
WORDS, TELLING = 500, 5  # words that are counted, and those that matter
SELLERS = 40
SCANS = 4  # of each card
SCANNED = ("edges", "corners", "surface", "centring", "gloss", "border")


def offers(rng: np.random.Generator, signal: bool = True) -> Draw:
    """Offers two months after they were listed. `days_online` is when an offer went: sold, or taken down at the end."""

    def draw(rows: int) -> pl.DataFrame:
        fair = rng.uniform(4, 16, rows)
        asking = fair * np.exp(rng.normal(0, 0.35, rows))
        photos = rng.integers(0, 6, rows)
        sold = _lot(rng, signal * (0.9 * (fair - asking) + 0.5 * (photos - 2.5)))
        return pl.DataFrame(
            {
                "asking_price": asking.round(2),
                "fair_price": fair.round(2),
                "photos": photos,
                "days_online": np.where(sold, rng.integers(1, ONLINE, rows), ONLINE),
                "sold": sold,
            }
        )

    return draw


def adverts(rng: np.random.Generator, signal: bool = True) -> Draw:
    """Adverts: how often each of many words is in it, and whether it was clicked more often than the middle one."""
    weight = np.zeros(WORDS)
    weight[rng.choice(WORDS, TELLING, replace=False)] = 1.2 * signal

    def draw(rows: int) -> pl.DataFrame:
        counts = rng.poisson(1.0, (rows, WORDS))
        columns = {f"word_{at:03d}": column for at, column in enumerate(counts.T)}
        return pl.DataFrame({**columns, "clicked": _lot(rng, (counts - 1) @ weight)})

    return draw


def parcels(rng: np.random.Generator, signal: bool = True) -> Draw:
    """Parcels of forty sellers, who will send tomorrow's too, and whether the card came back."""
    habit = rng.normal(0, 1.6 * signal, SELLERS)

    def draw(rows: int) -> pl.DataFrame:
        seller = rng.integers(0, SELLERS, rows)
        return pl.DataFrame(
            {
                "seller_id": [f"SEL{number:03d}" for number in seller],
                "weight_g": rng.uniform(5, 200, rows).round(1),
                "returned": _lot(rng, habit[seller]),
            }
        )

    return draw


def scans(rng: np.random.Generator, signal: bool = True) -> Draw:
    """Scans of cards, four of each and in no order, and whether an expert called the card played."""

    def draw(rows: int) -> pl.DataFrame:
        played = rng.random(rows // SCANS) < 0.5
        wear = rng.normal(0, 1, (len(played), len(SCANNED)))
        wear[:, :3] += 1.1 * signal * (played[:, None] - 0.5)
        seen = wear.repeat(SCANS, axis=0)
        seen += rng.normal(0, 0.05, seen.shape)
        ids = [f"KND-{number:05d}" for number in np.arange(len(played)).repeat(SCANS)]
        table = pl.DataFrame(
            {
                "card_id": ids,
                **dict(zip(SCANNED, seen.round(3).T, strict=True)),
                "played": played.repeat(SCANS),
            }
        )
        return table[rng.permutation(table.height)]

    return draw


def demand(rng: np.random.Generator, signal: bool = True) -> Draw:
    """Cards sold on each day, in the order of days, and whether that made it a busy day."""

    def draw(rows: int) -> pl.DataFrame:
        level = rng.normal(0, 1, rows + 1)
        if signal:
            for day in range(1, rows + 1):
                level[day] = 0.85 * level[day - 1] + 0.5 * level[day]
        sold = (100.5 + 20 * level[1:]).round().astype(int)
        return pl.DataFrame({"day": np.arange(1, rows + 1), "sold": sold, "busy": sold > 100})

    return draw


SAMPLES: dict[str, tuple[Callable[..., Draw], int]] = {
    "offers": (offers, 500),
    "adverts": (adverts, 300),
    "parcels": (parcels, 800),
    "scans": (scans, 1_200),
    "demand": (demand, 800),
}
"""The process behind each table, and how many rows the table has."""


def _lot(rng: np.random.Generator, log_odds: np.ndarray) -> np.ndarray:
    return rng.random(len(log_odds)) < 1 / (1 + np.exp(-log_odds))
