"""Forty days of scans as the shop's clients send them, with trouble that is planted on a known day."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import polars as pl

from cardshop.world.species import STATS
from cardshop.world.truth.catalogue import catalogue
from cardshop.world.truth.randomness import generator

DAYS = 40
QUIET = 16  # days before anything is planted
A_DAY = 200  # cards
GAP_SHARE = 0.03  # of the cells on a good day
LABELLED = 0.3  # of the cards: a person looks at them, some days later
LATE = 3.0  # days, on average
KINDS = ("none", "scale", "mix", "gap", "schema", "outage")
RARE = ("Ultra", "Secret")


@dataclass(frozen=True)
class Trouble:
    """What was planted, and the day from which on it shows; `strength` is a factor, a share, or a number of days."""

    kind: str
    feature: str = ""
    day: int = DAYS
    strength: float = 0.0


class Day(NamedTuple):
    """What clients know of a day: the scans, the names of fields, and what a person finds on which later day."""

    scans: pl.DataFrame  # without `card_type`
    names: dict[str, str]  # of the fields that a client calls otherwise
    labels: pl.DataFrame  # `card_id`, `card_type`, `day`


class Month(NamedTuple):
    days: list[Day]
    trouble: Trouble


def month(seed: int, days: int = DAYS) -> Month:
    """Return the traffic of the world `seed`, and what was planted in it. A card comes at most once a day.

    More days begin with the same forty; what was planted stays to the end.
    """
    rng = generator(seed, "traffic")
    trouble = _trouble(rng)
    _, cards = catalogue(seed)
    return Month([_day(cards, day, trouble, rng) for day in range(days)], trouble)


def _trouble(rng: np.random.Generator) -> Trouble:
    kind, day = str(rng.choice(KINDS)), int(rng.integers(QUIET, DAYS - 10))
    match kind:
        case "scale":  # a scanner with a worn lens: the digits come out too high
            return Trouble(kind, str(rng.choice(STATS)), day, float(rng.uniform(1.3, 1.6)))
        case "mix":  # a shop that sells its collection of rare cards
            return Trouble(kind, "rarity", day, float(rng.uniform(0.3, 0.5)))
        case "gap":  # a field that the scanner stops reading
            return Trouble(kind, str(rng.choice([*STATS, "text"])), day, float(rng.uniform(0.4, 0.9)))
        case "schema":  # a client that calls a field otherwise
            return Trouble(kind, str(rng.choice(STATS)), day, 1.0)
        case "outage":
            return Trouble(kind, "", day, float(rng.integers(1, 4)))
    return Trouble(kind)


def _day(cards: pl.DataFrame, day: int, trouble: Trouble, rng: np.random.Generator) -> Day:
    since = day - trouble.day
    hit = since >= 0
    if trouble.kind == "outage" and 0 <= since < trouble.strength:
        cards = cards.clear()
    weights = np.ones(cards.height)
    if hit and trouble.kind == "mix":
        rare = cards["rarity"].is_in(RARE).to_numpy()
        weights[rare] = trouble.strength / (1 - trouble.strength) * (~rare).sum() / rare.sum()
    size = min(A_DAY, cards.height)
    chosen = (
        cards[rng.choice(cards.height, size, replace=False, p=weights / weights.sum())] if size else cards
    )
    scans = chosen.drop("card_type")
    if hit and trouble.kind == "scale":
        factor = 1 + (trouble.strength - 1) * min((since + 1) / 3, 1)  # full after three days
        scans = scans.with_columns((pl.col(trouble.feature) * factor).round().cast(pl.Int32))
    gaps = dict.fromkeys(scans.columns, GAP_SHARE) | {"card_id": 0.0}
    if hit and trouble.kind == "gap":
        gaps[trouble.feature] = trouble.strength
    scans = scans.with_columns(
        pl.when(pl.Series(rng.random(size) >= share, dtype=pl.Boolean)).then(name).alias(name)
        for name, share in gaps.items()
    )
    looked_at = rng.random(size) < LABELLED
    labels = chosen.select(
        "card_id", "card_type", day=pl.Series(day + rng.geometric(1 / LATE, size), dtype=pl.Int64)
    ).filter(pl.Series(looked_at, dtype=pl.Boolean))
    renamed = {trouble.feature: f"{trouble.feature}_value"} if hit and trouble.kind == "schema" else {}
    return Day(scans, renamed, labels)
