"""Why a finding about a table (row, column, issue) is missing in an answer, or wrong in it.

Each function returns a sentence that is true for any code: it says what the answer has, not what its author may have
thought.
"""

from cardshop.quality import ISSUES, RULES
from cardshop.world.species import species

Finding = tuple[int, str, str]  # row, column, issue


def shown(finding: tuple) -> str:
    """A finding in words."""
    row, column, issue = finding
    return f"row {row}, column {column}, {issue}"


def reported_as(finding: Finding, wrong: set[tuple]) -> str:
    """How an overlooked finding was reported after all, among the `wrong` ones; empty when nothing comes close."""
    row, column, issue = finding
    for other in sorted(wrong, key=str):
        at, name, kind = other
        if (name, kind) == (column, issue) and at == row + 1:
            return f"it was reported for row {at}; rows are counted from 0"
        if (at, kind) == (row, issue):
            return f"it was reported under {name!r}"
        if (at, name) == (row, column):
            return f"it was reported as {kind!r}: {ISSUES.get(kind, 'which is not a key of ISSUES')}"
    return ""


def overlooked(finding: Finding, wrong: set[tuple], values: list) -> str:
    """Why a finding belongs in the answer. `values` are those of its column, `wrong` the answer's false findings."""
    row, column, issue = finding
    if reported := reported_as(finding, wrong):
        return reported
    value = values[row]
    if issue == "duplicate":
        first = values.index(value)
        if (first, column, issue) in wrong:
            return f"row {first} was reported, which has {value!r} first; the later row is the issue"
        return f"row {first} already has {value!r}"
    if issue == "bad_category":
        return f"{value!r} is not one of the allowed spellings; case and spaces count"
    if issue == "wrong_unit":
        times = RULES[column].times_species
        return f"{value!r} is more than {times:g} times the value of the card's own species"
    return f"the value there is {value!r}: {ISSUES[issue]}"


def false_alarm(finding: tuple, values: dict[str, list]) -> str:
    """Why a finding does not belong in the answer. `values` are the table's, column by column."""
    row, column, issue = finding
    if column not in values or not isinstance(row, int) or not 0 <= row < len(values[column]):
        return "there is no such cell; `row` is the position of the card counted from 0, `column` a name"
    if issue not in ISSUES:
        return f"{issue!r} is not a key of ISSUES"
    value = values[column][row]
    if value is None:
        if issue == "missing":
            return f"`{column}` may be null"
        return "the value there is null, and a null is `missing` and nothing else"
    if issue == "duplicate" and value in values[column][row + 1 :] and value not in values[column][:row]:
        return f"the first of equal ids is sound; {value!r} comes again only in a later row"
    if issue == "wrong_unit" and RULES[column].times_species:
        return _sound_unit(column, value, values.get("species_number", [None] * (row + 1))[row])
    return f"the value there is {value!r}, which is not {issue}. The rule of `{column}`: {RULES[column]}"


def _sound_unit(column: str, value: float, number: object) -> str:
    """Why a weight or height of a card of this species is not in a wrong unit."""
    own = dict(species().select("number", column).rows()).get(number)
    if own is None:
        return f"there is no species {number!r} to compare with"
    if value > RULES[column].high:
        return f"{value!r} is above the range, so it is `out_of_range` and nothing else"
    return (
        f"{value!r} is at most {RULES[column].times_species:g} times {own!r}, the value of species {number!r}"
    )
