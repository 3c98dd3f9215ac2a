"""DuckDB: one select a rule, joined by union all."""

import duckdb

from cardshop import world
from cardshop.quality import RULES


def find_issues(cards):
    table = cards.with_row_index("row")
    species = world.load("species")
    db = duckdb.connect()
    db.register("cards", table.to_arrow())
    db.register("species", species.to_arrow())
    selects = []

    def select(column, issue, where, source="cards c"):
        selects.append(
            f"select c.row, '{column}' as \"column\", '{issue}' as issue from {source} where {where}"
        )

    for name, rule in RULES.items():
        value = f'c."{name}"'
        if not rule.nullable:
            select(name, "missing", f"{value} is null")
        if rule.low is not None:
            select(name, "out_of_range", f"not ({value} between {rule.low} and {rule.high})")
        if rule.allowed is not None:
            words = ", ".join(f"'{word}'" for word in rule.allowed)
            select(name, "bad_category", f"{value} not in ({words})")
        if rule.pattern is not None:
            select(name, "malformed", f"not regexp_matches({value}, '{rule.pattern}')")
        if rule.unique:
            select(name, "duplicate", f"{value} in (select d.{name} from cards d where d.row < c.row)")
        if rule.times_species is not None:
            select(
                name,
                "wrong_unit",
                f"{value} > {rule.times_species} * s.{name} and {value} <= {rule.high}",
                "cards c join species s on s.number = c.species_number",
            )
    return db.sql(" union all ".join(selects)).pl()
