"""What is wrong with a cards table, found row by row: slow, plain, and written apart from every solution."""

import re
from functools import cache

import polars as pl

from cardshop.quality import RULES
from cardshop.world.species import species

Issue = tuple[int, str, str]  # row, column, kind


def issues(cards: pl.DataFrame) -> set[Issue]:
    """Return every issue of the table; it may lack columns."""
    found: set[Issue] = set()
    rules = {name: rule for name, rule in RULES.items() if name in cards.columns}
    before: dict[str, set] = {name: set() for name, rule in rules.items() if rule.unique}
    for row, card in enumerate(cards.iter_rows(named=True)):
        for name, rule in rules.items():
            value = card[name]
            if value is None:
                if not rule.nullable:
                    found.add((row, name, "missing"))
                continue
            if rule.low is not None and not rule.low <= value <= rule.high:
                found.add((row, name, "out_of_range"))
            if rule.allowed and value not in rule.allowed:
                found.add((row, name, "bad_category"))
            if rule.pattern and not re.fullmatch(rule.pattern.strip("^$"), value):
                found.add((row, name, "malformed"))
            if rule.unique:
                if value in before[name]:
                    found.add((row, name, "duplicate"))
                before[name].add(value)
            if rule.times_species and card.get("species_number") in _species():
                own = _species()[card["species_number"]][name]
                if rule.times_species * own < value <= rule.high:
                    found.add((row, name, "wrong_unit"))
    return found


@cache
def _species() -> dict[int, dict]:
    return {row["number"]: row for row in species().iter_rows(named=True)}
