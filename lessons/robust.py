"""What happens to a model of cards when its input is a little off: random misreadings, and the worst of them."""

from typing import Any

import numpy as np
import polars as pl

STATS = ["hp", "attack", "defense", "special_attack", "special_defense", "speed"]


def misread(cards: pl.DataFrame, points: int, seed: int = 0) -> pl.DataFrame:
    """The cards, on each of which one stat at random is off by up to `points`, up or down, and 1 at least."""
    rng = np.random.default_rng(seed)
    which = rng.integers(len(STATS), size=cards.height)
    off = rng.integers(1, points + 1, size=cards.height) * rng.choice([-1, 1], size=cards.height)
    return cards.with_columns(
        (pl.col(stat) + pl.Series(off * (which == place))).clip(1).cast(cards.schema[stat])
        for place, stat in enumerate(STATS)
    )


def versions(card: pl.DataFrame, points: int) -> pl.DataFrame:
    """Every version of a card in which one stat is off by `points` at most, with `stat` and `off`; nearest first."""
    changes = pl.DataFrame(
        {"stat": stat, "off": sign * size}
        for size in range(1, points + 1)
        for stat in STATS
        for sign in (-1, 1)
    )
    table = pl.concat([card] * changes.height).hstack(changes)
    return table.with_columns(
        (pl.col(stat) + pl.when(pl.col("stat") == stat).then(pl.col("off")).otherwise(0))
        .clip(1)
        .cast(card.schema[stat])
        for stat in STATS
    )


def flips(model: Any, cards: pl.DataFrame, points: int) -> pl.DataFrame:
    """For each card the smallest change of one stat that changes the model's answer from `said` to `now`.

    The columns are `card_id`, `name`, `stat`, `off`, `said`, `now`. A card whose answer no change of up to `points`
    changes is left out.
    """
    said = dict(zip(cards["card_id"], model.predict(cards), strict=True))
    tried = pl.concat(versions(cards[at], points) for at in range(cards.height))
    tried = tried.with_columns(
        now=pl.Series(model.predict(tried)), said=pl.col("card_id").replace_strict(said)
    )
    changed = tried.filter(pl.col("now") != pl.col("said"))
    nearest = changed.unique("card_id", keep="first", maintain_order=True)
    return nearest.select("card_id", "name", "stat", "off", "said", "now")
