"""A detector of issues that shares nothing with the code that plants them but the published definitions."""

import re

import polars as pl

from cardshop.quality import RULES
from cardshop.world import load


def find_issues(cards: pl.DataFrame) -> list[tuple[int, str, str]]:
    """`(row, column, issue)` for every broken rule, row by row in plain Python."""
    species = {row["number"]: row for row in load("species").iter_rows(named=True)}
    seen, found = set(), []
    for at, row in enumerate(cards.iter_rows(named=True)):
        for name, rule in RULES.items():
            if name not in row:
                continue
            value = row[name]
            if value is None:
                if not rule.nullable:
                    found.append((at, name, "missing"))
                continue
            if rule.unique:
                if value in seen:
                    found.append((at, name, "duplicate"))
                seen.add(value)
            if rule.pattern and not re.fullmatch(rule.pattern, value):
                found.append((at, name, "malformed"))
            if rule.allowed and value not in rule.allowed:
                found.append((at, name, "bad_category"))
            if rule.low is not None and not rule.low <= value <= rule.high:
                found.append((at, name, "out_of_range"))
            own = species.get(row.get("species_number"))
            if rule.times_species and own and value > rule.times_species * own[name]:
                found.append((at, name, "wrong_unit"))
    return sorted(found)
