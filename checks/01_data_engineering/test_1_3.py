"""1.3: the answer of the given slow version, many times faster."""

import datetime as dt

import numpy as np
import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from grader.engine import Mismatch, as_table, checks, expect, speedup

LESSON = "pandas, polars or SQL"
COLUMNS = ["week", "card_type", "units", "revenue"]
FASTER = 28  # times; queries over columns reach 36 to 140, a lean loop over the rows 15 to 22
MONDAY = dt.datetime(2024, 1, 1, tzinfo=dt.UTC)


@st.composite
def shops(draw: st.DrawFn) -> tuple[pl.DataFrame, pl.DataFrame]:
    """A few sales and cards, with repeated sales, unknown cards and times around the turn of the week."""
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


def expected(sales: pl.DataFrame, cards: pl.DataFrame) -> dict[tuple[dt.date, str], tuple[int, float]]:
    """The totals by Monday and card type, sale by sale."""
    types = dict(cards.select("card_id", "card_type").iter_rows())
    totals: dict[tuple[dt.date, str], tuple[int, float]] = {}
    for sale in {sale["sale_id"]: sale for sale in sales.iter_rows(named=True)}.values():
        day = sale["sold_at"].date()
        key = day - dt.timedelta(days=day.weekday()), types.get(sale["card_id"], "Unknown")
        units, revenue = totals.get(key, (0, 0.0))
        totals[key] = units + sale["quantity"], revenue + sale["quantity"] * sale["unit_price"]
    return totals


def report(submission, sales: pl.DataFrame, cards: pl.DataFrame) -> pl.DataFrame:
    """Call the function; its table with the columns and dtypes of the contract."""
    place = submission.folder({"sales.parquet": sales, "cards.parquet": cards})
    answer = submission.weekly_revenue(place / "sales.parquet", place / "cards.parquet")
    table = as_table(answer)
    expect(
        table.columns == COLUMNS,
        f"the columns {', '.join(COLUMNS)}",
        because=f"they are {', '.join(table.columns)}",
    )
    week = table["week"]
    if isinstance(week.dtype, pl.Datetime) and not isinstance(
        answer, pl.DataFrame
    ):  # pandas has no dates of its own
        expect(
            bool((week.dt.time() == dt.time()).all()),
            "dates in `week`",
            because="there is a time of day in it",
        )
        table = table.with_columns(week.dt.date())
    expect(
        table.is_empty() or table["week"].dtype == pl.Date,
        "dates in `week`",
        because=f"the dtype is {week.dtype}",
    )
    expect(
        table.is_empty() or table["units"].dtype.is_integer(),
        "whole numbers in `units`",
        because=f"the dtype is {table['units'].dtype}",
    )
    try:
        return table.cast({"week": pl.Date, "card_type": pl.String, "units": pl.Int64, "revenue": pl.Float64})
    except pl.exceptions.PolarsError:
        raise Mismatch(
            "a date, a text, an integer and a float",
            because=f"the dtypes are {', '.join(map(str, table.dtypes))}",
        ) from None


def same(table: pl.DataFrame, totals: dict) -> None:
    """Expect these totals."""
    rows = {(week, kind): (units, revenue) for week, kind, units, revenue in table.iter_rows()}
    for key in totals.keys() - rows.keys():
        weeks = {week for week, _ in rows}
        raise Mismatch(
            f"a row for the week of {key[0]} and {key[1]}",
            because="sales of unknown cards are lost"
            if key[1] == "Unknown"
            else "the week has another first day"
            if key[0] not in weeks
            else "it is missing",
            reread=LESSON,
        )
    for key in rows.keys() - totals.keys():
        raise Mismatch(
            f"no row for the week of {key[0]} and {key[1]}",
            because="a week begins on its Monday, in UTC"
            if key[0] and key[0].weekday()
            else "there are no such sales",
        )
    expect(
        len(rows) == table.height,
        "one row for each week and card type",
        because="a week and type stand there twice",
    )
    for key, (units, revenue) in totals.items():
        expect(
            rows[key][0] == units,
            f"{units} units in the week of {key[0]}, {key[1]}",
            because=f"{rows[key][0]} were counted"
            f"{': a repeated sale counts once' if (rows[key][0] or 0) > units else ''}",
        )
        expect(
            rows[key][1] is not None and abs(rows[key][1] - revenue) < 1e-6 * max(1, revenue),
            f"a revenue of {revenue:.2f} in the week of {key[0]}, {key[1]}",
            because=f"it is {rows[key][1]}",
        )


@checks("1.3", weight=0, examples=(6, 60))
@given(shop=shops())
def test_equal(submission, shop):
    """Gives the same totals as the slow version."""
    same(report(submission, *shop), expected(*shop))


@checks("1.3", weight=1, examples=(3, 30))
@given(shop=shops())
def test_sorted(submission, shop):
    """Is sorted by week, then card type."""
    table = report(submission, *shop)
    expect(
        table.select("week", "card_type").rows() == sorted(expected(*shop)),
        "the rows by week, then by card type",
        because="they are in another order",
    )


@checks("1.3", weight=1, public=False, live=False)
def test_a_year(submission, seed):
    """Gives the same totals on a year of sales."""
    shop = big(np.random.default_rng(seed), 20_000)
    same(report(submission, *shop), expected(*shop))


@checks("1.3", weight=3, timed=True)
def test_speed(submission, seed):
    """Is many times faster than the slow version."""
    rng = np.random.default_rng(seed)
    shops = [big(rng, rows) for rows in (300, 30_000, 30_000, 30_000)]

    def arguments(side, number: int) -> tuple:
        place = side.folder(dict(zip(("sales.parquet", "cards.parquet"), shops[number], strict=True)))
        return place / "sales.parquet", place / "cards.parquet"

    times = speedup(submission.shipped.slow_weekly_revenue, submission.weekly_revenue, arguments)
    expect(
        times >= FASTER,
        f"at least {FASTER} times the speed of the slow version",
        because=f"it is {times:.1f} times as fast: somewhere a loop still looks at every row",
        reread=LESSON,
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
