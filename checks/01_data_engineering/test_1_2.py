"""1.2: a loader that depends on the files alone, and a fingerprint that depends on the content alone."""

import datetime as dt

import numpy as np
import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from cardshop.world.truth.export import clean, messy_files
from checks.shared.strategies import RANDOM
from grader.engine import Mismatch, Raised, as_table, checks, expect

DETERMINISM = "Determinism"
HASHES = "Content hashes and lineage"
COLUMNS = (
    "sale_id",
    "listing_id",
    "card_id",
    "customer_id",
    "condition",
    "quantity",
    "unit_price",
    "channel",
    "sold_at",
)
SHORTEST = 22  # characters that 128 bits take in base64
OPENED = dt.datetime(2024, 1, 1, tzinfo=dt.UTC)


def fresh_sales(rng: np.random.Generator, rows: int, days: int) -> pl.DataFrame:
    """Return sales that nobody has made, `days` days of them."""
    seconds = np.sort(rng.integers(0, days * 86_400, rows))
    return pl.DataFrame(
        {
            "sale_id": [f"S{number:07d}" for number in rng.choice(10**7, rows, replace=False)],
            "listing_id": [f"L{number:07d}" for number in rng.integers(0, 10**7, rows)],
            "card_id": [f"KND-{number:03d}" for number in rng.integers(1, 999, rows)],
            "customer_id": [f"C{number:05d}" for number in rng.integers(1, 10**5, rows)],
            "condition": rng.choice(["Mint", "Near Mint", "Played", "Damaged"], rows),
            "quantity": pl.Series(rng.integers(1, 9, rows), dtype=pl.Int32),
            "unit_price": np.round(np.exp(rng.normal(2, 3, rows)), 2),
            "channel": rng.choice(
                ["web", "app", "Café", "Cœur"], rows
            ),  # œ is in Windows-1252, not in Latin-1
            "sold_at": [OPENED + dt.timedelta(seconds=int(second)) for second in seconds],
        }
    ).with_columns(pl.col("sold_at").cast(pl.Datetime("us", "UTC")))


@st.composite
def exports(draw: st.DrawFn, largest: int = 6) -> tuple[dict[str, bytes], pl.DataFrame]:
    """The files of a small export, and what is in them."""
    rng = np.random.default_rng(draw(RANDOM))
    sales = fresh_sales(rng, draw(st.integers(2, largest)), 75)
    files = messy_files(sales, rng)
    if rng.random() < 0.5:
        files = {f"{rng.integers(10**6)}.csv": content for content in files.values()}
    return files, clean(sales)


def loaded(submission, files: dict[str, bytes], name: str = "load_sales") -> pl.DataFrame:
    """Lay the files, call the loader, return its table with the columns of the contract."""
    table = as_table(getattr(submission, name)(submission.folder(files)))
    missing = [column for column in COLUMNS if column not in table.columns]
    expect(not missing, f"the columns {', '.join(COLUMNS)}", because=f"missing: {', '.join(missing)}")
    return table


def undisturbed(submission) -> None:
    """Expect the process to be as it was when the function was loaded."""
    changed = submission.last.changed
    expect(
        not changed,
        "the process as it was",
        because=f"the call changed its {' and '.join(changed)}",
        reread=DETERMINISM,
    )


def equal(table: pl.DataFrame, truth: pl.DataFrame, where: str = "") -> None:
    """Expect the same sales with the same values, in the order of `sale_id`."""
    ids = table["sale_id"].cast(pl.String).to_list()
    wanted = truth["sale_id"].to_list()
    expect(len(ids) == len(set(ids)), f"each sale once{where}", because="a repeated sale was kept")
    expect(
        set(ids) == set(wanted),
        f"{truth.height} sales{where}",
        because=f"{len(set(wanted) - set(ids))} are missing, {len(set(ids) - set(wanted))} are not in the files "
        f"(a missing one: {next(iter(sorted(set(wanted) - set(ids))), 'none')})",
    )
    by_id = table.with_columns(pl.col("sale_id").cast(pl.String)).sort("sale_id")
    for column in COLUMNS[1:]:
        ours, theirs = truth[column], _as(by_id[column], truth.schema[column], column)
        differs = ~(
            ours.eq_missing(theirs)
            if column != "unit_price"
            else ((ours - theirs).abs() < 0.001).fill_null(False)
        )
        if differs.any():
            row = int(differs.arg_true()[0])
            raise Mismatch(
                f"{_shown(ours[row])} in {column} of sale {truth['sale_id'][row]}{where}",
                because=_cause(column, ours[row], by_id[column][row]),
                reread=DETERMINISM,
            )
    expect(
        ids == sorted(ids),
        f"the sales sorted by sale_id{where}",
        because="the rows are in another order",
        reread=DETERMINISM,
    )
    expect(
        tuple(table.columns) == COLUMNS,
        "the columns in the order of the files",
        because=f"they are {', '.join(table.columns)}",
    )


def _as(values: pl.Series, dtype: pl.DataType, column: str) -> pl.Series:
    if column == "sold_at":
        expect(
            isinstance(values.dtype, pl.Datetime),
            "a datetime in `sold_at`",
            because=f"its dtype is {values.dtype}",
        )
        expect(
            values.dtype.time_zone is not None,
            "a time with its time zone, UTC, in `sold_at`",
            because="the zone was dropped, so every reader will add his own",
            reread=DETERMINISM,
        )
        return values.dt.convert_time_zone("UTC").dt.cast_time_unit("us")
    numeric = dtype.is_numeric()
    if values.dtype.is_numeric() != numeric:
        raise Mismatch(
            f"{'a number' if numeric else 'text'} in `{column}`", because=f"its dtype is {values.dtype}"
        )
    return values.cast(dtype) if column != "quantity" else _whole(values)


def _whole(values: pl.Series) -> pl.Series:
    expect(values.dtype.is_integer(), "an integer in `quantity`", because=f"its dtype is {values.dtype}")
    return values.cast(pl.Int32)


def _shown(value: object) -> str:
    return value.isoformat() if isinstance(value, dt.datetime) else repr(value)


def _cause(column: str, ours: object, theirs: object) -> str:
    if isinstance(theirs, str) and isinstance(ours, str) and theirs.strip() == ours:
        return f"{theirs!r} still has its stray spaces"
    if column == "sold_at" and isinstance(theirs, dt.datetime):
        hours = (theirs - ours).total_seconds() / 3600
        return f"the time is {hours:+.3g} hours away: it was taken for local time, or day and month changed places"
    if column == "unit_price" and isinstance(theirs, float) and theirs and isinstance(ours, float):
        return f"the price is {theirs!r}: decimal comma and thousands point were taken for each other"
    return f"the value is {theirs!r}"


def elsewhere(submission, seed: int, env: dict[str, str], cwd: str, where: str, cause: str) -> None:
    """Expect the same answer from a fresh interpreter in another environment."""
    rng = np.random.default_rng(seed)
    sales = fresh_sales(rng, 60, 100)
    files = messy_files(sales, rng)
    shuffled = {name: files[name] for name in rng.permutation(list(files)).tolist()}
    try:
        with submission.cold(env, cwd=cwd) as other:
            equal(loaded(other, shuffled), clean(sales), f" {where}")
    except Raised as error:
        raise Mismatch(f"the same answer {where}", f"{cause} There it raised {error}", DETERMINISM) from None
    except Mismatch as error:
        raise Mismatch(
            error.expected, f"{cause} {error.because[:1].upper() + error.because[1:]}", DETERMINISM
        ) from None
    undisturbed(submission)


@checks("1.2a", weight=0, examples=(2, 30))
@given(export=exports())
def test_every_sale(submission, export):
    """Returns every sale of the files, once."""
    files, truth = export
    ids = loaded(submission, files)["sale_id"].cast(pl.String).to_list()
    expect(
        sorted(ids) == truth["sale_id"].to_list(),
        f"the {truth.height} sales of the files, each once",
        because=f"{len(ids)} rows came back: "
        f"{'a repeated sale was kept' if len(ids) > truth.height else 'sales are missing'}",
    )


@checks("1.2a", weight=2, examples=(3, 60))
@given(export=exports())
def test_values(submission, export):
    """Reads every value as it was written, sorted by sale_id."""
    files, truth = export
    equal(loaded(submission, files), truth)


@checks("1.2a", weight=1)
def test_again(submission, seed):
    """Gives the same answer at the second call, and leaves the process as it was."""
    rng = np.random.default_rng(seed)
    for calls in (("", " at the second call"), (" of other files",)):
        sales = fresh_sales(rng, 12, 70)
        old = messy_files(fresh_sales(rng, 3, 20), rng)
        files = (
            messy_files(sales, rng)
            | {f"archive/{name}": content for name, content in old.items()}
            | {"notes.txt": b"out of order,till 2\nMonday,9:00\n"}
        )
        for call in calls:
            try:
                table = loaded(submission, files)
            except Raised as error:
                raise Mismatch(
                    f"the same answer{call}", because=f"it raised {error}", reread=DETERMINISM
                ) from None
            expect(
                table.height == sales.height,
                f"{sales.height} sales{call}",
                because=f"{table.height} came back: something outlives the call",
                reread=DETERMINISM,
            )
            equal(table, clean(sales), call)
    undisturbed(submission)
    expect(
        not submission.last.printed.strip(),
        "nothing printed",
        because="a loader that prints drowns its callers' logs",
    )


@checks("1.2a", weight=2, cold=True)
def test_time_zone(submission, seed):
    """Gives the same answer in Tokyo, called from another working directory."""
    elsewhere(
        submission,
        seed,
        {"TZ": "Asia/Tokyo", "PYTHONHASHSEED": "1"},
        "some/other/place",
        "in the time zone of Tokyo and another working directory",
        "The time zone of the machine or its working directory has a say.",
    )


@checks("1.2a", weight=2, cold=True)
def test_encoding(submission, seed):
    """Gives the same answer under another default encoding, hash seed and order of files."""
    elsewhere(
        submission,
        seed,
        {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "PYTHONHASHSEED": "12345"},
        "",
        "under the default encoding ASCII and another hash seed",
        "The default encoding, the hash seed or the order of the files has a say.",
    )


SEPARATORS = (",", ";", "|", "\t", "\n", "\x1f", "\x00", '","', "','", "', '", ", ", "||", "\\")


@st.composite
def small_tables(draw: st.DrawFn) -> pl.DataFrame:
    """Tables of one to four columns and rows with the kinds of values that the task names."""
    kinds = {
        pl.String: st.text("ab,;\"'|\n null", max_size=4),
        pl.Int64: st.integers(-9, 9),
        pl.Boolean: st.booleans(),
        pl.Float64: st.floats(-9, 9, allow_nan=False).filter(lambda x: x or str(x) == "0.0"),
        pl.Date: st.dates(dt.date(2020, 1, 1), dt.date(2026, 1, 1)),
    }
    height = draw(st.integers(1, 4))
    columns = {}
    for place in range(draw(st.integers(1, 4))):
        dtype = draw(st.sampled_from(list(kinds)))
        values = draw(st.lists(st.none() | kinds[dtype], min_size=height, max_size=height))
        columns[f"column_{place}"] = pl.Series(values, dtype=dtype)
    return pl.DataFrame(columns)


def prints(submission, table: pl.DataFrame) -> str:
    """The fingerprint of a table."""
    text = submission.fingerprint(table)
    expect(isinstance(text, str) and bool(text), "a text", because=f"a {type(text).__name__} came back")
    return text


def differ(submission, one: pl.DataFrame, other: pl.DataFrame, what: str) -> None:
    """Expect two different fingerprints."""
    first = prints(submission, one)
    second = prints(submission, other)
    expect(
        first != second,
        f"another fingerprint than that of the same table with {what}",
        because=f"both are {first[:40]!r}",
        reread=HASHES,
    )


@checks("1.2b", weight=0, examples=(2, 60))
@given(table=small_tables(), data=st.data())
def test_a_value_counts(submission, table, data):
    """Changes when one value changes, and only then."""
    expect(
        prints(submission, table) == prints(submission, table),
        "the same text for the same table",
        because="two calls with one table gave two texts",
        reread=HASHES,
    )
    row = data.draw(st.integers(0, table.height - 1))
    name = data.draw(st.sampled_from(table.columns))
    old = table[name][row]
    new = {
        pl.String: "changed",
        pl.Int64: 77,
        pl.Float64: 77.5,
        pl.Boolean: not old,
        pl.Date: dt.date(1999, 12, 31),
    }[table.schema[name]]
    values = table[name].to_list()
    values[row] = new
    other = table.with_columns(pl.Series(name, values, dtype=table.schema[name]))
    differ(submission, table, other, f"{old!r} in place of {new!r}")


@checks("1.2b", weight=2, examples=(1, 60))
@given(table=small_tables(), data=st.data())
def test_structure_counts(submission, table, data):
    """Changes with a name, a dtype, and the order of rows or columns."""
    name = table.columns[0]
    differ(submission, table, table.rename({name: "another name"}), f"the column {name} under the old name")
    other = pl.Int64 if table.schema[name] == pl.String else pl.String
    differ(
        submission,
        table.clear(),
        table.clear().cast({name: other}),
        f"the column {name} as {table.schema[name]}",
    )
    if table.schema[name] == pl.Int64:
        differ(submission, table, table.cast({name: pl.Int32}), f"the column {name} as Int64")
    if not table.reverse().equals(table):
        differ(submission, table, table.reverse(), "the rows in reverse")
    if table.width > 1:
        differ(submission, table, table.select(reversed(table.columns)), "the columns in reverse")
    differ(submission, table, table.head(table.height - 1), "its last row")


@checks("1.2b", examples=(2, 60))
@given(data=st.data())
def test_borders(submission, data):
    """Tells a null from an empty text, ("ab", "c") from ("a", "bc"), and small letters from capital ones."""
    word = data.draw(st.text("ab,\"'|\t", min_size=2, max_size=4) | st.sampled_from(SEPARATORS))
    cut = data.draw(st.integers(0, len(word) - 1))
    whole = pl.DataFrame({"x": [word], "y": [""]}, schema={"x": pl.String, "y": pl.String})
    parts = pl.DataFrame({"x": [word[:cut]], "y": [word[cut:]]}, schema=whole.schema)
    differ(submission, whole, parts, f"its text cut into {word[:cut]!r} and {word[cut:]!r}")
    named = pl.DataFrame({"ab": [1], "c": [1]})
    differ(
        submission,
        named,
        named.rename({"ab": "a", "c": "bc"}),
        "columns named 'ab', 'c' in place of 'a', 'bc'",
    )
    for text in ("", "null", "None", "NULL"):
        filled = pl.DataFrame({"x": [word], "y": [text]}, schema=whole.schema)
        empty = filled.with_columns(y=pl.lit(None, pl.String))
        differ(submission, filled, empty, f"a null in place of the text {text!r}")
    one, other = data.draw(
        st.sampled_from([("mew", "Mew"), ("Flamb", "Flambé"), ("Onix", "Onix "), ("1", "①")])
    )
    differ(
        submission,
        whole.with_columns(y=pl.lit(one)),
        whole.with_columns(y=pl.lit(other)),
        f"{other!r} for {one!r}",
    )


@checks("1.2b", public=False, live=False)
def test_a_long_table(submission, seed):
    """Sees a change anywhere in a long table and in a long text."""
    rng = np.random.default_rng(seed)
    rows = 20_000
    places = rng.integers(rows, size=3).tolist()
    text = pl.Series(rng.choice(["Fire", "Water", "Grass"], rows)).to_list()
    for place in places:
        text[place] = "long " * 1_000
    table = pl.DataFrame({"n": rng.integers(0, 100, rows), "x": rng.normal(size=rows), "text": text})
    cut = int(rng.integers(100, 4_900))
    changes = {
        "one value of n": ("n", lambda n: n + 1),
        "one value of x, by its last digit,": ("x", lambda x: float(np.nextafter(x, 9))),
        "one letter of a text of 5,000": ("text", lambda words: f"{words[:cut]}?{words[cut + 1 :]}"),
    }
    first = prints(submission, table)
    for place in places:
        for what, (name, change) in changes.items():
            values = table[name].to_list()
            values[place] = change(values[place])
            expect(
                prints(submission, table.with_columns(pl.Series(name, values))) != first,
                "another fingerprint for another table",
                because=f"{what} differs in row {place:,} of {rows:,}",
                reread=HASHES,
            )


@checks("1.2b", public=False, live=False)
def test_many_tables(submission, seed):
    """Has room: 600 tables, 600 fingerprints, none of which is short."""
    found = {prints(submission, pl.DataFrame({"x": [seed % 10**9 + number]})) for number in range(600)}
    expect(
        len(found) == 600,
        "600 fingerprints of 600 different tables",
        because=f"there are {len(found)}: the text is too short to tell tables apart",
        reread=HASHES,
    )
    shortest = min(map(len, found))
    expect(
        shortest >= SHORTEST,
        f"at least {SHORTEST} characters",
        because=f"one has {shortest}: among many tables two will share it by chance",
        reread=HASHES,
    )


@checks("1.2b", weight=2, examples=(1, 60))
@given(table=small_tables())
def test_the_same_content(submission, table):
    """Is the same for equal tables, however they came about."""
    first = prints(submission, table)
    expect(
        prints(submission, table.clone()) == first,
        first,
        because="the second call gives another fingerprint",
        reread=HASHES,
    )
    pieces = pl.concat([table.head(1), table.slice(1)], rechunk=False)
    expect(prints(submission, pieces) == first, first, because="the table lies in two chunks", reread=HASHES)
    longer = pl.concat([table, table]).head(table.height)
    expect(
        prints(submission, longer) == first,
        first,
        because="the table is the beginning of a longer one",
        reread=HASHES,
    )


@checks("1.2b", cold=True)
def test_another_process(submission, seed):
    """Is the same in another process."""
    rng = np.random.default_rng(seed)
    table = fresh_sales(rng, 20, 30).with_columns(pl.col("sold_at").dt.date())
    here = prints(submission, table)
    with submission.cold({"PYTHONHASHSEED": "4242", "TZ": "Asia/Tokyo"}) as other:
        there = prints(other, table)
    expect(
        there == here,
        here,
        because="Python's hash() of a text differs from process to process",
        reread=HASHES,
    )
