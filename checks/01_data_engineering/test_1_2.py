"""1.2: a loader that depends only on the files, and a fingerprint that depends only on the content."""

import datetime as dt
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from cardshop.world.truth.export import clean, messy_files
from checks.shared.strategies import RANDOM, fresh_sales
from grader.engine import Mismatch, Raised, as_table, checks, expect, kind_of

DETERMINISM = "Same answer every time"
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
# œ is in Windows-1252, not in Latin-1; À contains the byte of the euro sign in Windows-1252, if it is written in UTF-8
CHANNELS = ("web", "app", "Café", "Cœur", "À la carte")
MILLIONS_SHARE = 0.1  # of the prices have two points for thousands in the till's spelling
TOKYO = {"TZ": "Asia/Tokyo", "PYTHONHASHSEED": "1"}
ASCII = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "PYTHONHASHSEED": "12345"}


@dataclass(frozen=True)
class Export:
    """The files of an export, and the sales in them."""

    files: dict[str, bytes]
    sales: pl.DataFrame


def fresh_export(rng: np.random.Generator, rows: int, days: int) -> Export:
    """An export of so many sales."""
    sales = with_millions(fresh_sales(rng, rows, days, CHANNELS), rng)
    return Export(messy_files(sales, rng), clean(sales))


def with_millions(sales: pl.DataFrame, rng: np.random.Generator) -> pl.DataFrame:
    """The sales, some of them, and one at least, at a price of more than a million."""
    hit = rng.random(sales.height) < MILLIONS_SHARE
    hit[rng.integers(sales.height)] = True
    prices = np.where(hit, np.round(rng.uniform(1e6, 9e6, sales.height), 2), sales["unit_price"].to_numpy())
    return sales.with_columns(unit_price=pl.Series(prices))


@st.composite
def exports(draw: st.DrawFn, largest: int = 6) -> Export:
    """A small export, whose files may have any names."""
    rows = draw(st.integers(2, largest))
    rng = np.random.default_rng([draw(RANDOM), rows])  # so that no two exports share a sale
    export = fresh_export(rng, rows, 75)
    if rng.random() < 0.5:
        return export
    return Export({f"{rng.integers(10**6)}.csv": content for content in export.files.values()}, export.sales)


def table_of(answer: object) -> pl.DataFrame:
    """The loader's answer, with the columns of the contract."""
    table = as_table(answer)
    missing = [column for column in COLUMNS if column not in table.columns]
    if missing:
        raise Mismatch(f"the columns {', '.join(COLUMNS)}", because=f"missing: {', '.join(missing)}")
    return table


def every_sale(table: pl.DataFrame, truth: pl.DataFrame, where: str = "") -> None:
    """Expect each sale once, in whatever order."""
    ids, wanted = table["sale_id"].cast(pl.String).to_list(), set(truth["sale_id"])
    strange, absent = sorted(map(str, set(ids) - wanted)), sorted(wanted - set(ids))
    if strange or absent:
        wrong = [f"{len(absent)} are missing, {absent[0]} for one"] if absent else []
        wrong += [f"{strange[0]} is not in the files"] if strange else []
        raise Mismatch(f"the {truth.height} sales of the files{where}", got="; ".join(wrong))
    twice = next((one for one in ids if ids.count(one) > 1), None) if len(ids) > len(wanted) else None
    if twice:
        raise Mismatch(f"each sale once{where}", because=f"{twice} occurs twice: a repeated sale was kept")


def equal(table: pl.DataFrame, truth: pl.DataFrame, where: str = "") -> None:
    """Expect the same sales with the same values, in the order of `sale_id`."""
    every_sale(table, truth, where)
    by_id = table.with_columns(pl.col("sale_id").cast(pl.String)).sort("sale_id")
    for column in COLUMNS[1:]:
        ours, theirs = truth[column], _as(by_id[column], truth.schema[column], column)
        if column == "unit_price":
            differs = ~((ours - theirs).abs() < 0.001).fill_null(False)
        else:
            differs = ~ours.eq_missing(theirs)
        if differs.any():
            row = int(differs.arg_true()[0])
            raise Mismatch(
                f"{_shown(ours[row])} in {column} of sale {truth['sale_id'][row]}{where}",
                got=_shown(by_id[column][row]),
                because=_cause(ours[row], by_id[column][row]),
                reread=DETERMINISM,
            )
    ids = table["sale_id"].cast(pl.String)
    if not ids.is_sorted():
        raise Mismatch(f"the sales sorted by sale_id{where}", got="another order", reread=DETERMINISM)
    if tuple(table.columns) != COLUMNS:
        raise Mismatch("the columns in the order of the files", got=", ".join(table.columns))


def _as(values: pl.Series, dtype: pl.DataType, column: str) -> pl.Series:
    if column == "sold_at":
        if not isinstance(values.dtype, pl.Datetime):
            raise Mismatch("a datetime in `sold_at`", got=f"the dtype {values.dtype}")
        expect(
            values.dtype.time_zone is not None,
            "a time with its time zone, UTC, in `sold_at`",
            because="the time has no zone, so every reader will assume their own",
            reread=DETERMINISM,
        )
        return values.dt.convert_time_zone("UTC").dt.cast_time_unit("us")
    numeric = dtype.is_numeric()
    if values.dtype.is_numeric() != numeric:
        raise Mismatch(f"{'a number' if numeric else 'text'} in `{column}`", got=f"the dtype {values.dtype}")
    if column == "quantity" and not values.dtype.is_integer():
        raise Mismatch("an integer in `quantity`", got=f"the dtype {values.dtype}")
    return values.cast(pl.Int32 if column == "quantity" else dtype)


def _shown(value: object) -> str:
    return value.isoformat() if isinstance(value, dt.datetime) else repr(value)


def _cause(ours: object, theirs: object) -> str:
    """What happened to a value, where the two values show it."""
    if isinstance(ours, str) and isinstance(theirs, str):
        return _text_cause(ours, theirs)
    if isinstance(ours, dt.datetime) and isinstance(theirs, dt.datetime):
        if (theirs.day, theirs.month) == (ours.month, ours.day) != (ours.day, ours.month):
            return "day and month changed places"
        quarters = (theirs - ours) / dt.timedelta(minutes=15)
        if quarters == int(quarters) and abs(quarters) <= 14 * 4:
            return f"the time is {quarters / 4:+g} hours off: it was taken for local time, or converted to it"
    powers = (0.001, 0.01, 100, 1000)
    floats = isinstance(ours, float) and isinstance(theirs, float) and theirs
    if floats and any(abs(ours / theirs - power) < 0.001 * power for power in powers):
        return "decimal comma and thousands point were confused"
    return ""


def _text_cause(ours: str, theirs: str) -> str:
    if theirs.strip() == ours:
        return f"{theirs!r} still has its stray spaces"
    if theirs == ours.encode("ascii", "ignore").decode().strip():
        return "letters beyond ASCII were dropped"
    for written, read in (
        ("utf-8", "cp1252"),
        ("utf-8", "latin-1"),
        ("cp1252", "latin-1"),
        ("cp1252", "utf-8"),
    ):
        for errors in ("replace", "ignore"):
            if theirs == ours.encode(written).decode(read, errors):
                return f"text that was written as {written} was read as {read}"
    return ""


@dataclass(frozen=True)
class Story:
    """What a folder goes through: an export, later another under the same file names; an old one is in `archive`.

    The files of `twin` have the names and sizes of those of `second`, and all quantities are different.
    """

    first: Export
    second: Export
    twin: Export
    old: Export

    @property
    def beside(self) -> dict[str, bytes]:
        """What else is in the folder."""
        archive = {f"archive/{name}": content for name, content in self.old.files.items()}
        return archive | {"notes.txt": b"out of order,till 2\nMonday,9:00\n"}


def fresh_story(rng: np.random.Generator, rows: int) -> Story:
    """A story about so many sales."""
    first = fresh_export(rng, rows, 70)
    sales = with_millions(fresh_sales(rng, rows, 70, CHANNELS), rng).with_columns(
        first.sales["sold_at"]
    )  # the same months: the same names
    layout = int(rng.integers(2**32))
    second, twin = (
        Export(messy_files(table, np.random.default_rng(layout)), clean(table))
        for table in (sales, sales.with_columns(quantity=9 - pl.col("quantity")))  # 1 to 8 before and after
    )
    return Story(first, second, twin, fresh_export(rng, 3, 20))


def steady(submission, story: Story, where: str = "", premise: str = "", cwd: str = "") -> None:
    """Expect the right answer from call to call, whatever was called before, and the folder as it was.

    `where` names the surroundings, `premise` says what is known of the first call, `cwd` is the working directory.
    """
    files = story.first.files | story.beside
    place = submission.folder(files)
    _ask(submission, place, story, story.first, where, premise)
    again = "The first call gave the right answer; this one depends on earlier calls, or on chance"
    _ask(submission, place, story, story.first, f" at the second call{where}", again)
    _untouched(submission.files(place), files, where)
    submission.folder(story.second.files, place)
    _ask(submission, place, story, story.second, f" when other files are under the same names{where}")
    relative = Path("../" * len(Path(cwd).parts) + place.name)
    known = (
        "With its full path, the same folder gave the right answer. An earlier call has changed the working directory, "
        "or the path is taken relative to another folder"
    )
    _ask(
        submission,
        relative,
        story,
        story.second,
        f" when the folder is given by its relative path{where}",
        known,
    )
    submission.folder(story.twin.files, place)
    stale = (
        "Names, sizes and times of the files are those of an earlier call; the quantities are different. "
        "Something is remembered about a file that is not its content"
    )
    _ask(submission, place, story, story.twin, f" when only the quantities are different{where}", stale)


def _ask(submission, folder: Path, story: Story, export: Export, where: str, known: str = "") -> None:
    """Expect this export of the story; `known` is what a wrong answer shows for certain."""
    sales = export.sales
    try:
        table = table_of(submission.load_sales(folder))
        ids = set(table["sale_id"].cast(pl.String))
        if strays := ids & set(story.old.sales["sale_id"]):
            raise Mismatch(
                f"only sales of the files that are in the folder itself{where}",
                got=f"{min(strays)} as well, which is in a file of `archive`, a folder beside them",
            )
        if export is story.second and (kept := ids & set(story.first.sales["sale_id"])):
            known = f"{min(kept)} was in the files of an earlier call: something is remembered by the name of a file"
        equal(table, sales, where)
    except Mismatch as error:
        because = ". ".join(part for part in (known, error.because[:1].upper() + error.because[1:]) if part)
        raise Mismatch(error.expected, because, DETERMINISM, error.got) from None
    except Raised as error:
        if not known:
            raise
        raise Mismatch(f"the {sales.height} sales{where}", known, DETERMINISM, f"it raised {error}") from None


def _untouched(found: object, files: dict[str, bytes], where: str) -> None:
    expected = f"the folder as it was{where}"
    if not isinstance(found, dict) or found == files:
        expect(isinstance(found, dict), expected, because="the folder cannot be read any more")
        return
    for verb, names in (
        ("was written into it", found.keys() - files.keys()),
        ("was deleted", files.keys() - found.keys()),
        ("was changed", {name for name in found.keys() & files.keys() if found[name] != files[name]}),
    ):
        if names:
            raise Mismatch(expected, because=f"{min(map(str, names))!r} {verb}", reread=DETERMINISM)


@checks("1.2a", weight=0, examples=(2, 25))
@given(export=exports())
def test_every_sale(submission, export):
    """Returns every sale of the files once."""
    every_sale(table_of(submission.load_sales(submission.folder(export.files))), export.sales)


@checks("1.2a", weight=2, examples=(3, 40))
@given(export=exports())
def test_values(submission, export):
    """Reads every value as its system wrote it, and sorts by sale_id."""
    equal(table_of(submission.load_sales(submission.folder(export.files))), export.sales)


@checks("1.2a", weight=3)
def test_again(submission, seed):
    """Gives the right answer at every call, and leaves the folder as it was."""
    steady(submission, fresh_story(np.random.default_rng(seed), 12))


@checks("1.2a", weight=6, cold=True)
def test_every_machine(submission, seed):
    """Gives the same answers on other machines: time zone, default encoding, hash seed, working directory."""
    rng, cwd = np.random.default_rng(seed), "some/other/place"
    for env, where, differs in (
        (TOKYO, " in the time zone of Tokyo", "time zone"),
        (ASCII, " under the default encoding ASCII", "default encoding"),
    ):
        story = fresh_story(rng, 60)
        here = submission.folder(story.first.files | story.beside)
        _ask(submission, here, story, story.first, "")
        premise = (
            f"On the first machine the same files gave the right answer. Only {differs}, hash seed and working "
            "directory are different here"
        )
        with submission.cold(env, cwd=cwd) as other:
            steady(other, story, where, premise, cwd)


@checks("1.2a", weight=0.3)
def test_quiet(submission, seed):
    """Prints nothing, and changes neither the working directory nor environment variables."""
    submission.load_sales(submission.folder(fresh_export(np.random.default_rng(seed), 5, 40).files))
    last = submission.last
    if last.printed.strip():
        raise Mismatch("nothing printed", because="the loader prints")
    if last.changed:
        raise Mismatch(
            "working directory and environment variables as they were",
            because=f"the call changed its {' and '.join(last.changed)}",
        )


SEPARATORS = (",", ";", "|", "\t", "\n", "\x1f", "\x00", '","', "','", "', '", ", ", "||", "\\")
KINDS = {
    pl.String: st.text("ab,;\"'|\n null", max_size=4),
    pl.Int64: st.integers(-9, 9),
    pl.Boolean: st.booleans(),
    pl.Float64: st.floats(-9, 9, allow_nan=False).filter(lambda x: x or str(x) == "0.0"),
    pl.Date: st.dates(dt.date(2020, 1, 1), dt.date(2026, 1, 1)),
}
TWO_TEXTS = {"x": pl.String, "y": pl.String}


@st.composite
def small_tables(draw: st.DrawFn) -> pl.DataFrame:
    """Tables of one to four columns and rows with the kinds of values that the task names."""
    height = draw(st.integers(1, 4))
    columns = {}
    for place in range(draw(st.integers(1, 4))):
        dtype = draw(st.sampled_from(list(KINDS)))
        values = draw(st.lists(st.none() | KINDS[dtype], min_size=height, max_size=height))
        columns[f"column_{place}"] = pl.Series(values, dtype=dtype)
    return pl.DataFrame(columns)


def fingerprint_of(submission, table: pl.DataFrame) -> str:
    """The fingerprint of a table."""
    text = submission.fingerprint(table)
    if not isinstance(text, str) or not text:
        raise Mismatch("a text", got=kind_of(text) if text != "" else "an empty text")
    return text


def differ(submission, one: str, table: pl.DataFrame, what: str) -> None:
    """Expect another fingerprint than `one`; `what` says how its table differs from this one."""
    if fingerprint_of(submission, table) == one:
        raise Mismatch(
            f"another fingerprint than that of the same table with {what}",
            because=f"both fingerprints are {one[:40]!r}",
            reread=HASHES,
        )


def agree(submission, one: str, table: pl.DataFrame, what: str) -> None:
    """Expect the fingerprint `one` again, of an equal table; `what` says what became of it."""
    if fingerprint_of(submission, table) != one:
        raise Mismatch(f"{one!r}, as before", because=what, reread=HASHES)


def changed(table: pl.DataFrame, row: int, name: str, value: object) -> pl.DataFrame:
    """The table with one other value."""
    values = table[name].to_list()
    values[row] = value
    return table.with_columns(pl.Series(name, values, dtype=table.schema[name]))


def other_value(value: object, dtype: pl.DataType) -> object:
    """A value of the same dtype that no table has."""
    return {
        pl.String: "changed",
        pl.Int64: 77,
        pl.Float64: 77.5,
        pl.Boolean: not value,
        pl.Date: dt.date(1999, 12, 31),
    }[dtype]


@checks("1.2b", weight=0, examples=(2, 25))
@given(table=small_tables(), place=st.integers(0, 15))
def test_a_value_counts(submission, table, place):
    """Changes when one value changes, and only then."""
    first = fingerprint_of(submission, table)
    agree(submission, first, table, "two calls with the same table gave two fingerprints")
    row, name = place % table.height, table.columns[place % table.width]
    old = table[name][row]
    new = other_value(old, table.schema[name])
    differ(submission, first, changed(table, row, name, new), f"{old!r} instead of {new!r}")


def restructured(table: pl.DataFrame) -> dict[str, pl.DataFrame]:
    """Tables of nearly the same content, by what the first table has instead."""
    name = table.columns[0]
    other = pl.Int64 if table.schema[name] == pl.String else pl.String
    tables = {
        f"the column {name} under that name": table.rename({name: "another name"}),
        "its last row": table.head(table.height - 1),
    }
    if table.schema[name] == pl.Int64:
        tables[f"the column {name} as Int64"] = table.cast({name: pl.Int32})
    elif table[name].null_count() == table.height:
        tables[f"the column {name} as {table.schema[name]}"] = table.cast({name: other})
    if not table.reverse().equals(table):
        tables["the rows in reverse"] = table.reverse()
    if table.width > 1:
        tables["the columns in reverse"] = table.select(reversed(table.columns))
    return tables


@checks("1.2b", examples=(1, 25))
@given(table=small_tables())
def test_structure_counts(submission, table):
    """Changes with a name, a dtype, and the order of rows or columns."""
    first = fingerprint_of(submission, table)
    for what, other in restructured(table).items():
        differ(submission, first, other, what)
    name, empty = table.columns[0], table.clear()
    other = pl.Int64 if table.schema[name] == pl.String else pl.String
    first = fingerprint_of(submission, empty)
    differ(submission, first, empty.cast({name: other}), f"the column {name} as {table.schema[name]}")


def look_alike(submission, word: str, cut: int) -> None:
    """Expect different fingerprints of tables whose texts look alike once they are joined."""
    whole = pl.DataFrame({"x": [word], "y": [""]}, schema=TWO_TEXTS)
    first = fingerprint_of(submission, whole)
    parts = pl.DataFrame({"x": [word[:cut]], "y": [word[cut:]]}, schema=TWO_TEXTS)
    differ(submission, first, parts, f"its text cut into {word[:cut]!r} and {word[cut:]!r}")
    left, right = (f"a{word}b", "c"), ("a", f"b{word}c")  # one text, if `word` is put between them
    one, other = (pl.DataFrame([pair], schema=TWO_TEXTS, orient="row") for pair in (left, right))
    differ(submission, fingerprint_of(submission, one), other, f"the texts {right} instead of {left}")


@checks("1.2b", examples=(1, 25))
@given(word=st.text("ab,\"'|\t", min_size=2, max_size=4) | st.sampled_from(SEPARATORS), cut=st.integers(0, 3))
def test_borders(submission, word, cut):
    """Distinguishes ("ab", "c") from ("a", "bc"), whatever the texts hold."""
    look_alike(submission, word, cut % len(word))


def spelled_alike(submission, word: str) -> None:
    """Expect different fingerprints of a null and an empty text, of letters with and without an accent."""
    null = pl.DataFrame({"x": [word], "y": [None]}, schema=TWO_TEXTS)
    first = fingerprint_of(submission, null)
    for text in ("", "null", "None", "NULL"):
        filled = null.with_columns(y=pl.lit(text))
        differ(submission, first, filled, f"the text {text!r} instead of a null")
    for one, other in (("mew", "Mew"), ("Flamb", "Flambé"), ("Onix", "Onix "), ("1", "①")):
        first = fingerprint_of(submission, null.with_columns(y=pl.lit(one)))
        differ(submission, first, null.with_columns(y=pl.lit(other)), f"{other!r} instead of {one!r}")
    named = pl.DataFrame({"ab": [1], "c": [1]})
    first = fingerprint_of(submission, named.rename({"ab": "a", "c": "bc"}))
    differ(submission, first, named, "columns named 'ab', 'c' instead of 'a', 'bc'")


@checks("1.2b")
def test_spellings(submission, seed):
    """Distinguishes a null from every text, and small letters from capitals."""
    spelled_alike(submission, f"word {seed % 1000}")


def long_text(submission, rng: np.random.Generator) -> None:
    """Expect another fingerprint for every small change of a long table with long texts."""
    rows = 5_000
    place, cut = int(rng.integers(600, rows - 600)), int(rng.integers(100, 4_900))
    text = pl.Series(rng.choice(["Fire", "Water", "Grass"], rows)).to_list()
    text[place] = "long " * 1_000
    table = pl.DataFrame({"n": rng.integers(0, 100, rows), "x": rng.normal(size=rows), "text": text})
    changes = {
        "one value of n": ("n", lambda n: n + 1),
        "one value of x, by its last digit,": ("x", lambda x: float(np.nextafter(x, 9))),
        "one letter of a text of 5,000": ("text", lambda words: f"{words[:cut]}?{words[cut + 1 :]}"),
    }
    first = fingerprint_of(submission, table)
    for what, (name, change) in changes.items():
        if fingerprint_of(submission, changed(table, place, name, change(table[name][place]))) == first:
            raise Mismatch(
                "another fingerprint for another table",
                because=f"{what} differs in row {place:,} of {rows:,}",
                reread=HASHES,
            )


@checks("1.2b", public=False, live=False)
def test_a_long_table(submission, seed):
    """Changes with any value of a long table, and with any letter of a long text."""
    for random in np.random.default_rng(seed).spawn(2):
        long_text(submission, random)


def roomy(submission, seed: int, number: int) -> None:
    """Expect different fingerprints of so many tables, none of which is short."""
    found = {fingerprint_of(submission, pl.DataFrame({"x": [seed % 10**9 + at]})) for at in range(number)}
    if len(found) < number:
        raise Mismatch(
            f"{number} fingerprints of {number} different tables",
            because=f"{number} different tables have only {len(found)} different fingerprints",
            reread=HASHES,
        )
    shortest = min(map(len, found))
    if shortest < SHORTEST:
        raise Mismatch(
            f"at least {SHORTEST} characters",
            because=f"one has {shortest}; among many tables, two would share it by chance",
            reread=HASHES,
        )


@checks("1.2b", public=False, live=False)
def test_many_tables(submission, seed):
    """Gives 200 tables 200 different fingerprints, none of them short."""
    roomy(submission, seed, 200)


def same_content(submission, first: str, table: pl.DataFrame) -> None:
    """Expect the fingerprint `first` of equal tables, however they came about."""
    agree(submission, first, table.clone(), "it is the same table again")
    pieces = pl.concat([table.head(1), table.slice(1)], rechunk=False)
    agree(submission, first, pieces, "the table is equal, and lies in two chunks")
    longer = pl.concat([table, table]).head(table.height)
    agree(submission, first, longer, "the table is equal, and was cut from a longer one")
    cut = min(10, table.height)
    uneven = pl.concat([table.head(cut), table.slice(cut)], rechunk=False)
    agree(submission, first, uneven, "the table is equal, and lies in two chunks of different lengths")


@checks("1.2b", weight=2, examples=(1, 25))
@given(table=small_tables())
def test_the_same_content(submission, table):
    """Is the same for equal tables, however they were made."""
    same_content(submission, fingerprint_of(submission, table), table)


@checks("1.2b", weight=9, public=False, cold=True)
def test_both_promises(submission, seed):
    """Does both on a table of sales: the same in another process, another for every difference."""
    rng = np.random.default_rng(seed)
    sales = fresh_sales(rng, 1_500, 30).with_columns(
        pl.col("sold_at").dt.date(), pl.col("quantity").cast(pl.Int64)
    )
    first = fingerprint_of(submission, sales)
    with submission.cold(TOKYO) as other:
        there = fingerprint_of(other, sales)
    expect(
        there == first,
        "the same fingerprint in another process",
        because="in another process the fingerprint of the same table is different, as with Python's hash() of a text",
        reread=HASHES,
    )
    same_content(submission, first, sales)
    row = int(rng.integers(600, 900))
    for name, dtype in sales.schema.items():
        differ(submission, first, changed(sales, row, name, other_value(None, dtype)), f"another {name}")
    for what, table in restructured(sales).items():
        differ(submission, first, table, what)
    units = sales.select("quantity")
    first = fingerprint_of(submission, units)
    differ(submission, first, units.cast(pl.Int32), "the column quantity as Int64")
    for word in SEPARATORS:
        look_alike(submission, word, 0)
        look_alike(submission, f"a{word}b", 1)
        look_alike(submission, f"a{word}b", 1 + len(word))
    spelled_alike(submission, "Café")
    long_text(submission, rng)
    roomy(submission, seed, 60)
