"""1.1: five copies with one kind of issue each, and a function that finds every issue and nothing else."""

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cardshop.quality import ISSUES, RULES
from cardshop.world.species import species
from cardshop.world.truth.dirt import plant
from cardshop.world.truth.issues import issues
from checks.shared.findings import false_alarm, overlooked, shown
from checks.shared.strategies import RANDOM, cards_with_issues, fresh_cards, sound_cards
from grader.engine import Mismatch, as_table, checks, expect

KINDS = ("missing", "duplicate", "out_of_range", "bad_category", "malformed")
TAXONOMY = "What goes wrong with data"
MISSING = "Missing and malformed"
NO_IDS = ["123-ABC", "ABC-XYZ", "ABC-0123", "ABCD-012", "Abc-012", "ABC 012", " ABC-012", "ABC-012 "]


def copies(submission, cards: pl.DataFrame) -> dict[str, pl.DataFrame]:
    """Call the function; it returns five tables with the columns of `cards`."""
    answer = submission.break_cards(cards)
    expect(isinstance(answer, dict), "a dict from each kind of issue to a copy of `cards`")
    if set(answer) != set(KINDS):
        raise Mismatch(f"the keys {', '.join(KINDS)}", because=_difference(set(answer), set(KINDS)))
    return {kind: _copy(kind, answer[kind], cards) for kind in KINDS}


def _copy(kind: str, answer: object, cards: pl.DataFrame) -> pl.DataFrame:
    table = as_table(answer)
    if table.columns != cards.columns:
        because = _difference(set(table.columns), set(cards.columns)) or "they are in another order"
        raise Mismatch(f"the columns of `cards` in the copy {kind!r}", because=because)
    if table.schema == cards.schema:
        return table
    if not isinstance(answer, pl.DataFrame):  # pandas does not have all of our dtypes
        try:
            return table.cast(dict(cards.schema))
        except pl.exceptions.PolarsError:
            pass
    changed = [
        f"{name}: {dtype} instead of {cards.schema[name]}"
        for name, dtype in table.schema.items()
        if dtype != cards.schema[name]
    ]
    raise Mismatch(f"the dtypes of `cards` in the copy {kind!r}", because=f"it has {', '.join(changed)}")


def _difference(given: set, wanted: set) -> str:
    parts = [
        f"{', '.join(sorted(map(repr, names)))} {verb}"
        for names, verb in ((wanted - given, "missing"), (given - wanted, "too many"))
        if names
    ]
    return "; ".join(parts)


@checks("1.1a", weight=0, examples=(1, 5))
@given(cards=sound_cards(2))
def test_five_copies(submission, cards):
    """Returns five copies, and at least one has an issue of its own kind."""
    tables = copies(submission, cards)
    expect(
        any(issue == kind for kind, table in tables.items() for _, _, issue in issues(table)),
        "an issue of its own kind in each copy",
        because="none of the copies has an issue of its own kind",
        reread=TAXONOMY,
    )


@checks("1.1a", examples=(1, 5))
@given(cards=sound_cards())
@pytest.mark.parametrize("kind", KINDS)
def test_one_kind(submission, cards, kind):
    """Has issues of this kind and of no other in the copy"""
    one_kind(kind, copies(submission, cards)[kind])


def one_kind(kind: str, table: pl.DataFrame) -> None:
    """Expect issues of this kind, and of no other."""
    found = issues(table)
    expect(
        any(issue == kind for _, _, issue in found),
        f"at least one issue of the kind {kind} in the copy {kind!r}",
        because=f"the copy has none; {kind} means {ISSUES[kind]}",
        reread=TAXONOMY,
    )
    others = sorted(one for one in found if one[2] != kind)
    if others:
        raise Mismatch(
            f"no issue of another kind in the copy {kind!r}",
            because=f"it also has {shown(others[0])}",
            reread=TAXONOMY,
        )


@checks("1.1a", weight=3, examples=(1, 12))
@given(cards=sound_cards())
def test_nothing_else_changes(submission, cards):
    """Changes nothing else in the copies."""
    nothing_else(copies(submission, cards), cards)


def nothing_else(tables: dict[str, pl.DataFrame], cards: pl.DataFrame) -> None:
    """Expect every value as it was, unless it is an issue; only the copy with a duplicate has more rows."""
    _only_more_rows(tables.pop("duplicate"), cards)
    for kind, table in tables.items():
        if table.height != cards.height:
            raise Mismatch(
                f"{cards.height} rows in the copy {kind!r}",
                because=f"it has {table.height}; only 'duplicate' has more rows than `cards`",
            )
        bad = {(row, column) for row, column, _ in issues(table)}
        for column in cards.columns:
            for row, (before, after) in enumerate(zip(cards[column], table[column], strict=True)):
                if before != after and (row, column) not in bad:
                    raise Mismatch(
                        f"{before!r} in row {row}, column {column} of the copy {kind!r}",
                        because=f"a sound value was changed to {after!r}",
                    )


@checks("1.1a", weight=9, public=False, live=False)
def test_a_catalogue(submission, seed):
    """Does all of it on larger tables."""
    rng = np.random.default_rng(seed)
    for size in (1, 60):
        cards = fresh_cards(rng, size)
        tables = copies(submission, cards)
        for kind, table in tables.items():
            one_kind(kind, table)
        nothing_else(tables, cards)


def _only_more_rows(table: pl.DataFrame, cards: pl.DataFrame) -> None:
    expect(
        table.height > cards.height,
        "more rows in the copy 'duplicate' than in `cards`",
        because=f"it has {table.height}",
    )
    expect(
        set(table.rows()) <= set(cards.rows()),
        "only rows of `cards` in the copy 'duplicate'",
        because="one of its rows is not a row of `cards`",
    )
    kept = table.filter(pl.col("card_id").is_first_distinct())
    expect(
        kept.sort(pl.all()).equals(cards.sort(pl.all())),
        "each card of `cards` in the copy 'duplicate'",
        because="one of them is missing",
    )


@checks("1.1a", weight=0.6)
def test_copies(submission, seed):
    """Does not change `cards`."""
    submission.break_cards(fresh_cards(np.random.default_rng(seed), 3))
    expect(not submission.last.mutated, "`cards` as it was", because="your function changed its argument")


def answer(submission, cards: pl.DataFrame) -> set[tuple]:
    """Call the function; the rows of its answer as a set."""
    table = as_table(submission.find_issues(cards))
    if not table.width:  # an empty list of issues
        return set()
    if not {"row", "column", "issue"} <= set(table.columns):
        raise Mismatch(
            "the columns row, column and issue", because=f"the answer has {', '.join(table.columns)}"
        )
    table = table.select("row", "column", "issue")
    if table.is_empty():
        return set()
    if not table["row"].dtype.is_numeric():
        raise Mismatch("numbers in `row`", because=f"its dtype is {table['row'].dtype}")
    try:
        rows = table.cast({"row": pl.Int64, "column": pl.String, "issue": pl.String}).rows()
    except pl.exceptions.PolarsError:
        raise Mismatch(
            "positions from 0 in `row`, names in `column` and `issue`",
            because=f"their dtypes are {', '.join(map(str, table.dtypes))}",
        ) from None
    expect(len(rows) == len(set(rows)), "each issue once", because="the answer reports an issue twice")
    return set(rows)


def exact(submission, cards: pl.DataFrame) -> None:
    """Expect exactly the issues that the table has."""
    given, wanted = answer(submission, cards), issues(cards)
    if given != wanted:
        raise _mismatch(given, wanted, cards)


def _mismatch(given: set, wanted: set, cards: pl.DataFrame) -> Mismatch:
    """The first thing that is wrong: an issue that is not in the answer, or one that is not in the table."""
    if missed := sorted(wanted - given):
        first = missed[0]
        because = overlooked(first, given - wanted, cards[first[1]].to_list())
        reread = MISSING if first[2] in ("missing", "malformed") else TAXONOMY
        return Mismatch(f"{shown(first)} among the issues", because, reread)
    alarm = min(given - wanted, key=str)
    return Mismatch(
        f"no issue at {shown(alarm)}", false_alarm(alarm, cards.to_dict(as_series=False)), TAXONOMY
    )


EVERY_KIND = st.builds(cards_with_issues, RANDOM, st.just(7), st.just(tuple(ISSUES)))


@checks("1.1b", weight=0, examples=(1, 4))
@given(cards=EVERY_KIND)
def test_an_issue(submission, cards):
    """Finds at least one issue among cards with one of every kind."""
    given, wanted = answer(submission, cards), issues(cards)
    if not given & wanted:
        raise _mismatch(given, wanted, cards)


@checks("1.1b", examples=(1, 8))
@given(cards=EVERY_KIND)
def test_all_kinds(submission, cards):
    """Finds one issue of every kind in seven cards, and nothing else."""
    exact(submission, cards)


@checks("1.1b", weight=0.5, live=False, examples=(1, 4))
@pytest.mark.parametrize("kind", list(ISSUES))
@given(random=RANDOM, size=st.integers(4, 12), share=st.sampled_from([0.2, 0.5]))
def test_kind(submission, random, size, share, kind):
    """Finds every issue of one kind and raises no false alarm"""
    exact(submission, cards_with_issues(random, size, (kind,), share))


@checks("1.1b", examples=(1, 6))
@given(cards=sound_cards(largest=16))
def test_silence(submission, cards):
    """Reports no issue in sound cards."""
    exact(submission, cards)


def borderline_cards(rng: np.random.Generator) -> pl.DataFrame:
    """Cards about which each sentence of the rules decides: limits, null ids, copies of an id, ids that nearly fit."""
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
        if rule.low is not None and name != "species_number":  # a weight is compared with that of the species
            values[name][9:11] = rule.low, rule.high
        if rule.high is not None and not cards.schema[name].is_float() and name != "species_number":
            values[name][11:13] = rng.integers(rule.low, rule.high + 1, 2).tolist()
    values["card_id"][13:] = NO_IDS
    return pl.DataFrame(values, schema=cards.schema)


@checks("1.1b", weight=2)
def test_definitions(submission, seed):
    """Applies every rule exactly: inclusive limits, null ids, repeated ids, values far above those of the species."""
    exact(submission, borderline_cards(np.random.default_rng(seed)))


@checks("1.1b", weight=8, public=False, live=False)
def test_a_whole_delivery(submission, seed):
    """Is exact on whole deliveries with all kinds of issues."""
    rng = np.random.default_rng(seed)
    for _ in range(3):
        exact(submission, plant(fresh_cards(rng, 400), rng)[0])
    exact(submission, borderline_cards(rng))
    worst = plant(fresh_cards(rng, 40), rng, share=0.12)[0]
    exact(submission, worst.with_columns(pl.lit(None, pl.Int32).alias("species_number")))
    exact(submission, pl.concat([worst, worst]))
    exact(submission, worst.clear())


@checks("1.1b", weight=0.4)
def test_leaves_cards(submission, seed):
    """Does not change `cards`."""
    submission.find_issues(fresh_cards(np.random.default_rng(seed), 3))
    expect(not submission.last.mutated, "`cards` as it was", because="your function changed its argument")
