"""1.1c: a delivery of sales, each row of which is accepted or quarantined, unless the delivery is refused."""

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cardshop.quality import CHANNELS, CONDITIONS
from checks.shared.strategies import RANDOM, fresh_sales
from grader.engine import Mismatch, Raised, as_table, checks, expect

MISSING = "Missing and malformed"
SCHEMAS = "Schemas as code"
KEYS = {"accepted", "quarantined"}
IDS = {
    "sale_id": r"S[0-9]{7,}",
    "listing_id": r"L[0-9]{7,}",
    "card_id": r"[A-Z]{3}-[0-9]{3}",
    "customer_id": r"C[0-9]{5}",
}
CATEGORIES = {"condition": CONDITIONS, "channel": CHANNELS}
TEXTS = (*IDS, *CATEGORIES)
COLUMNS = (*IDS, "condition", "quantity", "unit_price", "channel", "sold_at")
BAD = {
    "sale_id": (None, "", "12", "S123456", "s0000001", "X0000001", "S000001x", "xS0000001"),
    "listing_id": (None, "", "L12", "l0000001", "L 0000001", "L0000001x"),
    "card_id": (None, "", "knd-004", "KND004", "KND-04", "KND-0044", "KN1-004", "xKND-004"),
    "customer_id": (None, "", "C123", "C123456", "c01234", "xC01234"),
    "condition": (None, "", "Good", "Near  Mint", "NearMint", "Near-Mint", "Min"),
    "quantity": (None, 0, -2, 100, 10_000),
    "unit_price": (None, 0.0, -3.5, 100_000.01, 10.0**9, math.nan),
    "channel": (None, "", "phone", "we b", "webb"),
    "sold_at": (None,),
}
"""What no certain repair makes sound."""
ENDS = {
    "quantity": (1, 99),
    "unit_price": (0.01, 100_000.0),
    "sale_id": ("S123456789",),
    "listing_id": ("L12345678",),
}
"""Sound values at the ends of what is allowed."""
STRAY = (" {}", "{} ", "  {}", " {}  ")

Sale = tuple


def repair(sale: Sale) -> Sale:
    """The sale after the two certain repairs."""
    return tuple(map(_repaired, COLUMNS, sale))


def _repaired(column: str, value: object) -> object:
    if not isinstance(value, str):
        return value
    value = value.strip(" ")
    return next((one for one in CATEGORIES.get(column, ()) if one.lower() == value.lower()), value)


def judge(sales: list[Sale]) -> list[str]:
    """The `reasons` of each repaired sale; empty for a sound one."""
    ids = [sale[0] for sale in sales]
    return [
        ", ".join(
            column
            for column, value in zip(COLUMNS, sale, strict=True)
            if not _sound(column, value) or column == "sale_id" and ids.count(value) > 1
        )
        for sale in sales
    ]


def _sound(column: str, value: object) -> bool:
    if value is None:
        return False
    if column in IDS:
        return bool(re.fullmatch(IDS[column], value))
    if column in CATEGORIES:
        return value in CATEGORIES[column]
    if column == "quantity":
        return 1 <= value <= 99
    return column != "unit_price" or 0 < value <= 100_000


@dataclass(frozen=True)
class Delivery:
    """Sales as they came, after the repairs, and the reasons of each."""

    table: pl.DataFrame

    @property
    def came(self) -> list[Sale]:
        return self.table.rows()

    @property
    def repaired(self) -> list[Sale]:
        return [repair(sale) for sale in self.came]

    @property
    def reasons(self) -> list[str]:
        return judge(self.repaired)


def changed(sales: pl.DataFrame, changes: dict[tuple[int, str], object]) -> pl.DataFrame:
    """The sales with other values in some cells."""
    values = {name: sales[name].to_list() for name in sales.columns}
    for (row, column), value in changes.items():
        values[column][row] = value
    return pl.DataFrame(values, schema=sales.schema)


def stray(rng: np.random.Generator, sales: pl.DataFrame, share: float) -> pl.DataFrame:
    """The sales, with stray spaces and another case in this share of what can be repaired."""
    changes = {}
    for column in TEXTS:
        for row in np.flatnonzero(rng.random(sales.height) < share):
            value = sales[column][int(row)]
            if value is None:
                continue
            if column in CATEGORIES:
                value = str(rng.choice([value, value.upper(), value.lower(), value.swapcase()]))
            changes[int(row), column] = str(rng.choice(STRAY)).format(value)
    return changed(sales, changes)


def bad_cells(rng: np.random.Generator, rows: list[int], columns: tuple[str, ...] = COLUMNS) -> dict:
    """A bad value, or two of them, in each of these rows."""
    cells = {}
    for row in rows:
        for column in rng.choice(columns, min(int(rng.integers(1, 3)), len(columns)), replace=False):
            cells[row, str(column)] = BAD[column][rng.integers(len(BAD[column]))]
    return cells


def small_delivery(random: int, bad: int, share: float = 0.0) -> Delivery:
    """Ten sales, `bad` of which cannot be repaired; of the other cells a share can."""
    rng = np.random.default_rng(random)
    rows = rng.permutation(10)[:bad].tolist()
    return Delivery(stray(rng, changed(fresh_sales(rng, 10), bad_cells(rng, rows)), share))


def deliveries(bad: st.SearchStrategy[int], share: float = 0.0) -> st.SearchStrategy[Delivery]:
    """Deliveries of ten sales, see `small_delivery`."""
    return st.builds(small_delivery, RANDOM, bad, st.just(share))


def repeated_ids(rng: np.random.Generator, sales: pl.DataFrame) -> pl.DataFrame:
    """The sales, two of which have one id, written in two ways."""
    sound = sales["sale_id"].str.contains("^S[0-9]{7}$").fill_null(False).arg_true()
    one, other = rng.permutation(sound)[:2].tolist()
    return changed(sales, {(other, "sale_id"): f" {sales['sale_id'][one]}"})


def received(submission, delivery: Delivery) -> tuple[list[Sale], list[tuple]]:
    """Call the function; the accepted rows, and the quarantined ones with their reasons at the end."""
    try:
        answer = submission.receive_sales(delivery.table)
    except Raised as error:
        if "ValueError" not in error.types or "NotImplementedError" in error.types:
            raise
        aside = sum(map(bool, delivery.reasons))
        raise Mismatch(
            "two tables",
            got=f"{error}",
            because=f"{aside} of {delivery.table.height} rows have to be quarantined, which is not more than a fifth; "
            "columns and dtypes are those of the contract",
            reread=MISSING,
        ) from None
    expect(
        isinstance(answer, dict) and set(answer) == KEYS,
        'a dict with the keys "accepted" and "quarantined"',
        got=lambda: f"the keys {', '.join(map(repr, answer))}" if isinstance(answer, dict) else "",
    )
    schema = delivery.table.schema
    accepted = _typed("accepted", answer["accepted"], dict(schema))
    return accepted.rows(), _typed(
        "quarantined", answer["quarantined"], {**schema, "reasons": pl.String}
    ).rows()


def _typed(key: str, answer: object, schema: dict[str, pl.DataType]) -> pl.DataFrame:
    """One of the tables, with these columns and dtypes."""
    table = as_table(answer)
    if table.columns != list(schema):
        difference = ", ".join(sorted(set(table.columns) ^ set(schema))) or "they are in another order"
        raise Mismatch(
            f"the columns {', '.join(schema)} in {key!r}",
            because=f"the difference: {difference}",
            reread=MISSING,
        )
    if isinstance(answer, pl.DataFrame) and not table.is_empty():
        wrong = [
            f"{name}: {dtype} instead of {schema[name]}"
            for name, dtype in table.schema.items()
            if dtype != schema[name]
        ]
        expect(
            not wrong, f"the dtypes of the delivery in {key!r}", because=lambda: f"it has {', '.join(wrong)}"
        )
    try:
        return table.cast(schema)
    except pl.exceptions.PolarsError:
        raise Mismatch(
            f"the dtypes of the delivery in {key!r}", got=", ".join(map(str, table.dtypes))
        ) from None


def exact(submission, delivery: Delivery) -> None:
    """Expect each row where it belongs, repaired and with its reasons."""
    accepted, quarantined = received(submission, delivery)
    came, repaired, reasons = delivery.came, delivery.repaired, delivery.reasons
    answer = [(row, "") for row in accepted] + [(row[:-1], row[-1]) for row in quarantined]
    plain = list(map(_plain, came))
    found: dict[int, tuple[Sale, str]] = {}  # by the position in the delivery
    strange = []
    for row, why in answer:
        alike = [at for at in range(len(came)) if at not in found and plain[at] == _plain(row)]
        at = next((at for at in alike if reasons[at] == why), alike[0] if alike else None)
        if at is None:
            strange.append((row, why))
        else:
            found[at] = row, why
    for row, why in strange:
        raise _altered(row, why, came, repaired, reasons)
    for at, wanted in enumerate(reasons):
        if at not in found:
            raise Mismatch(f"row {at} in {_table(wanted)}", "the row is in neither table", MISSING)
        row, why = found[at]
        if why and not wanted:
            raise _quarantined_for_nothing(at, why, came[at], repaired[at])
        if wanted and not why:
            raise _let_in(at, came[at], wanted)
        if why != wanted:
            raise Mismatch(f"the reasons {wanted!r} for row {at}", "", MISSING, repr(why))
        if not wanted and row != repaired[at]:
            column, left, right = _difference(row, repaired[at])
            raise Mismatch(f"{right!r} in `{column}` of row {at} in 'accepted'", "", MISSING, repr(left))


def _plain(sale: Sale) -> Sale:
    """The sale without what a row may differ in while it waits: spaces, case of a category, NaN for null."""
    return tuple(map(_plain_value, COLUMNS, sale))


def _plain_value(column: str, value: object) -> object:
    if isinstance(value, str):
        return value.strip().lower() if column in CATEGORIES else value.strip()
    return None if value != value else value


def _difference(one: Sale, other: Sale) -> tuple[str, object, object]:
    """The first column in which two rows differ, and both values."""
    return next((column, a, b) for column, a, b in zip(COLUMNS, one, other, strict=True) if a != b)


def _table(reasons: str) -> str:
    return "'quarantined'" if reasons else "'accepted'"


def _quarantined_for_nothing(at: int, why: str, came: Sale, repaired: Sale) -> Mismatch:
    """A sound row was quarantined."""
    named = [column for column in COLUMNS if column in why.split(", ")]
    cause = "all of its values are sound"
    if named:
        before, after = (sale[COLUMNS.index(named[0])] for sale in (came, repaired))
        cause = f"its `{named[0]}` is {before!r}, which is sound"
        if before != after:
            cause = f"its `{named[0]}` is {before!r}; only {after!r} can be meant, so the repair is certain"
    return Mismatch(
        f"row {at} in 'accepted'", cause, MISSING, f"it is in 'quarantined', with the reasons {why!r}"
    )


def _let_in(at: int, sale: Sale, reasons: str) -> Mismatch:
    """A row that breaks the contract was accepted."""
    column = reasons.split(", ")[0]
    value = sale[COLUMNS.index(column)]
    cause = f"its `{column}` is {value!r}"
    if column == "sale_id" and _sound(column, _repaired(column, value)):
        cause += ", and another row has the same one"
    return Mismatch(f"row {at} in 'quarantined'", cause, MISSING, "it is in 'accepted'")


def _altered(row: Sale, why: str, came: list[Sale], repaired: list[Sale], reasons: list[str]) -> Mismatch:
    """A row of the answer is not a row of the delivery, or is there too often."""

    def likeness(at: int) -> int:
        return sum(a == b for a, b in zip(_plain(row), _plain(came[at]), strict=True))

    at = max(range(len(came)), key=likeness, default=None)
    if at is None or likeness(at) <= len(COLUMNS) // 2:
        return Mismatch(
            f"rows of the delivery in {_table(why)}", "one of its rows is not in the delivery", MISSING
        )
    if likeness(at) == len(COLUMNS):
        return Mismatch(f"row {at} once in the answer", "it is there twice", MISSING)
    column = _difference(_plain(row), _plain(came[at]))[0]
    given, wanted = (sale[COLUMNS.index(column)] for sale in (row, repaired[at]))
    cause = f"the delivery has {came[at][COLUMNS.index(column)]!r} in `{column}` of row {at}"
    if reasons[at] and not why:
        cause += f"; it was accepted with {given!r}, which is a guess and not a certain repair"
        return Mismatch(f"row {at} in 'quarantined'", cause, MISSING, "it is in 'accepted'")
    return Mismatch(f"{wanted!r} in `{column}` of row {at} in {_table(why)}", cause, MISSING, repr(given))


def refused(submission, delivery: Delivery, why: str, reread: str) -> None:
    """Expect a ValueError."""
    try:
        submission.receive_sales(delivery.table)
    except Raised as error:
        if "ValueError" in error.types and "NotImplementedError" not in error.types:
            return
        raise Mismatch("a ValueError", why, reread, f"it raised {error}") from None
    raise Mismatch("a ValueError: the delivery is refused", why, reread)


@checks("1.1c", weight=0, examples=(1, 3))
@given(delivery=deliveries(st.just(1)))
def test_two_tables(submission, delivery):
    """Accepts a sound sale and quarantines a bad one."""
    accepted, quarantined = received(submission, delivery)
    ids = {row[0] for row in accepted}
    sound = [sale for sale, why in zip(delivery.repaired, delivery.reasons, strict=True) if not why]
    expect(
        any(sale[0] in ids for sale in sound),
        "the sound sales in 'accepted'",
        because="no sound sale of the delivery is in it",
        reread=MISSING,
    )
    expect(
        len(quarantined) > 0,
        "the bad sale in 'quarantined'",
        because=lambda: "'quarantined' is empty, and {} of row {} is {!r}".format(*_first_bad(delivery)),
        reread=MISSING,
    )


def _first_bad(delivery: Delivery) -> tuple[str, int, object]:
    at = next(at for at, why in enumerate(delivery.reasons) if why)
    column = delivery.reasons[at].split(", ")[0]
    return f"`{column}`", at, delivery.table[column][at]


@checks("1.1c", examples=(1, 5))
@given(delivery=deliveries(st.just(0), 0.3))
def test_repairs(submission, delivery):
    """Repairs what is certain, and changes nothing else."""
    exact(submission, delivery)


@checks("1.1c", examples=(1, 6))
@given(delivery=deliveries(st.sampled_from([1, 2])))
def test_quarantine(submission, delivery):
    """Quarantines every row that breaks the contract, with its reasons."""
    exact(submission, delivery)


def one_column(random: int, column: str) -> Delivery:
    """Fifty sales with all bad values and the ends of one column: fewer than a fifth are bad."""
    rng = np.random.default_rng(random)
    values = [*BAD[column], *ENDS.get(column, ())]
    rows = rng.permutation(50)[: len(values)].tolist()
    return Delivery(
        changed(fresh_sales(rng, 50), {(row, column): v for row, v in zip(rows, values, strict=True)})
    )


@checks("1.1c", weight=0.3, live=False, examples=(1, 1))
@pytest.mark.parametrize("column", COLUMNS)
@given(random=RANDOM)
def test_column(submission, random, column):
    """Knows which values of one column are sound"""
    exact(submission, one_column(random, column))


@checks("1.1c", examples=(1, 3))
@given(random=RANDOM)
def test_shared_ids(submission, random):
    """Quarantines all rows that share a sale_id."""
    rng = np.random.default_rng(random)
    exact(submission, Delivery(repeated_ids(rng, fresh_sales(rng, 10))))


def odd_rows(rng: np.random.Generator, sales: pl.DataFrame) -> pl.DataFrame:
    """The sales, one of which came twice with every value, and one without any value."""
    twice, empty = rng.permutation(sales.height)[:2].tolist()
    sales = changed(sales, {(empty, column): None for column in COLUMNS})
    return pl.concat([sales, sales[twice]])


@checks("1.1c", live=False, examples=(1, 2))
@given(random=RANDOM)
def test_every_row_is_kept(submission, random):
    """Keeps rows that are alike, and rows without a value: they wait, too."""
    rng = np.random.default_rng(random)
    exact(submission, Delivery(odd_rows(rng, fresh_sales(rng, 20))))


Edit = Callable[[pl.DataFrame], pl.DataFrame]
OTHER_SCHEMAS: dict[str, tuple[Edit, str]] = {
    "a column is missing": (lambda sales: sales.drop("customer_id"), "there is no column `customer_id`"),
    "a column is unexpected": (
        lambda sales: sales.with_columns(discount=pl.lit(0.1)),
        "`discount` is not a column of the contract",
    ),
    "a number is text": (
        lambda sales: sales.with_columns(pl.col("quantity").cast(pl.String)),
        "`quantity` has the dtype String, the contract says Int32",
    ),
    "an integer has another size": (
        lambda sales: sales.with_columns(pl.col("quantity").cast(pl.Int64)),
        "`quantity` has the dtype Int64, the contract says Int32",
    ),
    "a time has no zone": (
        lambda sales: sales.with_columns(pl.col("sold_at").dt.replace_time_zone(None)),
        "`sold_at` has no time zone, the contract says UTC",
    ),
}


@checks("1.1c", weight=0.5, examples=(1, 1))
@pytest.mark.parametrize("what", list(OTHER_SCHEMAS))
@given(random=RANDOM)
def test_other_schema(submission, random, what):
    """Refuses a delivery whose columns or dtypes are not those of the contract"""
    edit, why = OTHER_SCHEMAS[what]
    refused(submission, Delivery(edit(fresh_sales(np.random.default_rng(random), 5))), why, SCHEMAS)


@checks("1.1c", weight=2, examples=(1, 4))
@given(delivery=deliveries(st.integers(3, 6)))
def test_too_many(submission, delivery):
    """Refuses a delivery of which more than a fifth would be quarantined."""
    aside = sum(map(bool, delivery.reasons))
    refused(
        submission,
        delivery,
        f"{aside} of 10 rows break the contract after the repairs, more than a fifth",
        MISSING,
    )


@checks("1.1c", weight=12, public=False, live=False)
def test_a_night(submission, seed):
    """Does all of it on larger deliveries."""
    rng = np.random.default_rng(seed)
    for _ in range(2):
        sales = fresh_sales(rng, 300)
        cells = bad_cells(rng, rng.permutation(300)[:50].tolist())
        exact(submission, Delivery(odd_rows(rng, stray(rng, repeated_ids(rng, changed(sales, cells)), 0.2))))
    for column in COLUMNS:
        exact(submission, one_column(int(rng.integers(2**32)), column))
    exact(submission, small_delivery(int(rng.integers(2**32)), 2, 0.3))
    refuse = partial(refused, submission, reread=MISSING)
    for edit, why in OTHER_SCHEMAS.values():
        refuse(Delivery(edit(fresh_sales(rng, 40))), f"not every wrong delivery is refused: {why}")
    for bad in (3, 10):
        refuse(
            small_delivery(int(rng.integers(2**32)), bad), "a delivery with too many bad rows is not refused"
        )
    pairs = fresh_sales(rng, 9)
    pairs = changed(pairs, {(1, "sale_id"): pairs["sale_id"][0]})
    refuse(Delivery(pairs), "two of nine rows share a sale_id, which is more than a fifth")
