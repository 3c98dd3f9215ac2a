"""Plain Python, row by row, and a list of dicts as the answer."""

import re

from cardshop import world
from cardshop.quality import RULES


def find_issues(cards):
    species = {row["number"]: row for row in world.load("species").to_dicts()}
    seen, issues = set(), []
    for row, card in enumerate(cards.to_dicts()):

        def note(column, issue, row=row):
            issues.append({"row": row, "column": column, "issue": issue})

        for name, rule in RULES.items():
            value = card[name]
            if value is None:
                if not rule.nullable:
                    note(name, "missing")
                continue
            if rule.low is not None and (value < rule.low or value > rule.high):
                note(name, "out_of_range")
            elif rule.times_species and card["species_number"] in species:
                if value > rule.times_species * species[card["species_number"]][name]:
                    note(name, "wrong_unit")
            if rule.allowed and value not in rule.allowed:
                note(name, "bad_category")
            if rule.pattern and not re.match(rule.pattern, value):
                note(name, "malformed")
            if rule.unique:
                if value in seen:
                    note(name, "duplicate")
                seen.add(value)
    return issues
