"""1.1: five wounds that are each of one kind, and a function that finds every wound and nothing else."""

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cardshop.quality import ISSUES, RULES
from cardshop.world.species import species
from cardshop.world.truth.dirt import plant
from cardshop.world.truth.issues import issues
from checks.shared.strategies import damaged_cards, fresh_cards, sound_cards
from grader.engine import Mismatch, as_table, checks, expect

WOUNDS = ("missing", "duplicate", "out_of_range", "bad_category", "malformed")
TAXONOMY = "What goes wrong with data"
MISSING = "Missing and malformed"
NO_IDS = ["123-ABC", "ABC-XYZ", "ABC-0123", "ABCD-012", "Abc-012", "ABC 012", " ABC-012", "ABC-012 "]


def copies(submission, cards: pl.DataFrame) -> dict[str, pl.DataFrame]:
    """Call the function; what comes back is five tables with the columns of `cards`."""
    answer = submission.break_cards(cards)
    expect(isinstance(answer, dict), "a dict from the kind of damage to the damaged copy")
    expect(
        set(answer) == set(WOUNDS),
        f"the keys {', '.join(WOUNDS)}",
        because=_difference(set(answer), set(WOUNDS)),
    )
    tables = {kind: as_table(answer[kind]) for kind in WOUNDS}
    for kind, table in tables.items():
        expect(
            table.columns == cards.columns,
            f"the columns of `cards` in the copy {kind!r}",
            because=_difference(set(table.columns), set(cards.columns)),
        )
        try:
            tables[kind] = table.cast(dict(cards.schema))
            lost = (
                isinstance(answer[kind], pl.DataFrame) and table.schema != cards.schema
            )  # pandas cannot keep all
        except pl.exceptions.PolarsError:
            lost = True
        expect(
            not lost,
            f"the dtypes of `cards` in the copy {kind!r}",
            because=f"the copy has {_types(table, cards)}",
        )
    return tables


def _difference(given: set, wanted: set) -> str:
    parts = [
        f"{', '.join(sorted(map(repr, names)))} {verb}"
        for names, verb in ((wanted - given, "missing"), (given - wanted, "too many"))
        if names
    ]
    return "; ".join(parts)


def _types(table: pl.DataFrame, cards: pl.DataFrame) -> str:
    return ", ".join(
        f"{name}: {dtype} for {cards.schema[name]}"
        for name, dtype in table.schema.items()
        if dtype != cards.schema[name]
    )


def own(kind: str, table: pl.DataFrame) -> None:
    """Expect at least one issue of this kind in the copy and none of another."""
    found = issues(table)
    others = sorted((row, column, issue) for row, column, issue in found if issue != kind)
    expect(
        any(issue == kind for _, _, issue in found),
        f"at least one issue of the kind {kind} in the copy {kind!r}",
        because=f"{ISSUES[kind]}: there is none",
        reread=TAXONOMY,
    )
    expect(
        not others,
        f"no issue of another kind in the copy {kind!r}",
        because=f"one wound became two: {_issue(others[0])}" if others else "",
        reread=TAXONOMY,
    )


def _issue(issue: tuple) -> str:
    return f"row {issue[0]}, column {issue[1]}, {issue[2]}"


@checks("1.1a", weight=0, examples=(1, 20))
@given(cards=sound_cards(2))
def test_five_copies(submission, cards):
    """Five copies, of which at least one is damaged in its own way."""
    tables = copies(submission, cards)
    expect(
        any(issue == kind for kind, table in tables.items() for _, _, issue in issues(table)),
        "damage in the copies",
        because="not one copy has an issue of its own kind",
        reread=TAXONOMY,
    )


@checks("1.1a", examples=(1, 20))
@given(cards=sound_cards())
@pytest.mark.parametrize("kind", WOUNDS)
def test_one_kind(submission, cards, kind):
    """The copy has damage of its kind and of no other"""
    own(kind, copies(submission, cards)[kind])


@checks("1.1a", weight=2, examples=(1, 40))
@given(cards=sound_cards())
def test_nothing_else_changes(submission, cards):
    """What is not damaged stays as it is."""
    for kind, table in copies(submission, cards).items():
        damaged = {(row, column) for row, column, _ in issues(table)}
        if kind == "duplicate":
            expect(table.height > cards.height, "one row more in the copy 'duplicate'")
            expect(
                set(table.rows()) <= set(cards.rows()),
                "rows of `cards` alone in the copy 'duplicate'",
                because="a row was added that is not there yet, or one has changed",
            )
            kept = table.filter(pl.col("card_id").is_first_distinct())
            expect(
                kept.sort(pl.all()).equals(cards.sort(pl.all())),
                "the cards as they were, and copies of them",
                because="a row that was there has changed or is gone",
            )
            continue
        expect(
            table.height == cards.height,
            f"{cards.height} rows in the copy {kind!r}",
            because=f"it has {table.height}: only 'duplicate' has another number of rows, one more",
        )
        for column in cards.columns:
            for row in range(cards.height):
                if (row, column) not in damaged:
                    expect(
                        table[column][row] == cards[column][row],
                        f"{cards[column][row]!r} in row {row}, column {column} of the copy {kind!r}",
                        because=f"a sound value was changed to {table[column][row]!r}",
                    )
    expect(not submission.last.mutated, "`cards` as it was", because="the argument itself was changed")


def answer(submission, cards: pl.DataFrame) -> set[tuple]:
    """Call the function; the rows of its answer as a set."""
    table = as_table(submission.find_issues(cards))
    if not table.width:  # an empty list of issues
        return set()
    expect(
        {"row", "column", "issue"} <= set(table.columns),
        "the columns row, column and issue",
        because=f"the answer has {', '.join(table.columns) or 'no columns'}",
    )
    table = table.select("row", "column", "issue")
    if table.is_empty():
        return set()
    try:
        expect(
            table["row"].dtype.is_numeric(), "numbers in `row`", because=f"its dtype is {table['row'].dtype}"
        )
        rows = table.with_columns(
            pl.col("row").cast(pl.Int64), pl.col("column", "issue").cast(pl.String)
        ).rows()
    except pl.exceptions.PolarsError:
        raise Mismatch(
            "positions from 0 in `row`, names in `column` and `issue`",
            because=f"their dtypes are {', '.join(map(str, table.dtypes))}",
        ) from None
    expect(len(rows) == len(set(rows)), "each issue once", because="an issue stands in the answer twice")
    return set(rows)


def exact(submission, cards: pl.DataFrame) -> None:
    """Expect exactly the issues that the table has."""
    given, wanted = answer(submission, cards), issues(cards)
    overlooked, alarms = sorted(wanted - given, key=str), sorted(given - wanted, key=str)
    expect(
        not overlooked,
        f"{_issue(overlooked[0]) if overlooked else ''} among the issues",
        because=_why(overlooked[0], given, wanted, cards) if overlooked else "",
        reread=MISSING if overlooked and overlooked[0][2] in ("missing", "malformed") else TAXONOMY,
    )
    expect(
        not alarms,
        f"no issue at {_issue(alarms[0]) if alarms else ''}",
        because=_alarm(alarms[0], cards) if alarms else "",
        reread=TAXONOMY,
    )


def _why(issue: tuple, given: set, wanted: set, cards: pl.DataFrame) -> str:
    row, column, kind = issue
    if not given & wanted and wanted & {
        (other - 1, *rest) for other, *rest in given if isinstance(other, int)
    }:
        return "rows are counted from 0"
    if kind == "duplicate" and any(other[2] == kind for other in given):
        return "the later row is the issue, not the first one that it repeats"
    if kind == "bad_category":
        return f"{cards[column][row]!r} is none of the allowed spellings; case and spaces count"
    if kind == "wrong_unit":
        return "the value is compared with that of the card's own species"
    return f"{ISSUES[kind]}; the value there is {cards[column][row]!r}"


def _alarm(issue: tuple, cards: pl.DataFrame) -> str:
    row, column, kind = issue
    if column not in cards.columns or not isinstance(row, int) or not 0 <= row < cards.height:
        return "there is no such cell; `column` is the damaged column, `row` its position counted from 0"
    value = cards[column][row]
    if kind not in ISSUES:
        return f"{kind!r} is no key of ISSUES"
    if value is None:
        return "a null is `missing` where it is not allowed, and nothing else"
    if kind == "duplicate":
        return "the first of equal ids is sound; only the later ones are issues"
    return f"the value there is {value!r}, which is sound in this respect"


@checks("1.1b", weight=0, examples=(1, 25))
@given(cards=damaged_cards(tuple(ISSUES), 7, 7))
def test_an_issue(submission, cards):
    """Finds at least one issue among cards with one of every kind."""
    found = answer(submission, cards)
    expect(
        bool(found & issues(cards)),
        f"{_issue(min(issues(cards)))} among the issues",
        because=_why(min(issues(cards)), found, issues(cards), cards),
        reread=TAXONOMY,
    )


@checks("1.1b", weight=2, examples=(1, 25))
@given(cards=damaged_cards(tuple(ISSUES), 7, 7))
def test_all_kinds(submission, cards):
    """Finds one issue of every kind in a handful of cards, and nothing else."""
    exact(submission, cards)


@checks("1.1b", live=False, examples=(1, 25))
@pytest.mark.parametrize("kind", list(ISSUES))
@given(data=st.data())
def test_kind(submission, data, kind):
    """Finds every issue of one kind and raises no false alarm"""
    exact(submission, data.draw(damaged_cards((kind,))))


@checks("1.1b", weight=2, examples=(1, 25))
@given(cards=sound_cards(largest=8))
def test_silence(submission, cards):
    """Says nothing about sound cards."""
    exact(submission, cards)
    expect(not submission.last.mutated, "`cards` as it was", because="the argument itself was changed")


@checks("1.1b", weight=3)
def test_definitions(submission, seed):
    """Keeps to the letter of the rules: limits, null ids, copies that are not exact, several times the species' own."""
    rng = np.random.default_rng(seed)
    cards = fresh_cards(rng, 13 + len(NO_IDS))
    own = cards.join(
        species(), left_on="species_number", right_on="number", how="left", maintain_order="left"
    )
    most = {name: RULES[name].times_species * own[f"{name}_right"] for name in ("height_m", "weight_kg")}
    values = {name: cards[name].to_list() for name in cards.columns}
    values["card_id"][0:2] = None, None
    values["card_id"][3] = values["card_id"][2]
    values["height_m"][4:7] = (
        2 * RULES["height_m"].high,
        0.97 * most["height_m"][5],
        1.03 * most["height_m"][6],
    )
    values["weight_kg"][7:9] = 0.97 * most["weight_kg"][7], 1.03 * most["weight_kg"][8]
    for name, rule in RULES.items():
        if rule.low is not None and name != "species_number":  # whose weight is to be compared with
            values[name][9:11] = rule.low, rule.high
        if rule.high is not None and not cards.schema[name].is_float() and name != "species_number":
            values[name][11:13] = rng.integers(rule.low, rule.high + 1, 2).tolist()
    values["card_id"][13:] = NO_IDS
    exact(submission, pl.DataFrame(values, schema=cards.schema))


@checks("1.1b", weight=3, public=False, live=False)
def test_a_whole_delivery(submission, seed):
    """Is exact on whole deliveries with all kinds of damage at once."""
    rng = np.random.default_rng(seed)
    for _ in range(4):
        exact(submission, plant(fresh_cards(rng, 400), rng)[0])
    worst = plant(fresh_cards(rng, 40), rng, share=0.12)[0]
    exact(submission, worst.with_columns(pl.lit(None, pl.Int32).alias("species_number")))
    exact(submission, pl.concat([worst, worst]))
    exact(submission, worst.clear())
