"""CP-1: findings about deliveries that nobody has seen, against the truth that was recorded when they were made."""

from collections.abc import Iterable
from dataclasses import replace
from itertools import islice

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cardshop.quality import ISSUES, RULES
from cardshop.world.species import species
from cardshop.world.truth.arrival import NewSet, distance, new_set, psi
from cardshop.world.truth.issues import issues
from checks.shared import claims as claim_checker
from checks.shared.findings import false_alarm, overlooked, shown
from grader.engine import Mismatch, as_table, checks, expect, kind_of, remembered

SCHEMAS = "Schemas as code"
TAXONOMY = "What goes wrong with data"
DRIFT = "Drift"
DELIVERIES = st.integers(1_000, 10**9)  # seeds of worlds
COPIES = 40  # with so many copies of each row, every difference is significant
CHANGES = ("added", "removed", "renamed", "retyped")


@remembered
def arrival(seed: int) -> NewSet:
    """The delivery of the world `seed` and the truth about it."""
    return new_set(seed)


def findings(given: object, columns: tuple[str, ...]) -> set[tuple]:
    """The rows of an answer, as a set; the columns of the contract are there."""
    table = as_table(given)
    if not table.width:
        return set()
    missing = [name for name in columns if name not in table.columns]
    if missing:
        raise Mismatch(f"the columns {', '.join(columns)}", because=f"missing: {', '.join(missing)}")
    table = table.select(columns)
    if "row" in columns and not table.is_empty():
        expect(table["row"].dtype.is_integer(), "positions in `row`", got=f"the dtype {table['row'].dtype}")
        table = table.with_columns(pl.col("row").cast(pl.Int64))
    rows = table.rows()
    expect(len(rows) == len(set(rows)), "each finding once", because="the answer reports a finding twice")
    return set(rows)


def exactly(given: set, wanted: set) -> None:
    """Expect the same findings, and show none of a delivery that is held out."""
    if given != wanted:
        missed, wrong = len(wanted - given), len(given - wanted)
        raise Mismatch(
            "the true findings, and no others",
            because=f"on one of many deliveries {missed} findings are missing and {wrong} are wrong",
        )


def schema(submission, seed: int) -> tuple[set, set]:
    """What the submission found about the schema, and what is true."""
    new = arrival(seed)
    given = findings(submission.schema_findings(new.delivery, new.reference), ("column", "change"))
    return given, set(new.schema.rows())


def compare_schema(given: set, wanted: set, seed: int, change: str | None = None) -> None:
    """Expect the same findings about the schema, those of one change or all."""
    new = arrival(seed)
    names = {ours: name for name, ours in new.columns.items()}
    missed = sorted(one for one in wanted - given if change in (one[1], None))
    if missed:
        column, kind = missed[0]
        other = [name for name, said in sorted(given - wanted, key=str) if said == kind]
        theirs = names.get(column, column)
        if kind == "renamed":
            because = f"the delivery has `{theirs}`, which is our `{column}`"
        elif kind == "retyped":
            dtypes = new.delivery.schema[theirs], new.reference.schema[column]
            because = f"`{theirs}` is {dtypes[0]} in the delivery, ours is {dtypes[1]}"
        else:
            because = f"no column of the other table matches `{column}`"
        if other and theirs in other:
            because += f"; it was reported under the name {theirs!r}"
        raise Mismatch(f"{column}, {kind} among the findings", because, SCHEMAS)
    alarms = sorted((one for one in given - wanted if change in (one[1], None)), key=str)
    if alarms:
        column, kind = alarms[0]
        raise Mismatch(f"no finding {column}, {kind}", _no_change(column, kind, new, names), SCHEMAS)


def _no_change(column: object, kind: object, new: NewSet, names: dict[str, str]) -> str:
    if kind not in CHANGES:
        return f"{kind!r} is not one of {', '.join(CHANGES)}"
    if column in new.columns and new.columns[column] != column:
        return f"the delivered `{column}` is our `{new.columns[column]}`"
    if column in names:
        dtypes = new.delivery.schema[names[column]], new.reference.schema[column]
        return f"the delivery has it as `{names[column]}`, with the dtype {dtypes[0]}; ours is {dtypes[1]}"
    if column in new.reference.columns:
        return f"no delivered column matches our `{column}`: it was removed"
    if column in new.delivery.columns:
        return f"`{column}` matches none of our columns: it was added"
    return "neither table has such a column"


@checks("CP-1a", weight=0, examples=(1, 3))
@given(seed=DELIVERIES)
def test_schema_at_all(submission, seed):
    """Finds a change of the schema."""
    given, wanted = schema(submission, seed)
    if not given & wanted:
        compare_schema(given, wanted, seed)


@checks("CP-1a", examples=(2, 6))
@given(seed=DELIVERIES)
@pytest.mark.parametrize("change", CHANGES)
def test_schema(submission, seed, change):
    """Finds every change of this kind, and no other"""
    compare_schema(*schema(submission, seed), seed, change)


@checks("CP-1a", weight=5, public=False, live=False, examples=(1, 20))
@given(seed=DELIVERIES)
def test_schema_exactly(submission, seed):
    """Is exact on many deliveries."""
    exactly(*schema(submission, seed))


def quality(submission, new: NewSet) -> tuple[set, set]:
    """The issues that the submission found, and those that are there."""
    given = findings(submission.quality_findings(new.delivery, new.reference), ("row", "column", "issue"))
    return given, set(new.quality.rows())


def compare_quality(given: set, wanted: set, new: NewSet, issue: str | None = None) -> None:
    """Expect the same findings about quality, those of one kind or all."""
    names = {ours: name for name, ours in new.columns.items()}
    values = {ours: new.delivery[name].to_list() for ours, name in names.items()}
    if missed := sorted(one for one in wanted - given if issue in (one[2], None)):
        first = missed[0]
        because = overlooked(first, given - wanted, values[first[1]]) + _beside(first, values)
        raise Mismatch(f"{shown(first)} among the findings", because, TAXONOMY)
    if alarms := sorted((one for one in given - wanted if issue in (one[2], None)), key=str):
        first = alarms[0]
        if first[1] in new.columns and new.columns[first[1]] != first[1]:
            because = f"our name of this column is {new.columns[first[1]]!r}"
        else:
            because = false_alarm(first, values) + _beside(first, values)
        raise Mismatch(f"no finding {shown(first)}", because, TAXONOMY)


def _beside(finding: tuple, values: dict[str, list]) -> str:
    """What identifies the card of a finding."""
    row, column, _ = finding
    if column not in values or not isinstance(row, int) or not 0 <= row < len(values[column]):
        return ""
    known = [name for name in ("card_id", "species_number") if name in values and name != column]
    return f" (in the same row: {', '.join(f'{name} {values[name][row]!r}' for name in known)})"


@checks("CP-1b", weight=0, examples=(1, 3))
@given(seed=DELIVERIES)
def test_quality_at_all(submission, seed):
    """Finds an issue."""
    given, wanted = quality(submission, arrival(seed))
    if not given & wanted:
        compare_quality(given, wanted, arrival(seed))


@checks("CP-1b", examples=(1, 5))
@given(seed=DELIVERIES)
@pytest.mark.parametrize("issue", list(ISSUES))
def test_quality(submission, seed, issue):
    """Finds every issue of this kind, and raises no false alarm"""
    compare_quality(*quality(submission, arrival(seed)), arrival(seed), issue)


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
    table = pl.DataFrame(values, schema={name: new.reference.schema[name] for name in cards.columns})
    other = {name: new.delivery.schema[names[name]] for name in cards.columns}
    found = pl.DataFrame(sorted(issues(table)), schema=new.quality.schema, orient="row")
    return replace(
        new, delivery=table.cast(other).rename({name: names[name] for name in cards.columns}), quality=found
    )


@checks("CP-1b", weight=2, live=False, examples=(1, 4))
@given(seed=DELIVERIES)
def test_definitions(submission, seed):
    """Applies every rule exactly, in a delivery of fourteen cards."""
    new = handmade(seed)
    compare_quality(*quality(submission, new), new)


@checks("CP-1b", weight=9, public=False, live=False, examples=(1, 12))
@given(seed=DELIVERIES)
def test_quality_exactly(submission, seed):
    """Is exact on many deliveries."""
    for new in (arrival(seed), handmade(seed)):
        exactly(*quality(submission, new))


def tall(new: NewSet) -> NewSet:
    """The same distributions in many thousand rows, which have ids of their own."""
    name = next((name for name, ours in new.columns.items() if ours == "card_id"), None)
    tables = []
    for table, key in ((new.delivery, name), (new.reference, "card_id")):
        table = pl.concat([table] * COPIES)
        tables.append(table.with_columns(_ids(table.height).alias(key)) if key else table)
    return replace(new, delivery=tables[0], reference=tables[1])


def _ids(count: int) -> pl.Series:
    letters = [chr(ord("A") + at) for at in range(26)]
    codes = (f"{a}{b}{c}" for a in letters for b in letters for c in letters)
    return pl.Series(
        [f"{code}-{number:03d}" for code in islice(codes, count // 999 + 1) for number in range(1, 1000)][
            :count
        ]
    )


def drift(submission, new: NewSet) -> tuple[dict[str, bool], dict[str, bool]]:
    """Which columns the submission says have drifted, and which have."""
    rows = findings(submission.drift_findings(new.delivery, new.reference), ("column", "drifted"))
    for column, drifted in rows:
        if not isinstance(drifted, bool):
            raise Mismatch(f"true or false for {column}", got=f"{drifted!r}")
    given, wanted = dict(rows), dict(new.drift.rows())
    expect(len(given) == len(rows), "one row a column", because="a column has two rows")
    if given.keys() != wanted.keys():
        wrong = (
            [f"{', '.join(sorted(wanted.keys() - given.keys()))} missing"]
            if wanted.keys() - given.keys()
            else []
        )
        many = sorted(map(str, given.keys() - wanted.keys()))
        wrong += [f"{', '.join(many)} too many"] if many else []
        raise Mismatch(f"the columns {', '.join(wanted)}", because="; ".join(wrong))
    return given, wanted


def distances(new: NewSet, column: str) -> str:
    """How far a column has drifted, in words."""
    name = next(name for name, ours in new.columns.items() if ours == column)
    then = new.reference[column]
    now = new.delivery[name].cast(then.dtype)
    told = f"PSI is {psi(then, now):.2f}"
    if then.dtype.is_numeric():
        told += f", KS is {distance(then, now):.2f}"
        means, medians = (now.mean(), then.mean()), (now.median(), then.median())
        told += f"; the mean is {means[0]:.4g}, in the reference {means[1]:.4g}"
        told += f"; the median is {medians[0]:.4g}, in the reference {medians[1]:.4g}"
    return told


def compare_drift(submission, new: NewSet, which: bool, known: str = "") -> None:
    """Expect the right answer for the columns that drifted (`which` True), or for those that did not (False).

    `known` is what else a wrong answer shows.
    """
    given, wanted = drift(submission, new)
    for name, drifted in wanted.items():
        if drifted is which and given[name] is not drifted:
            raise Mismatch(
                f"{str(drifted).lower()} for {name}",
                got=str(given[name]).lower(),
                because=distances(new, name) + known,
                reread=DRIFT,
            )


@checks("CP-1c", weight=0, examples=(1, 3))
@given(seed=DELIVERIES)
def test_drift_at_all(submission, seed):
    """Tells a column that drifted from one that did not."""
    given, wanted = drift(submission, arrival(seed))
    right = {value for name, value in wanted.items() if given[name] is value}
    if len(right) < 2:
        same = len(set(given.values())) == 1
        raise Mismatch(
            "the right answer for at least one column that drifted and one that did not",
            because=f"the answer is {str(min(given.values())).lower()} for every column" if same else "",
            reread=DRIFT,
        )


@checks("CP-1c", weight=2, examples=(2, 8))
@given(seed=DELIVERIES)
def test_drift_found(submission, seed):
    """Finds every column that drifted."""
    compare_drift(submission, arrival(seed), True)


@checks("CP-1c", weight=2, examples=(2, 8))
@given(seed=DELIVERIES)
def test_no_false_alarm(submission, seed):
    """Calls no column drifted that did not drift."""
    compare_drift(submission, arrival(seed), False)


def judged_by_size(submission, seed: int) -> None:
    """Expect the right answers about a delivery of many thousand rows."""
    known = (
        f". Both tables have many thousand rows: {COPIES} copies of each row, with the distances as before. Among "
        "so many rows a small difference is significant, and still small"
    )
    for which in (False, True):
        compare_drift(submission, tall(arrival(seed)), which, known)


@checks("CP-1c", live=False)
def test_many_rows(submission, seed):
    """Judges how large a difference is, not how certain: a table of many thousand rows."""
    judged_by_size(submission, seed % 10**9)


@checks("CP-1c", weight=6, public=False, live=False, examples=(1, 30))
@given(seed=DELIVERIES)
def test_drift_exactly(submission, seed):
    """Is right about every column of many deliveries, in few rows and in many."""
    given, wanted = drift(submission, arrival(seed))
    exactly(set(given.items()), set(wanted.items()))
    if seed % 3 == 0:
        judged_by_size(submission, seed)


def claimed(submission, seed: int) -> tuple[list[claim_checker.Claim], NewSet, dict[str, pl.DataFrame]]:
    """The claims that the submission makes about a delivery, read; the truth; the tables that they speak about."""
    new = arrival(seed)
    given = submission.claims(new.delivery, new.reference)
    if not isinstance(given, list | tuple) or len(given) < 5:
        got = f"{len(given)}" if isinstance(given, list | tuple) else kind_of(given)
        raise Mismatch("a list of at least five claims", got=got)
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


def issue_cells(claim: claim_checker.Claim, new: NewSet, table: pl.DataFrame) -> frozenset[tuple[int, str]]:
    """Return the cells with issues whose number a claim states; none where it is about something else."""
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


def issue_claims(read: list, new: NewSet, table: pl.DataFrame) -> int:
    """Count the different sets of cells with issues that the claims are about."""
    return len({cells for claim in read if (cells := issue_cells(claim, new, table))})


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


def all_hold(read: list, tables: dict[str, pl.DataFrame]) -> None:
    """Expect claims that agree with the tables."""
    for claim in read:
        result = claim_checker.recompute(claim, tables)
        if not result.holds:
            raise Mismatch("claims that can be recomputed", because=result.sentence)


def about_size(read: list) -> None:
    """Expect a claim about the size of the delivery."""
    expect(sized(read), "`rows` of the delivery, with the slice {}", because="no claim states it")


def about_issues(read: list, new: NewSet, table: pl.DataFrame) -> None:
    """Expect two claims about different issues."""
    count = issue_claims(read, new, table)
    expect(
        count >= 2,
        "at least two claims about different issues",
        because=lambda: (
            f"{count} of {len(read)} are; the others: "
            f"{_titles(claim for claim in read if not issue_cells(claim, new, table))}"
        ),
        reread=TAXONOMY,
    )


def about_drift(read: list, new: NewSet) -> None:
    """Expect two claims about the drift of different columns."""
    count = drifts(read, new)
    expect(
        count >= 2,
        "at least two claims about drift: psi or ks of columns that drifted",
        because=f"{count} of {len(read)} are",
        reread=DRIFT,
    )


@checks("CP-1d", weight=0, examples=(1, 3))
@given(seed=DELIVERIES)
def test_claims_hold(submission, seed):
    """Every claim agrees with the tables."""
    read, _, tables = claimed(submission, seed)
    all_hold(read, tables)


@checks("CP-1d", examples=(1, 5))
@given(seed=DELIVERIES)
def test_size(submission, seed):
    """States the size of the delivery."""
    about_size(claimed(submission, seed)[0])


@checks("CP-1d", weight=2, examples=(1, 5))
@given(seed=DELIVERIES)
def test_issues(submission, seed):
    """States two numbers about issues."""
    read, new, tables = claimed(submission, seed)
    about_issues(read, new, tables["delivery"])


@checks("CP-1d", weight=2, examples=(1, 5))
@given(seed=DELIVERIES)
def test_drift(submission, seed):
    """States two numbers about drift."""
    read, new, _ = claimed(submission, seed)
    about_drift(read, new)


@checks("CP-1d", weight=6, public=False, live=False, examples=(1, 12))
@given(seed=DELIVERIES)
def test_claims_elsewhere(submission, seed):
    """Does all of it on many deliveries."""
    read, new, tables = claimed(submission, seed)
    all_hold(read, tables)
    about_size(read)
    about_issues(read, new, tables["delivery"])
    about_drift(read, new)
