"""Plants issues in a sound cards table and records exactly what was planted.

Every change makes one issue by the definitions of `cardshop.quality` and no other: a row gets at most one, a missing
`card_id` is not a duplicate, a weight above its range is never planted (it would look like a wrong unit), and a
duplicate is a sound copy of a row whose `card_id` is intact.
"""

import re
from collections.abc import Callable, Sequence

import numpy as np
import polars as pl

from cardshop.quality import ISSUES, RULES
from cardshop.world.species import species

UNIT_FACTORS = {"weight_kg": 1_000, "height_m": 100}  # grams for kilograms, centimetres for metres

Row = dict[str, object]
Change = tuple[str, object]  # column, bad value


def plant(
    cards: pl.DataFrame, rng: np.random.Generator, kinds: Sequence[str] | None = None, share: float = 0.02
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """A copy of the sound table `cards` with issues, and the list of them.

    Every kind (default: all of `ISSUES`) hits `max(1, round(share * rows))` rows, as far as there are rows that
    can take it. Duplicates are inserted below their originals, so the copy may be longer; dtypes stay.
    The issues are a frame `row` (position in the copy), `column`, `issue`, sorted by row.
    """
    kinds = tuple(ISSUES) if kinds is None else tuple(kinds)
    if unknown := set(kinds) - set(ISSUES):
        raise ValueError(
            f"Unknown kinds of issues: {', '.join(sorted(unknown))}; known are {', '.join(ISSUES)}."
        )
    each = max(1, round(share * cards.height)) if cards.height else 0
    changes: dict[int, tuple[str, object, str]] = {}
    planter = _Planter(cards, rng)
    free = rng.permutation(cards.height).tolist()
    for _ in range(each):
        for kind in kinds:
            if kind == "duplicate":
                continue
            for row in free:
                if change := planter.change(kind, cards.row(row, named=True)):
                    changes[row] = (*change, kind)
                    free.remove(row)
                    break
    copies = _sources(cards, changes, each, rng) if "duplicate" in kinds else []
    changed = _with(cards, changes)
    # A copy comes somewhere below its original: behind the row `anchor` of the sound table.
    places = [(row, 0, row) for row in range(cards.height)]
    places += [(int(rng.integers(row, cards.height)), 1 + at, row) for at, row in enumerate(copies)]
    places.sort()
    dirty = pl.concat([changed, cards[copies]]) if copies else changed
    dirty = dirty[[row if not copy else cards.height + copy - 1 for _, copy, row in places]]
    issues = [
        (at, "card_id", "duplicate") if copy else (at, changes[row][0], changes[row][2])
        for at, (_, copy, row) in enumerate(places)
        if copy or row in changes
    ]
    return dirty, findings(issues)


def findings(issues: Sequence[tuple[int, str, str]]) -> pl.DataFrame:
    """The frame `row`, `column`, `issue` of these issues, sorted by row and column."""
    schema = {"row": pl.Int64, "column": pl.String, "issue": pl.String}
    return pl.DataFrame(list(issues), schema=schema, orient="row").sort("row", "column")


class _Planter:
    """Knows one change of each kind for a row, or that the row cannot take it."""

    def __init__(self, cards: pl.DataFrame, rng: np.random.Generator):
        self._rng = rng
        self._rules = {name: rule for name, rule in RULES.items() if name in cards.columns}
        self._schema = cards.schema
        self._ids = set(cards["card_id"]) if "card_id" in cards.columns else set()
        self._species = {row["number"]: row for row in species().iter_rows(named=True)}
        self._kinds: dict[str, Callable[[Row], list[Change]]] = {
            "missing": self._missing,
            "out_of_range": self._out_of_range,
            "bad_category": self._bad_category,
            "malformed": self._malformed,
            "wrong_unit": self._wrong_unit,
        }

    def change(self, kind: str, row: Row) -> Change | None:
        choices = self._kinds[kind](row)
        if not choices:
            return None
        column, value = choices[int(self._rng.integers(len(choices)))]
        if column == "card_id":
            self._ids.add(value)
        return column, value

    def _missing(self, row: Row) -> list[Change]:
        return [(name, None) for name, rule in self._rules.items() if not rule.nullable]

    def _out_of_range(self, row: Row) -> list[Change]:
        choices: list[Change] = []
        for name, rule in self._rules.items():
            if rule.low is None:
                continue
            number = int if self._schema[name].is_integer() else float
            choices.append((name, number(np.floor(rule.low - self._rng.integers(1, 40)))))
            if rule.times_species is None:
                choices.append((name, number(rule.high * int(self._rng.integers(2, 20)))))
        return choices

    def _bad_category(self, row: Row) -> list[Change]:
        return [
            (name, spelling)
            for name, rule in self._rules.items()
            if rule.allowed
            for spelling in _misspelled(str(row[name]))
            if spelling not in rule.allowed
        ]

    def _malformed(self, row: Row) -> list[Change]:
        if "card_id" not in self._rules:
            return []
        sound = str(row["card_id"])
        spellings = (
            sound.lower(),
            sound.replace("-", ""),
            sound.replace("-", "_"),
            f" {sound}",
            f"{sound} ",
            sound[:-1],
            f"{sound}0",
            sound[1:],
        )
        return [
            ("card_id", spelling)
            for spelling in spellings
            if spelling not in self._ids and not re.search(RULES["card_id"].pattern, spelling)
        ]

    def _wrong_unit(self, row: Row) -> list[Change]:
        own = self._species.get(row.get("species_number"))
        return [
            (name, round(row[name] * factor, 3))
            for name, factor in UNIT_FACTORS.items()
            if own
            and name in self._rules
            and 1.01 * RULES[name].times_species * own[name] < row[name] * factor <= RULES[name].high
        ]


def _misspelled(word: str) -> tuple[str, ...]:
    return (
        word.lower(),
        word.upper(),
        f"{word} ",
        f" {word}",
        word[:-1],
        word[:1] + word[2:],
        word.replace(" ", "-"),
    )


def _sources(cards: pl.DataFrame, changes: dict, each: int, rng: np.random.Generator) -> list[int]:
    """Rows to be copied: untouched ones first, then those whose change left the `card_id` intact."""
    if "card_id" not in cards.columns:
        return []
    order = rng.permutation(cards.height).tolist()
    untouched = [row for row in order if row not in changes]
    intact = [row for row in order if row in changes and changes[row][0] != "card_id"]
    return (untouched + intact)[:each]


def _with(cards: pl.DataFrame, changes: dict[int, tuple[str, object, str]]) -> pl.DataFrame:
    for name in {column for column, _, _ in changes.values()}:
        values = cards[name].to_list()
        for row, (column, value, _) in changes.items():
            if column == name:
                values[row] = value
        cards = cards.with_columns(pl.Series(name, values, dtype=cards.schema[name]))
    return cards
