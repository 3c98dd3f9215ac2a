"""Plain Python, cell by cell."""

import re

import polars as pl

from cardshop import world
from cardshop.quality import RULES


def quality_findings(delivery: pl.DataFrame, reference: pl.DataFrame) -> pl.DataFrame:
    table = restored(delivery, reference)
    species = {s["number"]: s for s in world.load("species").to_dicts()}
    seen, out = set(), []
    for i, card in enumerate(table.iter_rows(named=True)):
        for column, value in card.items():
            rule = RULES[column]
            if value is None:
                if not rule.nullable:
                    out.append((i, column, "missing"))
                continue
            low = rule.low is not None and value < rule.low
            high = rule.high is not None and value > rule.high
            if low or high:
                out.append((i, column, "out_of_range"))
            elif rule.times_species is not None:
                own = species.get(card.get("species_number"))
                if own and value > own[column] * rule.times_species:
                    out.append((i, column, "wrong_unit"))
            if rule.allowed is not None and value not in rule.allowed:
                out.append((i, column, "bad_category"))
            if rule.pattern is not None and not re.fullmatch(rule.pattern, value):
                out.append((i, column, "malformed"))
            if rule.unique:
                if value in seen:
                    out.append((i, column, "duplicate"))
                seen.add(value)
    return pl.DataFrame(out, schema=["row", "column", "issue"], orient="row")
