import marimo

__generated_with = "0.25.2"
app = marimo.App(width="medium", app_title="Exercises: data engineering [01_data_engineering]")

with app.setup(hide_code=True):
    import csv
    import hashlib
    import io
    import json
    import os
    import tempfile
    import time
    from datetime import datetime
    from pathlib import Path
    from typing import Annotated

    import altair as alt
    import marimo as mo
    import pandas as pd
    import pandera.polars as pa
    import polars as pl
    from cardshop import world
    from cardshop.quality import CHANNELS, CONDITIONS, ISSUES, RULES
    from grader import check, title
    from pandera.errors import SchemaError, SchemaErrors


@app.cell(hide_code=True)
def _():
    mo.md("""
    # Exercises: can you trust this table?

    You write seven functions for one shop; the card below each function shows whether it works.

    **Start here:** replace the line `raise NotImplementedError(…)` in the first function, then run its cell with
    `Ctrl-Enter`.
    """)
    return


@app.cell(hide_code=True)
def _():
    mo.md(f"""
    ## {title("1.0")}

    The shop window is for rare cards. `cards.filter(condition)` keeps the rows on which a condition is true, and
    `pl.col("hp") > 100` is such a condition.

    ```python
    >>> cards = pl.DataFrame({{
    ...     "name": ["Onix", "Mew", "Pidgey"],
    ...     "rarity": ["Common", "Rare", "Common"],
    ... }})
    >>> rare_cards(cards)
    shape: (1, 2)
    ┌──────┬────────┐
    │ name ┆ rarity │
    │ ---  ┆ ---    │
    │ str  ┆ str    │
    ╞══════╪════════╡
    │ Mew  ┆ Rare   │
    └──────┴────────┘
    ```
    """)
    return


@app.function
def rare_cards(cards: pl.DataFrame) -> pl.DataFrame:
    """Return the cards whose `rarity` is exactly "Rare", with all their
    columns, in the order of `cards`.
    """
    # TODO: filter the rows (1 line)
    raise NotImplementedError("1.0")


@app.cell(hide_code=True)
def _():
    report_1_0 = check("1.0", lambda: rare_cards)
    report_1_0
    return (report_1_0,)


@app.cell(hide_code=True)
def _(report_1_0):
    report_1_0.gate("The shop's rare cards appear here when 1.0 passes.")
    mo.vstack(
        [
            mo.ui.table(
                rare_cards(world.load("cards")).select("name", "rarity", "hp"),
                selection=None,
                page_size=5,
                show_download=False,
                show_column_summaries=False,
                label="The shop's rare cards, from your function",
            ),
            mo.md("""
            **Two good ways.** In polars, `filter` takes an expression and returns whole rows. In pandas you write
            `frame[frame["rarity"] == "Rare"]`: a column of true and false picks the rows.

            **What you can do now:** select rows of a table by a condition.
            """),
        ]
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md(f"""
    ## {title("1.1a")}

    A check that has never failed may be a check that cannot fail. So the shop needs bad tables to try its checks on: five
    copies of the catalogue, each with **one kind of issue and no other**. In this copy, one `rarity` has a small letter:

    ```python
    >>> cards = world.load("cards").head(2)
    >>> break_cards(cards)["bad_category"].select("card_id", "hp", "rarity")
    shape: (2, 3)
    ┌─────────┬─────┬──────────┐
    │ card_id ┆ hp  ┆ rarity   │
    │ ---     ┆ --- ┆ ---      │
    │ str     ┆ i32 ┆ str      │
    ╞═════════╪═════╪══════════╡
    │ KND-001 ┆ 110 ┆ uncommon │
    │ KND-002 ┆ 100 ┆ Uncommon │
    └─────────┴─────┴──────────┘
    ```

    `cardshop.quality` has the definitions. `ISSUES` describes each kind:

    {chr(10).join(f"- `{kind}`: {sentence}" for kind, sentence in ISSUES.items())}

    `RULES` says what a valid value is:

    | column | a valid value |
    |---|---|
    {chr(10).join(f"| `{name}` | {rule} |" for name, rule in RULES.items())}
    """)
    return


@app.function
def break_cards(cards: pl.DataFrame) -> dict[str, pl.DataFrame]:
    """Return five copies of `cards`, one for each kind of issue.

    The keys are "missing", "duplicate", "out_of_range", "bad_category" and
    "malformed". Each copy has at least one issue of its own kind and no issue
    of any other kind, by the definitions in `cardshop.quality`.

    - Every value that is not an issue stays as it is. Columns, dtypes and the
      number of rows stay too.
    - Only "duplicate" has more rows than `cards`: every row of `cards`, and
      at least one of them again.
    - `cards` is a sound table with at least one row. It is not changed.
    """
    # TODO 1: for four kinds, a copy with one bad cell in its first row (about
    #   8 lines)
    # TODO 2: for "duplicate", add a row that is already there (1 line)
    raise NotImplementedError("1.1a")


@app.cell(hide_code=True)
def _():
    report_1_1a = check("1.1a", lambda: break_cards)
    report_1_1a
    return (report_1_1a,)


@app.cell(hide_code=True)
def _(report_1_1a):
    report_1_1a.gate("Your five copies appear here when 1.1a passes.")
    _cards = world.load("cards").head(4)
    mo.ui.tabs({_kind: _copy for _kind, _copy in break_cards(_cards).items()})
    return


@app.cell(hide_code=True)
def _(report_1_1a):
    report_1_1a.gate("Two good ways to do it are compared here when 1.1a passes.")
    mo.md("""
    **Two good ways.** An *expression*, `pl.when(first).then(…).otherwise(…)`, says which cell becomes what. It needs no
    copy of the table in Python. *Rows as dicts* are easier to read for a single cell: `cards.to_dicts()`, change one,
    `pl.DataFrame(rows, schema=cards.schema)`. Without `schema=`, polars guesses the dtypes from the values, and `hp`
    changes from `Int32` to `Int64` without an error.

    **What you can do now:** build a bad table on purpose, so that you can watch a check fail before you trust it.
    """)
    return


@app.cell(hide_code=True)
def _():
    mo.md(f"""
    ## {title("1.1b")}

    A supplier's file arrives every night, and nobody looks at it until a model goes wrong. Write the function that reads
    the whole delivery and says which cell has which issue: **every issue, and no false alarm**. `wrong_unit` counts too.

    ```python
    >>> hp = pl.Series([60, None, -5], dtype=pl.Int32)
    >>> cards = world.load("cards").head(3).with_columns(hp=hp)
    >>> find_issues(cards)
    shape: (2, 3)
    ┌─────┬────────┬──────────────┐
    │ row ┆ column ┆ issue        │
    │ --- ┆ ---    ┆ ---          │
    │ i64 ┆ str    ┆ str          │
    ╞═════╪════════╪══════════════╡
    │ 1   ┆ hp     ┆ missing      │
    │ 2   ┆ hp     ┆ out_of_range │
    └─────┴────────┴──────────────┘
    ```
    """)
    return


@app.function
def find_issues(cards: pl.DataFrame) -> pl.DataFrame:
    """Return one row for each issue in `cards`, with the columns `row`,
    `column` and `issue`.

    `row` is the position of the card in the table, counted from 0. `column`
    is the column with the issue ("card_id" for a duplicate). `issue` is a key
    of `cardshop.quality.ISSUES`. The rows may come in any order; a table
    without issues gives an empty one. `cardshop.quality.RULES` has the rule
    of each column:

    - missing: a null where the rule is not `nullable`. A null is missing and
      nothing else.
    - out_of_range: a number below `low` or above `high`, where the rule has
      them.
    - bad_category: a value that is not one of `allowed`, where the rule has
      it.
    - malformed: a value that does not match `pattern`, where the rule has it.
    - duplicate: a value that an earlier row already has, where the rule is
      `unique`.
    - wrong_unit: a value within the range, but above `times_species` times
      the value of the card's own species in the same column.
      `world.load("species")` has the species; `species_number` of a card is
      `number` of a species. A card whose species is not in that table has no
      such issue.

    `cards` has the columns of the catalogue with their dtypes. It is not
    changed.
    """
    # TODO 1: number the rows, and start a list of what you find (2 lines)
    # TODO 2: for each rule: missing, out_of_range, bad_category, malformed,
    #   duplicate (about 12 lines)
    # TODO 3: wrong_unit, for the two columns whose rule has `times_species`
    #   (about 5 lines)
    # TODO 4: put the findings together in one table (1 line)
    raise NotImplementedError("1.1b")


@app.cell(hide_code=True)
def _():
    report_1_1b = check("1.1b", lambda: find_issues)
    report_1_1b
    return (report_1_1b,)


@app.cell(hide_code=True)
def _(report_1_1b):
    report_1_1b.gate(
        "When 1.1b passes, this cell runs your checks on your own copies from 1.1a."
    )
    _cards = world.load("cards").head(200)
    mo.ui.table(
        pl.concat(
            [
                find_issues(_copy).with_columns(copy=pl.lit(_kind))
                for _kind, _copy in break_cards(_cards).items()
            ]
        ),
        selection=None,
        show_download=False,
        label="What find_issues says about the five copies of break_cards",
    )
    return


@app.cell(hide_code=True)
def _(report_1_1b):
    report_1_1b.gate("Three good ways to do it are compared here when 1.1b passes.")
    mo.md("""
    **Three good ways.** All three can be exact. Choose the one that the people who will change the rules can read.

    - *Rules as data and one loop*, as in the solution. A new column costs a line in `RULES` and no code.
    - *A pandera schema*, validated with `lazy=True`. Its `failure_cases` come with a row and a column, and the same schema
      guards the pipeline. You translate the names of pandera's checks into the six kinds.
    - *SQL*, one `select … where` for each rule, joined by `union all`. It runs in the warehouse, next to tables that do not
      fit into memory.

    **What you can do now:** turn a sentence about data into a check that finds every issue and raises no false alarm.
    """)
    return


@app.cell(hide_code=True)
def _():
    mo.md(f"""
    ## {title("1.1c")}

    The tills send their sales, and tonight you decide what goes in. You read `receive_cards` in the lesson and finished
    `receive_listings`. This one is yours alone.

    | in the delivery | what you do | result |
    |---|---|---|
    | `channel` is `" WEB"` | repair | accepted, with `"web"` |
    | `quantity` is null | quarantine | quarantined, `reasons` is `"quantity"` |
    | two rows have one `sale_id` | quarantine | both quarantined, `reasons` is `"sale_id"` |
    | `quantity` is text | refuse | `ValueError` |
    | three of ten rows are bad | refuse | `ValueError` |

    A repair has to be **certain**. There is only one channel that `" WEB"` can mean. Nobody knows what a missing
    quantity was, and a wrong guess ends up in the revenue. When many rows are bad, the cause is not in the rows: a
    column may have shifted, and then the rows that look sound are wrong as well.

    The cells below have the same shape as in the lesson: a contract, the helper `failed_cells`, the function. You may
    also delete the first two and write everything in polars or pandas.
    """)
    return


@app.class_definition
class SalesContract(pa.DataFrameModel):
    """The contract of the sales, see `receive_sales`."""

    class Config:
        strict = True

    sale_id: str = pa.Field(unique=True, str_matches=r"^S[0-9]{7,}$")
    # TODO 1: the seven columns between these two (7 lines)
    sold_at: Annotated[pl.Datetime, "us", "UTC"]


@app.function
def failed_cells(
    table: pl.DataFrame, contract: type[pa.DataFrameModel]
) -> pl.DataFrame:
    """Return `row` and `reasons` for each row that breaks the contract;
    reasons are its failed columns.
    """
    try:
        contract.validate(table, lazy=True)
        return pl.DataFrame(schema={"row": pl.UInt32, "reasons": pl.String})
    except SchemaErrors as error:
        cases = error.failure_cases
    in_order = pl.Enum(table.columns)
    return (
        cases.select(
            row=pl.col("index").cast(pl.UInt32),
            column=pl.col("column").cast(pl.String).cast(in_order),
        )
        .unique()
        .sort("row", "column")
        .group_by("row", maintain_order=True)
        .agg(reasons=pl.col("column").cast(pl.String).str.join(", "))
    )


@app.function
def receive_sales(delivery: pl.DataFrame) -> dict[str, pl.DataFrame]:
    """Repair a delivery of sales, quarantine bad rows, or refuse all of it.

    Returns `{"accepted": …, "quarantined": …}`. Each row of the delivery is
    in one of the two tables, in any order. The contract has nine columns.
    None of their values is null:

        sale_id      String    S and at least seven digits; all different
        listing_id   String    L and at least seven digits
        card_id      String    three capitals, hyphen, three digits: KND-004
        customer_id  String    C and five digits
        condition    String    one of cardshop.quality.CONDITIONS
        quantity     Int32     from 1 to 99
        unit_price   Float64   euros, above 0, at most 100,000; not NaN
        channel      String    one of cardshop.quality.CHANNELS
        sold_at      Datetime  in microseconds, with the time zone UTC

    1. Refuse: a column is missing, is not in the contract, or has another
       dtype. Raises ValueError.
    2. Repair: remove the spaces around every text, then give `condition` and
       `channel` the contract's capital and small letters ("near mint" becomes
       "Near Mint"). Everything else would be a guess; no other value changes.
    3. Quarantine: after the repairs, a row that breaks the contract goes to
       "quarantined". It keeps its columns and values (spaces and letter case
       may be repaired or as delivered). A last column, `reasons`, has the
       names of the columns that failed, in the order of the contract, joined
       by ", ". Rows that share a `sale_id` all wait there.
    4. Refuse: more than a fifth of the rows would be quarantined. Raises
       ValueError.

    The module `cardshop.contracts` is not available in this task: you write
    the contract.
    """
    # TODO 2: refuse other columns or dtypes; a delivery without rows shows
    #   them, `delivery.clear()` (about 4 lines)
    # TODO 3: make the two repairs (about 4 lines)
    # TODO 4: give each row its reasons, divide the rows, and refuse if too
    #   many are bad (about 8 lines)
    raise NotImplementedError("1.1c")


@app.cell(hide_code=True)
def _():
    report_1_1c = check("1.1c", lambda: receive_sales)
    report_1_1c
    return (report_1_1c,)


@app.cell(hide_code=True)
def _(report_1_1c):
    report_1_1c.gate(
        "Your quarantine for a bad delivery of the shop's sales appears here when 1.1c passes."
    )
    _sales = world.load("sales").head(12)
    _received = receive_sales(
        _sales.with_columns(
            channel=pl.col("channel").str.to_uppercase(),
            quantity=pl.when(pl.int_range(pl.len()) == 3)
            .then(None)
            .otherwise("quantity"),
            card_id=pl.when(pl.int_range(pl.len()) == 5)
            .then(pl.lit("KND"))
            .otherwise("card_id"),
        )
    )
    from grader import small_table as _small_table

    _small_table(
        _received["quarantined"].select(
            "reasons", "sale_id", "quantity", "card_id"
        ),
        label=f"Quarantined; {_received['accepted'].height} of {_sales.height} sales are accepted",
    )
    return


@app.cell(hide_code=True)
def _(report_1_1c):
    report_1_1c.gate("Two good ways to do it are compared here when 1.1c passes.")
    mo.md("""
    **Two good ways.** *pandera*: the contract documents the table, and the same class guards the next pipeline that reads
    sales. *Plain polars*: an expression for each column says which values are valid.

    ```python
    valid = {"quantity": pl.col("quantity").is_between(1, 99), …}
    failed = [
        pl.when(~ok.fill_null(False)).then(pl.lit(name))
        for name, ok in valid.items()
    ]
    reasons = pl.concat_str(failed, separator=", ", ignore_nulls=True)
    rows = repaired.with_columns(reasons=reasons)
    ```

    It is one pass over the table and needs no other library. You decide yourself what a null means: a comparison with
    null is null, so `fill_null(False)` calls it bad.

    **What you can do now:** decide for a delivery what to repair, what to quarantine and when to refuse, and say why.
    """)
    return


@app.cell(hide_code=True)
def _():
    mo.md(f"""
    ## {title("1.2a")}

    For a year, `messy_load_sales` has loaded the shop's sales on one laptop. On the server the totals of each day differ. A
    colleague in Tokyo gets different days again, and one machine cannot read half of the files. Write a loader that gives
    the same table everywhere.

    The folder has one CSV file for each month. Two systems wrote them, and a file's name does not say which:

    | | web shop | old till | in your table |
    |---|---|---|---|
    | separator | comma | semicolon | |
    | encoding | UTF-8 | Windows-1252 | |
    | `unit_price` | `1234.50 €` | `1.234,50 €` | `1234.5` |
    | `sold_at` | `2024-03-04T17:05:00Z` | `04.03.2024 17:05:00` | `2024-03-04 17:05:00 UTC` |
    | `quantity` | `2` | `2` | `2` |
    | `channel` | `" web"` | `"web "` | `"web"` |

    Read the messy version first. Its result depends on six things besides the files. Can you find them?
    """)
    return


@app.cell
def _():
    already_seen = set()
    return (already_seen,)


@app.cell
def _(already_seen):
    def messy_load_sales(folder):
        os.chdir(folder)
        sales = {}
        for name in os.listdir("."):
            lines = open(name, errors="ignore").read().splitlines()
            mark = ";" if ";" in lines[0] else ","
            for values in csv.reader(lines[1:], delimiter=mark):
                sale = dict(
                    zip(
                        lines[0].split(mark),
                        [value.strip() for value in values],
                        strict=True,
                    )
                )
                price = sale["unit_price"].replace("€", "").strip()
                sale["unit_price"] = float(
                    price.replace(".", "").replace(",", ".")
                    if mark == ";"
                    else price
                )
                form = "%d.%m.%Y %H:%M:%S" if mark == ";" else "%Y-%m-%dT%H:%M:%SZ"
                sale["sold_at"] = datetime.strptime(
                    sale["sold_at"], form
                ).astimezone()
                sale["quantity"] = int(sale["quantity"])
                if sale["sale_id"] not in already_seen:
                    sales[sale["sale_id"]] = sale
                    already_seen.add(sale["sale_id"])
        return pl.DataFrame([sales[sale_id] for sale_id in set(sales)])

    return


@app.function
def load_sales(folder: Path) -> pl.DataFrame:
    """Return the sales in the CSV files of `folder`, the same on every
    machine and at every call.

    Read the files directly in `folder` whose names end in `.csv`; ignore
    other files and subfolders. Each file has the columns `sale_id`,
    `listing_id`, `card_id`, `customer_id`, `condition`, `quantity`,
    `unit_price`, `channel`, `sold_at`. Its header says which system wrote it:

    - separated by commas: the web shop. UTF-8; prices like `1234.50 €`, times
      like `2024-03-04T17:05:00Z`.
    - separated by semicolons: the old till. Windows-1252 (in Python
      "cp1252"); prices like `1.234,50 €` or `1.234.567,00 €`, times like
      `04.03.2024 17:05:00`.

    Both write times in UTC. Values may have spaces before or after them. A
    file may repeat sales of another file; the copies are equal.

    The result has one row for each sale, sorted by `sale_id`, and the columns
    in the order above. `quantity` is an integer, `unit_price` a float in
    euros, `sold_at` a datetime with the time zone UTC. The others are text
    without the spaces. The result does not depend on the order in which the
    disk lists files, the time zone, the default encoding, the hash seed, the
    working directory, or earlier calls. `folder` may be a relative path. The
    call writes and deletes no file, prints nothing, and changes neither the
    working directory nor environment variables.
    """
    # TODO 1: list the files in an order that you choose (1 line)
    # TODO 2: find out which system wrote a file, and read it with that
    #   system's encoding and separator (about 5 lines)
    # TODO 3: convert prices, quantities and times, and strip the texts (about
    #   8 lines)
    # TODO 4: put the files together, one row for each sale, sorted (1 line)
    raise NotImplementedError("1.2a")


@app.cell(hide_code=True)
def _():
    report_1_2a = check("1.2a", lambda: load_sales)
    report_1_2a
    return (report_1_2a,)


@app.cell(hide_code=True)
def _(report_1_2a):
    report_1_2a.gate(
        "The shop's sales, month by month, appear here when 1.2a passes."
    )
    _sales = load_sales(world.raw_export())
    _months = _sales.group_by(
        pl.col("sold_at").dt.truncate("1mo").dt.date().alias("month")
    ).agg(revenue=(pl.col("quantity") * pl.col("unit_price")).sum())
    alt.Chart(
        _months, title="Revenue by month, from the messy export", width="container"
    ).mark_bar().encode(
        alt.X("yearmonth(month):T", title="month"),
        alt.Y("revenue:Q", title="revenue (EUR)"),
    ).properties(
        description="Bar chart of the shop's revenue in euros for each month of the export."
    )
    return


@app.cell(hide_code=True)
def _(report_1_2a):
    report_1_2a.gate("The six dependencies are named here when 1.2a passes.")
    mo.md("""
    **The six dependencies of the messy version**

    | in the code | what the result depends on |
    |---|---|
    | `os.listdir` | the order in which the disk lists files |
    | `set(sales)` at the end | the hash seed of the process |
    | `open` without `encoding` | the machine's default encoding; `errors="ignore"` hides the lost letters |
    | `astimezone()` on a time without a zone | the machine's time zone |
    | `os.chdir` | the working directory, which it changes for the whole process |
    | `already_seen` | earlier calls: the second call returns nothing |

    **Two good ways.** The solution reads every column as *text* and converts by rule, so a value that does not follow the
    rule stops the load. The *csv module* and a list of dicts make longer code and need no library. Then build the table
    with a `schema`, or the dtypes depend on the first rows.

    **What you can do now:** read a loader and name everything that its result depends on besides the files.
    """)
    return


@app.cell(hide_code=True)
def _():
    mo.md(f"""
    ## {title("1.2b")}

    Nobody can reproduce last month's report, and nobody knows whether the data changed or the code. From now on every
    table in a report carries a fingerprint, also called a *content hash*.

    ```python
    >>> one = pl.DataFrame({{"name": ["ab", "c"]}})
    >>> other = pl.DataFrame({{"name": ["a", "bc"]}})
    >>> fingerprint(one) == fingerprint(one.clone())
    True
    >>> fingerprint(one) == fingerprint(other)
    False
    ```
    """)
    return


@app.function
def fingerprint(table: pl.DataFrame) -> str:
    """Return a text that is equal for equal tables and differs for different
    ones.

    Two tables are equal if they have the same columns in the same order
    (names and dtypes), and the same values in the same rows. A null equals a
    null, and differs from every text. It makes no difference how a table was
    made: in which process, or in how many chunks it lies in memory.

    Tables hold text, integers, floats (neither NaN nor -0.0), booleans, dates
    and nulls. The fingerprint has at least 22 characters. That is room for
    128 bits, so no two of millions of tables share one by chance.
    """
    # TODO 1: a canonical form, in which names, dtypes and values have clear
    #   boundaries (about 3 lines)
    # TODO 2: its hash, from `hashlib` (1 line)
    raise NotImplementedError("1.2b")


@app.cell(hide_code=True)
def _():
    report_1_2b = check("1.2b", lambda: fingerprint)
    report_1_2b
    return (report_1_2b,)


@app.cell(hide_code=True)
def _(report_1_2b):
    report_1_2b.gate(
        "Fingerprints of the shop's own cards appear here when 1.2b passes."
    )
    _cards = world.load("cards").head(1000)
    _tables = {
        "cards": _cards,
        "cards, joined from two halves": pl.concat(
            [_cards.head(500), _cards.tail(500)]
        ),
        "cards, with a full stop after the last name": _cards.with_columns(
            pl.when(pl.int_range(pl.len()) == 999)
            .then(pl.col("name") + ".")
            .otherwise("name")
            .alias("name")
        ),
    }
    mo.ui.table(
        [
            {"table": _what, "fingerprint": fingerprint(_table)}
            for _what, _table in _tables.items()
        ],
        selection=None,
        show_download=False,
        show_search=False,
        show_column_summaries=False,
        show_data_types=False,
        wrapped_columns=["table"],
        label="Three tables of the first thousand cards",
    )
    return


@app.cell(hide_code=True)
def _(report_1_2b):
    report_1_2b.gate("Two ways to do it are compared here when 1.2b passes.")
    mo.md("""
    **Two good ways.** *A canonical text*: the schema, then a line of JSON for each row. When two fingerprints differ, you
    can write both texts to disk and compare them. *A CSV of the whole table*: `write_csv` leaves a null empty and quotes an
    empty text. It is many times faster, but the fingerprint changes if a new version of the library writes CSV differently.

    **Three ways that look good**

    | fingerprint of | what happens |
    |---|---|
    | the bytes of an *Arrow stream* | they differ for equal tables, because they include whatever lies in memory under a null |
    | the bytes of a *Parquet file* | they differ for equal tables whose chunks have different lengths, and with the version of the writer |
    | `Series.hash`, `DataFrame.hash_rows` | passes the checks, which know one version of polars. polars promises these values for one version only: the text `"x"` had another hash in <span data-literal>2.0</span> than in <span data-literal>2.1</span>, so after an upgrade every table would look changed |

    **What you can do now:** say from two fingerprints whether the data changed, and what has to be computed again.
    """)
    return


@app.cell(hide_code=True)
def _():
    mo.md(f"""
    ## {title("1.3")}

    The weekly report runs `slow_weekly_revenue`. The shop has grown, and the report now takes longer than a coffee break.
    Write it again: the same answer, at least <span data-literal>20</span> times as fast.

    | `sale_id` | `card_id` | `quantity` | `unit_price` | `sold_at`, in UTC |
    |---|---|---|---|---|
    | `S0000001` | `KND-001` | `2` | `1.50` | Sunday, 2024-03-03 23:59 |
    | `S0000001` | `KND-001` | `2` | `1.50` | Sunday, 2024-03-03 23:59 |
    | `S0000002` | `XYZ-009` | `1` | `4.00` | Monday, 2024-03-04 00:01 |

    `KND-001` is a Fire card, and no card is called `XYZ-009`. The report has two rows:

    | `week` | `card_type` | `units` | `revenue` |
    |---|---|---|---|
    | 2024-02-26 | `Fire` | `2` | `3.00` |
    | 2024-03-04 | `Unknown` | `1` | `4.00` |

    The checks compare answers first. Then both versions run on the same new data, tens of thousands of sales, and the
    stopwatch decides.
    """)
    return


@app.function
def slow_weekly_revenue(sales: Path, cards: Path) -> pd.DataFrame:
    types = {}
    for _, card in pd.read_parquet(cards).iterrows():
        types[card["card_id"]] = card["card_type"]
    seen, totals = set(), {}
    for _, sale in pd.read_parquet(sales).iterrows():
        if sale["sale_id"] in seen:
            continue
        seen.add(sale["sale_id"])
        day = sale["sold_at"].date()
        week = day - pd.Timedelta(days=day.weekday())
        key = week, types.get(sale["card_id"], "Unknown")
        units, revenue = totals.get(key, (0, 0.0))
        totals[key] = (
            units + sale["quantity"],
            revenue + sale["quantity"] * sale["unit_price"],
        )
    rows = [(*key, *total) for key, total in totals.items()]
    table = pd.DataFrame(rows, columns=["week", "card_type", "units", "revenue"])
    return table.sort_values(["week", "card_type"])


@app.function
def weekly_revenue(sales: Path, cards: Path) -> pl.DataFrame:
    """Return units and revenue for each week and card type: what
    `slow_weekly_revenue` returns, but fast.

    `sales` (`sale_id`, `card_id`, `quantity`, `unit_price`, `sold_at`) and
    `cards` (`card_id`, `card_type`) are Parquet files with the dtypes of the
    shop's tables. Read them at every call.

    - A sale may be in the file more than once. The copies are equal; it
      counts once.
    - A sale of a card that is not in `cards` counts under the card type
      "Unknown".
    - The columns of the result: `week` (a date, the Monday in UTC),
      `card_type`, `units` (integer), `revenue` (euros, the sum of `quantity`
      times `unit_price`).
    - The rows are sorted by week, then by card type.
    """
    # TODO 1: scan both files, and keep each sale once (about 2 lines)
    # TODO 2: join the card types, and name the unknown ones (about 2 lines)
    # TODO 3: group by Monday and card type, sum, sort, collect (about 5 lines)
    raise NotImplementedError("1.3")


@app.cell(hide_code=True)
def _():
    report_1_3 = check("1.3", lambda: weekly_revenue)
    report_1_3
    return (report_1_3,)


@app.cell(hide_code=True)
def _(report_1_3):
    report_1_3.gate(
        "The shop's weekly revenue, from your function, appears here when 1.3 passes."
    )
    with tempfile.TemporaryDirectory() as _folder:
        _sales, _cards = (
            Path(_folder) / "sales.parquet",
            Path(_folder) / "cards.parquet",
        )
        world.load("sales").write_parquet(_sales)
        world.load("cards").write_parquet(_cards)
        _start = time.perf_counter()
        _weeks = weekly_revenue(_sales, _cards)
        _ms = 1000 * (time.perf_counter() - _start)
    alt.Chart(
        _weeks,
        title=f"{world.load('sales').height:,} sales added up in {_ms:.0f} ms",
        width="container",
    ).mark_area().encode(
        alt.X("week:T", title="week"),
        alt.Y("sum(revenue):Q", title="revenue (EUR)"),
        alt.Color("card_type:N", title="card type"),
    ).properties(
        description="Stacked areas: the shop's revenue in euros per week, by card type."
    )
    return


@app.cell(hide_code=True)
def _(report_1_3):
    report_1_3.gate("Three ways to do it are compared here when 1.3 passes.")
    mo.md("""
    **Three good ways.** All of them leave the loop over rows to the library.

    - *A lazy query* reads only the columns that it needs, and runs on all cores.
    - *pandas without a loop* (`drop_duplicates`, `merge`, `groupby`) comes close. pandas was never the problem: the slow
      version uses `iterrows`, which builds a Series for every row.
    - *DuckDB* runs the same query in SQL, directly on the files.

    They add the prices in different orders, so the last digits of the revenue can differ. Compare money with a tolerance,
    or in whole cents.

    **What you can do now:** replace a loop over rows with a query, and show that the answer is the same.
    """)
    return


@app.cell(hide_code=True)
def _():
    mo.md("""
    ## Finished?

    Run `dojo check` in a terminal. It runs every check, including those that are too slow for this page: other time zones,
    other processes, the stopwatch. Then a new card set is waiting for you in the checkpoint.
    """)
    return


if __name__ == "__main__":
    app.run()
