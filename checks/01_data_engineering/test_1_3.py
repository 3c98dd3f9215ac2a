"""1.3: the answer of the slow version, many times faster."""

import datetime as dt

import numpy as np
import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from grader.engine import File, Mismatch, Round, as_table, checks, expect, speedup

LESSON = "pandas, polars or SQL"
COLUMNS = ["week", "card_type", "units", "revenue"]
ROWS = 60_000  # so that fixed costs are small beside what a row costs
GLANCE = 8_000  # enough for an answer that is twice as fast as it has to be
FASTER = 20  # times; pandas, polars and DuckDB without a loop reach 34 to 100, a loop over rows 2 to 16
MONDAY = dt.datetime(2024, 1, 1, tzinfo=dt.UTC)


@st.composite
def shops(draw: st.DrawFn) -> tuple[pl.DataFrame, pl.DataFrame]:
    """A few sales and cards, with repeated sales, unknown cards and times around midnight on Sunday."""
    ids = [f"KND-{number:03d}" for number in range(1, 5)]
    known = draw(st.lists(st.sampled_from(ids), min_size=1, max_size=3, unique=True))
    types = draw(st.lists(st.sampled_from(["Fire", "Water"]), min_size=len(known), max_size=len(known)))
    moments = st.builds(
        lambda week, second: MONDAY + dt.timedelta(weeks=week, seconds=second),
        st.integers(0, 53),
        st.sampled_from([-1, 0, 1, 86_400, 6 * 86_400 + 86_399]) | st.integers(0, 7 * 86_400),
    )
    rows = draw(
        st.lists(
            st.tuples(st.sampled_from(ids), st.integers(1, 4), st.integers(1, 9_999), moments), max_size=5
        )
    )
    sales = [
        (f"S{number:07d}", card, quantity, cents / 100, moment)
        for number, (card, quantity, cents, moment) in enumerate(rows)
    ]
    repeated = (
        [sales[place] for place in draw(st.lists(st.integers(0, len(sales) - 1), max_size=2))]
        if sales
        else []
    )
    return table_of(sales + repeated), pl.DataFrame({"card_id": known, "card_type": types})


def table_of(sales: list[tuple]) -> pl.DataFrame:
    """Sales as the shop's table has them."""
    return pl.DataFrame(
        sales,
        orient="row",
        schema={
            "sale_id": pl.String,
            "card_id": pl.String,
            "quantity": pl.Int32,
            "unit_price": pl.Float64,
            "sold_at": pl.Datetime("us", "UTC"),
        },
    )


Totals = dict[tuple[dt.date, str], tuple[int, float]]


def expected(sales: pl.DataFrame, cards: pl.DataFrame, key: str = "sale_id") -> Totals:
    """The totals by Monday and card type, sale by sale; sales with the same `key` count once."""
    types = dict(cards.select("card_id", "card_type").iter_rows())
    totals: Totals = {}
    for sale in {sale[key]: sale for sale in sales.iter_rows(named=True)}.values():
        day = sale["sold_at"].date()
        group = day - dt.timedelta(days=day.weekday()), types.get(sale["card_id"], "Unknown")
        units, revenue = totals.get(group, (0, 0.0))
        totals[group] = units + sale["quantity"], revenue + sale["quantity"] * sale["unit_price"]
    return totals


def as_report(answer: object) -> pl.DataFrame:
    """The answer as a table with the columns and dtypes of the contract."""
    table = as_table(answer)
    if table.columns != COLUMNS:
        raise Mismatch(f"the columns {', '.join(COLUMNS)}", got=", ".join(table.columns) or "no columns")
    week = table["week"]
    if isinstance(week.dtype, pl.Datetime) and not isinstance(answer, pl.DataFrame):  # pandas has no dates
        expect(
            bool((week.dt.time() == dt.time()).all()),
            "dates in `week`",
            because="there is a time of day in it",
        )
        table = table.with_columns(week.dt.date())
    if not table.is_empty():
        expect(table["week"].dtype == pl.Date, "dates in `week`", got=f"the dtype {week.dtype}")
        units = table["units"].dtype
        expect(units.is_integer(), "whole numbers in `units`", got=f"the dtype {units}")
    try:
        return table.cast({"week": pl.Date, "card_type": pl.String, "units": pl.Int64, "revenue": pl.Float64})
    except pl.exceptions.PolarsError:
        raise Mismatch(
            "a date, a text, an integer and a float", got=f"the dtypes {', '.join(map(str, table.dtypes))}"
        ) from None


def report(submission, sales: pl.DataFrame, cards: pl.DataFrame) -> pl.DataFrame:
    """Call the function on these tables; its report."""
    place = submission.folder({"sales.parquet": sales, "cards.parquet": cards})
    return as_report(submission.weekly_revenue(place / "sales.parquet", place / "cards.parquet"))


def same(table: pl.DataFrame, sales: pl.DataFrame, cards: pl.DataFrame) -> None:
    """Expect the totals of these tables, in any order."""
    try:
        same_totals(table, expected(sales, cards))
    except Mismatch as error:
        error.because = error.because or _cause(table, sales, cards)
        raise


def same_totals(table: pl.DataFrame, totals: Totals) -> None:
    """Expect these totals, in any order."""
    rows = _rows(table)
    for week, kind in sorted(totals.keys() - rows.keys()):
        raise Mismatch(f"a row for the week of {week} and {kind}", reread=LESSON)
    for week, kind in sorted(rows.keys() - totals.keys(), key=str):
        raise Mismatch(f"no row for the week of {week} and {kind}", reread=LESSON)
    expect(
        len(rows) == table.height, "one row for each week and card type", because="one of them has two rows"
    )
    for (week, kind), (units, revenue) in totals.items():
        given_units, given_revenue = rows[week, kind]
        if given_units != units:
            raise Mismatch(f"{units} units in the week of {week}, {kind}", got=f"{given_units}")
        if given_revenue is None or abs(given_revenue - revenue) >= 1e-6 * max(1, revenue):
            raise Mismatch(
                f"a revenue of {revenue:.2f} in the week of {week}, {kind}", got=f"{given_revenue}"
            )


def _rows(table: pl.DataFrame) -> Totals:
    return {(week, kind): (units, revenue) for week, kind, units, revenue in table.iter_rows()}


def _cause(table: pl.DataFrame, sales: pl.DataFrame, cards: pl.DataFrame) -> str:
    """What is wrong with a report on these tables, where the report itself shows it."""
    rows, totals = _rows(table), expected(sales, cards)
    days = {day for day, _ in rows if day}
    if odd := sorted(day for day in days if day.weekday()):
        return f"a week of the answer begins on {odd[0]}, a {odd[0]:%A}; weeks begin on Monday"
    if any(kind == "Unknown" for _, kind in totals) and not any(kind == "Unknown" for _, kind in rows):
        return "the sales of unknown cards are missing"
    every_row = expected(sales.with_row_index(), cards, key="index")
    if any(
        total[0] != totals[key][0] and total == every_row.get(key)
        for key, total in rows.items()
        if key in totals
    ):
        return "a repeated sale was counted more than once"
    weeks = {week for week, _ in totals}
    if weeks != days and table["units"].sum() == sum(units for units, _ in totals.values()):
        moment = sales.filter(pl.col("sold_at").dt.date().dt.truncate("1w").is_in(list(weeks ^ days)))[
            "sold_at"
        ].min()
        if moment:
            monday = moment.date() - dt.timedelta(days=moment.weekday())
            return f"a sale of {moment:%A, %Y-%m-%d %H:%M:%S} UTC counts for the week of {monday}"
    return ""


@checks("1.3", weight=0, examples=(6, 40))
@given(shop=shops())
def test_equal(submission, shop):
    """Gives the same totals as the slow version."""
    same(report(submission, *shop), *shop)


@checks("1.3", weight=0)
def test_again(submission, seed):
    """Reads the files at every call."""
    rng = np.random.default_rng(seed)
    yesterday, today = big(rng, 40), big(rng, 50)
    files = [dict(zip(("sales.parquet", "cards.parquet"), shop, strict=True)) for shop in (yesterday, today)]
    place = submission.folder(files[0])
    paths = place / "sales.parquet", place / "cards.parquet"
    same(as_report(submission.weekly_revenue(*paths)), *yesterday)
    submission.folder(files[1], place)
    table = as_report(submission.weekly_revenue(*paths))
    try:
        same_totals(table, expected(*yesterday))
    except Mismatch:
        same(table, *today)
    else:
        raise Mismatch(
            "the totals of what is in the files now",
            got="the totals of what the same files held at the earlier call",
            because="your function remembers something by the path of a file",
            reread=LESSON,
        )


@checks("1.3", examples=(3, 15))
@given(shop=shops())
def test_sorted(submission, shop):
    """Is sorted by week, then card type."""
    keys = report(submission, *shop).select("week", "card_type").rows()
    expect(keys == sorted(keys), "the rows by week, then by card type", got="another order", reread=LESSON)


@checks("1.3", public=False, live=False)
def test_a_year(submission, seed):
    """Gives the same totals on a year of sales."""
    shop = big(np.random.default_rng(seed), 20_000)
    same(report(submission, *shop), *shop)


@checks("1.3", weight=3, timed=True)
def test_speed(submission, seed):
    """Is at least 20 times as fast as the slow version."""
    rng = np.random.default_rng(seed)
    names, files = ("sales.parquet", "cards.parquet"), (File("sales.parquet"), File("cards.parquet"))

    def data(rows: int) -> Round:
        return Round(dict(zip(names, big(rng, rows), strict=True)), files)

    def compare(answer: object, given: object) -> None:
        same_totals(as_report(answer), _rows(as_report(given)))

    speedup(
        submission,
        slow="slow_weekly_revenue",
        fast="weekly_revenue",
        rounds=(data(ROWS) for _ in range(3)),
        warm=data(300),
        enough=FASTER,
        compare=compare,
        glance=data(GLANCE),
    )


def big(rng: np.random.Generator, rows: int) -> tuple[pl.DataFrame, pl.DataFrame]:
    """A year of sales with repeated ones, and cards of which a few are missing."""
    cards = pl.DataFrame(
        {
            "card_id": [f"KND-{number:03d}" for number in range(900)],
            "card_type": rng.choice(["Grass", "Fire", "Water", "Psychic", "Dragon"], 900),
        }
    )
    sales = pl.DataFrame(
        {
            "sale_id": [f"S{number:07d}" for number in range(rows)],
            "card_id": [f"KND-{number:03d}" for number in rng.integers(0, 930, rows)],
            "quantity": pl.Series(rng.integers(1, 5, rows), dtype=pl.Int32),
            "unit_price": np.round(rng.uniform(0.5, 90, rows), 2),
            "sold_at": pl.Series(
                rng.integers(0, 365 * 86_400, rows) * 1_000_000 + int(MONDAY.timestamp() * 1e6)
            ).cast(pl.Datetime("us", "UTC")),
        }
    )
    return pl.concat([sales, sales[rng.integers(0, rows, rows // 20)]]), cards
