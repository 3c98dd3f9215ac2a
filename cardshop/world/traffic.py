"""The traffic of a world: scans and labels as its clients send them."""


def traffic(seed: int = 0, days: int = 40) -> list:
    """Return forty days of scans, or more; nothing is written to disk.

    A day has `scans` (the catalogue's columns without `card_type`, at most one row for a card; none on a day without
    traffic), `names` (what clients call a field instead), and `labels`: `card_id`, `card_type` and the `day` on which
    a person tells it. Something may be wrong from some day on. Raises ModuleNotFoundError where submissions are
    graded: the part that makes worlds is absent there.
    """
    from cardshop.world.truth.traffic import month

    return month(seed, days).days
