"""CP-1: findings about deliveries that nobody has seen, against the truth that was recorded when they were made."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import cache

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cardshop.quality import ISSUES, RULES
from cardshop.world.species import species
from cardshop.world.truth.arrival import NewSet, new_set
from cardshop.world.truth.issues import issues
from checks.shared import claims as claim_checker
from grader.engine import Mismatch, as_table, checks, expect

SCHEMAS = "Schemas as code"
TAXONOMY = "What goes wrong with data"
DELIVERIES = st.integers(1_000, 10**9)  # seeds of worlds
CHANGES = ("added", "removed", "renamed", "retyped")


@cache
def arrival(seed: int) -> NewSet:
    """The delivery of the world `seed` and the truth about it."""
    return new_set(seed)


def findings(given: object, columns: tuple[str, ...]) -> set[tuple]:
    """The rows of an answer, as a set; the columns of the contract are there."""
    table = as_table(given)
    if not table.width:
        return set()
    missing = [name for name in columns if name not in table.columns]
    expect(not missing, f"the columns {', '.join(columns)}", because=f"missing: {', '.join(missing)}")
    table = table.select(columns)
    if "row" in columns:
        expect(
            table["row"].dtype.is_integer() or table.is_empty(),
            "positions in `row`",
            because=f"its dtype is {table['row'].dtype}",
        )
        table = table.with_columns(pl.col("row").cast(pl.Int64))
    rows = table.rows()
    expect(len(rows) == len(set(rows)), "each finding once", because="a finding stands there twice")
    return set(rows)


def compare(
    given: set[tuple],
    wanted: set[tuple],
    kinds: tuple[str, ...],
    reread: str,
    tell: Callable[[tuple], str] = lambda finding: "",
) -> None:
    """Expect the same findings of these kinds; the kind is the last value of a finding. `tell` adds what is there."""
    overlooked = sorted((one for one in wanted - given if one[-1] in kinds), key=str)
    alarms = sorted((one for one in given - wanted if one[-1] in kinds), key=str)
    for found, sentence, cause in (
        (overlooked, "{} among the findings", "it was overlooked"),
        (alarms, "no finding {}", "it is a false alarm"),
    ):
        if found:
            raise Mismatch(sentence.format(_words(found)), because=cause + tell(found[0]), reread=reread)


def _words(found: list[tuple]) -> str:
    return ", ".join(map(str, found[0])) if found else ""


def schema(submission, seed: int) -> tuple[set, set]:
    """What the submission found about the schema, and what is true."""
    new = arrival(seed)
    return findings(submission.schema_findings(new.delivery, new.reference), ("column", "change")), set(
        new.schema.rows()
    )


@checks("CP-1a", weight=0, examples=(1, 4))
@given(seed=DELIVERIES)
def test_schema_at_all(submission, seed):
    """Finds a change of the schema."""
    given, wanted = schema(submission, seed)
    expect(
        bool(given & wanted),
        f"{_words(sorted(wanted))} among the findings",
        because="no true finding came back",
        reread=SCHEMAS,
    )


@checks("CP-1a", examples=(2, 8))
@given(seed=DELIVERIES)
@pytest.mark.parametrize("change", CHANGES)
def test_schema(submission, seed, change):
    """Finds every change of one kind, and no other"""
    compare(*schema(submission, seed), (change,), SCHEMAS)


@checks("CP-1a", weight=2, public=False, live=False, examples=(1, 20))
@given(seed=DELIVERIES)
def test_schema_exactly(submission, seed):
    """Is exact on many deliveries."""
    given, wanted = schema(submission, seed)
    expect(
        given == wanted,
        "the changes of the schema and nothing else",
        because=f"on one of many deliveries {len(wanted - given)} were overlooked, {len(given - wanted)} were wrong",
        reread=SCHEMAS,
    )


def quality(submission, seed: int) -> tuple[set, set]:
    """What the submission found to be damaged, and what is."""
    new = arrival(seed)
    given = findings(submission.quality_findings(new.delivery, new.reference), ("row", "column", "issue"))
    return given, set(new.quality.rows())


@checks("CP-1b", weight=0, examples=(1, 4))
@given(seed=DELIVERIES)
def test_quality_at_all(submission, seed):
    """Finds an issue."""
    given, wanted = quality(submission, seed)
    expect(
        bool(given & wanted),
        f"{_words(sorted(wanted))} among the findings",
        because="none of yours is true: rows are counted from 0, columns have our names"
        if given
        else "nothing was found",
        reread=TAXONOMY,
    )


@checks("CP-1b", examples=(1, 6))
@given(seed=DELIVERIES)
@pytest.mark.parametrize("issue", list(ISSUES))
def test_quality(submission, seed, issue):
    """Finds every issue of one kind, and raises no false alarm"""
    compare(*quality(submission, seed), (issue,), TAXONOMY, cell(arrival(seed)))


def cell(new: NewSet) -> Callable[[tuple], str]:
    """Return what tells the value, and the row it stands in, of a finding about quality."""

    def tell(finding: tuple) -> str:
        row, column, _ = finding
        names = {ours: name for name, ours in new.columns.items()}
        if column not in names or not isinstance(row, int) or not 0 <= row < new.delivery.height:
            return "; there is no such cell"
        known = [name for name in ("card_id", "species_number") if name in names and name != column]
        beside = ", ".join(f"{name} {new.delivery[names[name]][row]!r}" for name in known)
        return f"; {column} is {new.delivery[names[column]][row]!r} there, beside {beside}"

    return tell


def handmade(seed: int) -> NewSet:
    """A delivery in which each sentence of the definitions decides about a cell."""
    new = arrival(seed)
    own = {
        number: (height, weight)
        for number, height, weight in species().select("number", "height_m", "weight_kg").iter_rows()
    }
    names = {ours: name for name, ours in new.columns.items()}
    cards = new.clean.head(14).select(name for name in new.reference.columns if name in names)
    values = {name: cards[name].to_list() for name in cards.columns}
    first = values["card_id"][:]
    values["card_id"] = [
        None,
        None,
        *first[2:4],
        first[2],
        first[2],
        "kn-1",
        "kn-1",
        new.reference["card_id"][0],
        *first[9:],
    ]  # two nulls; one id three times; a malformed one twice; one of the reference
    values["species_number"][9] = None
    values["name"][10] = values["name"][11]
    for column, at in (("height_m", 0), ("weight_kg", 1)):
        if column in values:
            limit, high = RULES[column].times_species, RULES[column].high
            values[column][9] = high * 0.9  # nothing to compare with
            for row, factor in ((10, 0.97), (11, 1.03)):
                values[column][row] = factor * limit * own[values["species_number"][row]][at]
            values[column][12] = 2 * high
    values["hp"][13], values["rarity"][13] = 0, "holo"  # two issues in one row
    damaged = pl.DataFrame(values, schema={name: new.reference.schema[name] for name in cards.columns})
    other = {name: new.delivery.schema[names[name]] for name in cards.columns}
    found = pl.DataFrame(sorted(issues(damaged)), schema=new.quality.schema, orient="row")
    return replace(
        new, delivery=damaged.cast(other).rename({name: names[name] for name in cards.columns}), quality=found
    )


@checks("CP-1b", weight=2, live=False, examples=(1, 4))
@given(seed=DELIVERIES)
def test_definitions(submission, seed):
    """Keeps to the letter of the rules, in a delivery of fourteen cards."""
    new = handmade(seed)
    given = findings(submission.quality_findings(new.delivery, new.reference), ("row", "column", "issue"))
    compare(given, set(new.quality.rows()), tuple(ISSUES), TAXONOMY, cell(new))


@checks("CP-1b", weight=3, public=False, live=False, examples=(1, 15))
@given(seed=DELIVERIES)
def test_quality_exactly(submission, seed):
    """Is exact on many deliveries."""
    given, wanted = quality(submission, seed)
    expect(
        given == wanted,
        "the issues and nothing else",
        because=f"on one of many deliveries {len(wanted - given)} were overlooked, {len(given - wanted)} were wrong",
        reread=TAXONOMY,
    )


def drift(submission, seed: int) -> tuple[dict[str, bool], dict[str, bool]]:
    """Which columns the submission says have drifted, and which have."""
    new = arrival(seed)
    rows = findings(submission.drift_findings(new.delivery, new.reference), ("column", "drifted"))
    for column, drifted in rows:
        expect(isinstance(drifted, bool), f"true or false for {column}", because=f"it is {drifted!r}")
    given, wanted = dict(rows), dict(new.drift.rows())
    expect(len(given) == len(rows), "one row a column", because="a column stands there twice")
    expect(
        given.keys() == wanted.keys(),
        f"the columns {', '.join(wanted)}",
        because=f"missing: {', '.join(sorted(wanted.keys() - given.keys())) or 'none'}; "
        f"too many: {', '.join(sorted(given.keys() - wanted.keys())) or 'none'}",
    )
    return given, wanted


@checks("CP-1c", weight=0, examples=(1, 4))
@given(seed=DELIVERIES)
def test_drift_at_all(submission, seed):
    """Tells a column that drifted from one that did not."""
    given, wanted = drift(submission, seed)
    for value in (True, False):
        expect(
            any(given[name] is value is wanted[name] for name in wanted),
            f"{str(value).lower()} for {next(name for name in wanted if wanted[name] is value)}",
            because="all columns got the same answer"
            if len(set(given.values())) == 1
            else "each answer is wrong",
        )


@checks("CP-1c", weight=2, examples=(2, 10))
@given(seed=DELIVERIES)
def test_drift_found(submission, seed):
    """Overlooks no drift."""
    given, wanted = drift(submission, seed)
    overlooked = [name for name in wanted if wanted[name] and not given[name]]
    expect(
        not overlooked,
        f"true for {overlooked[0] if overlooked else ''}",
        because="its distribution moved; a mean can stay where it is while the spread changes",
    )


@checks("CP-1c", weight=2, examples=(2, 10))
@given(seed=DELIVERIES)
def test_no_false_alarm(submission, seed):
    """Raises no false alarm."""
    given, wanted = drift(submission, seed)
    alarms = [name for name in wanted if given[name] and not wanted[name]]
    expect(
        not alarms,
        f"false for {alarms[0] if alarms else ''}",
        because="its distance is within what chance does to a few hundred rows; significance is not size, a few absurd "
        "values move a mean, and the order of the rows says nothing about a distribution",
    )


@checks("CP-1c", weight=2, public=False, live=False, examples=(1, 30))
@given(seed=DELIVERIES)
def test_drift_exactly(submission, seed):
    """Is right about every column of many deliveries."""
    given, wanted = drift(submission, seed)
    expect(
        given == wanted,
        "the columns that drifted and no others",
        because="one column of one delivery is wrong",
    )


def claimed(submission, seed: int) -> tuple[list[claim_checker.Claim], NewSet, dict[str, pl.DataFrame]]:
    """The claims that the submission makes about a delivery, read; the truth; the tables that they speak about."""
    new = arrival(seed)
    given = submission.claims(new.delivery, new.reference)
    expect(
        isinstance(given, list | tuple) and len(given) >= 5,
        "a list of at least five claims",
        because=f"{len(given)} came back" if isinstance(given, list | tuple) else "no list came back",
    )
    try:
        read = [claim_checker.read(one) for one in given]
    except claim_checker.ClaimError as error:
        raise Mismatch("claims in the form that the task gives", because=str(error)) from None
    twice = {claim.subject for claim in read if sum(claim.subject == other.subject for other in read) > 1}
    expect(not twice, "no two claims about the same number", because=f"twice: {min(twice, default='')}")
    ours = new.delivery.select(
        pl.col(name).cast(new.reference.schema[column]).alias(column) for name, column in new.columns.items()
    )
    return read, new, {"delivery": ours, "reference": new.reference}


def damage(claim: claim_checker.Claim, new: NewSet, table: pl.DataFrame) -> frozenset[tuple[int, str]]:
    """Return the damaged cells whose number a claim states; none where it is about something else."""
    if claim.table != "delivery":
        return frozenset()
    issues = {(row, column) for row, column, _ in new.quality.rows()}
    rows = claim_checker.rows(claim, table)
    if claim.name == "share_missing":
        return frozenset((row, claim.column) for row in rows if table[claim.column][row] is None) & issues
    if claim.name not in ("rows", "share") or not claim.where:
        return frozenset()
    cells = {(row, column) for row in rows for column in claim.where} & issues
    return frozenset(cells) if {row for row, _ in cells} == set(rows) else frozenset()


def damages(read: list, new: NewSet, table: pl.DataFrame) -> int:
    """Count the different sets of damaged cells that the claims are about."""
    return len({cells for claim in read if (cells := damage(claim, new, table))})


def drifts(read: list, new: NewSet) -> int:
    """Count the different columns whose drift the claims state."""
    drifted = set(new.drift.filter("drifted")["column"])
    return len(
        {
            claim.column
            for claim in read
            if claim.name in ("psi", "ks") and not claim.where and claim.table == "delivery"
        }
        & drifted
    )


def sized(read: list) -> bool:
    """Whether the size of the delivery is among the claims."""
    return any(claim.name == "rows" and claim.table == "delivery" and not claim.where for claim in read)


def _titles(claims: Iterable) -> str:
    return "; ".join(map(claim_checker.title, claims))


@checks("CP-1d", weight=0, examples=(1, 4))
@given(seed=DELIVERIES)
def test_claims_hold(submission, seed):
    """Every claim agrees with the tables."""
    read, _, tables = claimed(submission, seed)
    for claim in read:
        result = claim_checker.recompute(claim, tables)
        expect(result.holds, "claims that can be recomputed", because=result.sentence)


@checks("CP-1d", weight=1, examples=(1, 8))
@given(seed=DELIVERIES)
def test_size(submission, seed):
    """States the size of the delivery."""
    read, _, _ = claimed(submission, seed)
    expect(sized(read), "`rows` of the delivery, with the slice {}", because="no claim states it")


@checks("CP-1d", weight=2, examples=(1, 8))
@given(seed=DELIVERIES)
def test_damage(submission, seed):
    """States two numbers about damage."""
    read, new, tables = claimed(submission, seed)
    table = tables["delivery"]
    count = damages(read, new, table)
    expect(
        count >= 2,
        "at least two claims about different damage",
        because=f"{count} of {len(read)} are; the others: {_titles(c for c in read if not damage(c, new, table))}",
        reread=TAXONOMY,
    )


@checks("CP-1d", weight=2, examples=(1, 8))
@given(seed=DELIVERIES)
def test_drift(submission, seed):
    """States two numbers about drift."""
    read, new, _ = claimed(submission, seed)
    count = drifts(read, new)
    expect(
        count >= 2,
        "at least two claims about drift: psi or ks of columns that drifted",
        because=f"{count} of {len(read)} are",
    )


@checks("CP-1d", weight=2, public=False, live=False, examples=(1, 15))
@given(seed=DELIVERIES)
def test_claims_elsewhere(submission, seed):
    """Does all of it on many deliveries."""
    read, new, tables = claimed(submission, seed)
    wrong = sum(not claim_checker.recompute(claim, tables).holds for claim in read)
    counts = damages(read, new, tables["delivery"]), drifts(read, new)
    expect(
        not wrong and min(counts) >= 2 and sized(read),
        "claims that hold: the size, two about damage, two about drift",
        because=f"on one of many deliveries {wrong} claims did not hold; {counts[0]} were about damage, {counts[1]} "
        f"about drift{'' if sized(read) else '; the size was not stated'}",
    )
