"""How soon a detector finds what was planted: the monitor's windows over days of traffic, without a service."""

from collections.abc import Callable, Iterable

import polars as pl

from cardshop.monitoring.drift import Drift, compare
from cardshop.monitoring.watch import REFERENCE, SCHEMA, WINDOW

FEATURES = [name for name in SCHEMA if name not in ("predicted_type", "confidence")]


def alarms(
    days: Iterable[pl.DataFrame], detectors: dict[str, Callable[[list[Drift]], bool]]
) -> dict[str, list[int]]:
    """Return, for each detector, the days at whose end it raises an alarm. `days` are the cards that were answered."""
    found: dict[str, list[int]] = {name: [] for name in detectors}
    seen = None
    for day, cards in enumerate(days):
        cards = cards.select(FEATURES)
        seen = cards if seen is None else pl.concat([seen, cards])
        if seen.height < REFERENCE + WINDOW or not cards.height:
            continue
        drift = compare(seen.head(REFERENCE), seen.tail(WINDOW))
        for name, raises in detectors.items():
            if raises(drift):
                found[name].append(day)
    return found
