"""pandas, masks and a concat; the row number stays in the index for a while."""

import pandas as pd

from cardshop import world
from cardshop.quality import RULES


def find_issues(cards):
    frame = pd.DataFrame(cards.to_dict(as_series=False))
    species = pd.DataFrame(world.load("species").to_dict(as_series=False)).set_index("number")
    parts = []
    for name, rule in RULES.items():
        column = frame[name]
        there = column.notna()
        masks = {}
        if not rule.nullable:
            masks["missing"] = ~there
        if rule.low is not None:
            number = pd.to_numeric(column)
            masks["out_of_range"] = there & ((number < rule.low) | (number > rule.high))
        if rule.allowed is not None:
            masks["bad_category"] = there & ~column.isin(rule.allowed)
        if rule.pattern is not None:
            masks["malformed"] = there & ~column.astype(str).str.fullmatch(rule.pattern)
        if rule.unique:
            masks["duplicate"] = there & column.duplicated(keep="first")
        if rule.times_species is not None:
            own = pd.to_numeric(frame["species_number"]).map(species[name])
            masks["wrong_unit"] = (number > rule.times_species * own) & (number <= rule.high)
        for issue, mask in masks.items():
            parts.append(
                pd.DataFrame(
                    {"row": frame.index[mask.fillna(False).astype(bool)], "column": name, "issue": issue}
                )
            )
    return pd.concat(parts, ignore_index=True)
