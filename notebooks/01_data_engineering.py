import marimo

__generated_with = "0.25.2"
app = marimo.App(width="medium", app_title="Data engineering: can you trust this table?")

with app.setup(hide_code=True):
    import hashlib
    import inspect
    import os
    import statistics
    import subprocess
    import sys
    import tempfile
    import textwrap
    import time
    from datetime import datetime
    from pathlib import Path

    import altair as alt
    import duckdb
    import marimo as mo
    import numpy as np
    import pandas as pd
    import pandera.pandas as pap
    import polars as pl
    from pandera.errors import SchemaError, SchemaErrors

    from cardshop import contracts, world
    from cardshop.quality import ISSUES
    from cardshop.world.truth import dirt
    from grader import aha, journal, mastery, predict, quiz, reveal
    from grader.course.manifest import course


@app.cell(hide_code=True)
def _():
    UNIT = course().units[0]
    mo.md(f"""
    # {UNIT.question}

    You have joined a shop for trading cards. Every night files arrive from suppliers, tills and the web; every
    morning somebody decides on prices, stock and advertising by what the tables say. Nobody looks at the rows any
    more. So the question of this lesson comes first, before any model: **when is a table good enough to act on, and
    who notices when it is not?**

    About {UNIT.minutes.lesson} minutes to read and play, then {UNIT.minutes.exercises} for the exercises. Afterwards you can

    {chr(10).join(f"- {objective}" for objective in UNIT.objectives)}

    Change anything on this page: what depends on it follows at once.
    """)
    return (UNIT,)


@app.cell(hide_code=True)
def _(UNIT):
    mo.md(f"""
    **Been here before?** Answer these first. If you get nearly all of them right, go straight to the
    [checkpoint](?file=assessments/checkpoints/{UNIT.name}.py), and come back for what you miss.
    """)
    return


@app.cell(hide_code=True)
def _():
    placement = quiz("01_data_engineering", group="placement")
    placement
    return (placement,)


@app.cell(hide_code=True)
def _(placement):
    mo.md(
        f"You got {placement.right} of {placement.total} right. "
        + (
            "Take the checkpoint; this page will still be here."
            if placement.right >= 0.8 * placement.total
            else "Read on: the sections below are about what was missing."
        )
        if placement.done
        else "*Your result appears here when all of them are answered, or read on now.*"
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md("""
    ## Schemas as code

    A schema in a wiki is a wish. A schema that runs is a contract: it says which columns there are, of which type, with
    which values, and the load stops when a delivery breaks it. This is the shop's, shortened; the whole of it is
    `cardshop/contracts.py`:

    ```python
    class Cards(Contract):                      # pandera, on polars
        card_id: str = pa.Field(unique=True, str_matches="^[A-Z]{3}-[0-9]{3}$")
        rarity: str = pa.Field(isin=RARITIES)
        hp: pl.Int32 = pa.Field(ge=10, le=500)  # hit points
        text: str = pa.Field(nullable=True)     # the only column that may be null

        class Config:
            strict = True                       # no other columns
    ```

    `Cards.validate(table, lazy=True)` collects all complaints instead of stopping at the first (this "lazy" has
    nothing to do with a LazyFrame). Tonight the supplier changed its export program: it writes `hp` as text, `"60"`
    instead of `60`.
    """)
    return


@app.cell(hide_code=True)
def _():
    guess_type = predict(
        "Without a contract, who would notice first that hp has become text?",
        options=[
            "polars, when the file is loaded",
            "the nightly job, when it joins the cards with the sales",
            "whoever computes a mean of hp, in days or weeks",
        ],
        key="01-who-notices",
    )
    guess_type
    return (guess_type,)


@app.function
def complaints(cards: pl.DataFrame) -> pl.DataFrame:
    """Return what the contract has against a table: column, check, number of cases. Empty: nothing."""
    try:
        contracts.Cards.validate(cards, lazy=True)
    except SchemaErrors as error:
        cases = error.failure_cases.with_columns(pl.col("column", "check").cast(pl.String))
        return cases.group_by("column", "check").len("cases").sort("column", "check")
    return pl.DataFrame(schema={"column": pl.String, "check": pl.String, "cases": pl.UInt32})


@app.cell(hide_code=True)
def _():
    CHANGES = {
        "nothing": lambda cards: cards,
        "hp is text": lambda cards: cards.with_columns(pl.col("hp").cast(pl.String)),
        "hp is spelled HP": lambda cards: cards.rename({"hp": "HP"}),
        "a new column, artist": lambda cards: cards.with_columns(artist=pl.lit("unknown")),
        "one rarity in small letters": lambda cards: cards.with_columns(
            rarity=pl.when(pl.int_range(pl.len()) == 7).then(pl.lit("rare")).otherwise("rarity")
        ),
        "one weight in grams": lambda cards: cards.with_columns(
            weight_kg=pl.when(pl.int_range(pl.len()) == 7)
            .then(pl.col("weight_kg") * 1000)
            .otherwise("weight_kg")
        ),
    }
    change = mo.ui.dropdown(CHANGES, value="hp is text", label="Tonight's change:")
    return (change,)


@app.cell(hide_code=True)
def _(change, guess_type):
    guess_type.gate()
    _found = complaints(change.value(world.load("cards")))
    mo.vstack(
        [
            change,
            mo.ui.table(
                _found, selection=None, label=f"What the contract says: {len(_found)} broken promises"
            ),
            mo.md(
                "The contract has nothing to say. If something *is* wrong, it is something that this contract cannot see."
                if _found.is_empty()
                else "Nothing in polars objects to a column of text: loading, joining and writing all work. Later `select` refuses a "
                "mean of it, `cards['hp'].mean()` says `None`, and a sort, worst of all, puts `90` behind `120` without a word. "
                "The contract says it before the table is written, and one cause shows up several times: a text fails every check on numbers."
                if change.selected_key == "hp is text"
                else "The contract names the promise, and says so before the table is written."
            ),
        ]
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md("""
    Try every change. Two of them teach more than the others: the new column is refused although it harms nobody, and the
    weight in grams passes although it is wrong. The first is a decision (`strict`): somebody has to say yes to a new
    column. The second needs knowledge that is not in the table, and returns below.

    **Schemas change, and that is normal.** What matters is who breaks:

    | change | readers | so |
    |---|---|---|
    | a column is added, nullable | unharmed | add it to the contract |
    | a value is added to a category | those with a fixed list break | announce, then add |
    | a column is renamed, retyped, removed | break | new version beside the old one until the last reader has moved |
    | the meaning changes, name and type stay | nobody notices | the worst of all: treat it as removed and added |

    The same contract in pandas looks alike and has a trap of its own:
    """)
    return


@app.cell
def _():
    price_list = pap.DataFrameSchema(
        {"card_id": pap.Column(str), "print_run": pap.Column(int, pap.Check.ge(1), nullable=True)}
    )
    complete = pd.DataFrame({"card_id": ["KND-001", "KND-002"], "print_run": [42_490, 23_920]})
    with_a_gap = pd.DataFrame({"card_id": ["KND-001", "KND-002"], "print_run": [42_490, None]})
    mo.ui.table(
        [
            {"column": name, "complete": str(complete[name].dtype), "with a gap": str(with_a_gap[name].dtype)}
            for name in complete.columns
        ],
        selection=None,
        label="The types in pandas",
    )
    return complete, price_list, with_a_gap


@app.cell(hide_code=True)
def _(complete, price_list, with_a_gap):
    def _verdict(table):
        try:
            price_list.validate(table, lazy=True)
            return "accepted"
        except pap.errors.SchemaErrors as error:
            return "refused: " + ", ".join(dict.fromkeys(error.failure_cases["check"].astype(str)))

    mo.md(f"""
    One missing number, and the *type* of the column is another (`{with_a_gap["print_run"].dtype}`): classic pandas
    integers have no null. The contract allows gaps, and still: without the gap the table is {_verdict(complete)}, with it
    {_verdict(with_a_gap)}. `Int64`, with a capital I, is the pandas integer that has a null. In polars every type has
    one, and the column stays `{pl.Series([42_490, None], dtype=pl.Int32).dtype}`.
    """)
    return


@app.cell(hide_code=True)
def _():
    mo.md(f"""
    ## What goes wrong with data

    Deliveries go wrong in a few ways, again and again. The shop has names for these, in `cardshop.quality`:

    {chr(10).join(f"- **{kind}**: {text}" for kind, text in ISSUES.items())}
    """)
    return


@app.cell(hide_code=True)
def _():
    clean = world.load("cards").head(600)
    damaged, planted = dirt.plant(clean, np.random.default_rng(11), share=0.01)
    guess_seen = predict(
        f"We damaged a copy of {clean.height} cards in {planted.height} places, evenly over the six kinds, and wrote down "
        "where. What share of the damage does the contract see?",
        low=0,
        high=100,
        step=5,
        unit="%",
        key="01-share-seen",
    )
    guess_seen
    return damaged, guess_seen, planted


@app.cell(hide_code=True)
def _(damaged, guess_seen, planted):
    guess_seen.gate()
    try:
        contracts.Cards.validate(damaged, lazy=True)
        _cases = pl.DataFrame(schema={"index": pl.Int64, "column": pl.String})
    except SchemaErrors as _error:
        _cases = _error.failure_cases.select(pl.col("index").cast(pl.Int64), pl.col("column").cast(pl.String))
    seen = planted.join(_cases.unique(), left_on=["row", "column"], right_on=["index", "column"], how="semi")
    by_kind = (
        planted.group_by("issue")
        .len("planted")
        .join(seen.group_by("issue").len("seen"), on="issue", how="left")
        .fill_null(0)
        .with_columns(unseen=pl.col("planted") - pl.col("seen"))
        .sort("issue")
    )
    share_seen = seen.height / planted.height
    mo.ui.altair_chart(
        alt.Chart(
            by_kind.unpivot(["seen", "unseen"], index="issue"), title="Which damage does the contract see?"
        )
        .mark_bar()
        .encode(
            alt.X("value:Q", title="planted issues"),
            alt.Y("issue:N", title=None),
            alt.Color("variable:N", title="by the contract", scale=alt.Scale(range=["#3b7a57", "#c0504d"])),
        )
        .properties(
            width="container", description="Bars: planted issues of each kind, split into seen and unseen."
        ),
        chart_selection=False,
        legend_selection=False,
    )
    return by_kind, share_seen


@app.cell(hide_code=True)
def _(by_kind, guess_seen, share_seen):
    _blind = by_kind.filter(pl.col("seen") == 0)["issue"].to_list()
    mo.md(f"""
    The contract sees {share_seen:.0%} of what was planted; you said {guess_seen.value:.0f} %. It is blind to
    **{", ".join(_blind) or "nothing"}**. A tighter range would catch most of these, but never the lightest species in
    grams: Gastly's `0.1` becomes `100`, which is a good weight for another species. Only a comparison with the
    species' own weight catches it. So the question after each incident is not "who typed this?" but "**which sentence
    about the data would have caught it, and where does that sentence run?**" A sentence about a value belongs in the
    contract, one about two tables beside it (`contracts.check_references`: every card of a sale exists).

    Even when every value is sound the table can have **drifted**: its values are spread otherwise than those your models
    learned from. That shows in distributions, and takes a distance between two of them: the largest gap between the
    distribution functions (the *Kolmogorov-Smirnov* distance), or the *population stability index*, which cuts the old
    values into ten equal parts and adds up how much their shares have changed. A p-value is no distance: with many rows
    the smallest difference has a tiny one. The checkpoint asks for it, the cheat sheet has the lines.
    """)
    return


@app.cell(hide_code=True)
def _():
    mo.md("""
    ## Missing and malformed

    A missing value has many spellings: a null, an empty text, `NaN`, `-1`, `9999`, `"n/a"`. Only the first says what it
    means. What does the mean of four weights become, if the third is unknown?
    """)
    return


@app.cell
def _():
    weights = {
        "a null": [6.9, 8.5, None, 90.5],
        "a NaN": [6.9, 8.5, float("nan"), 90.5],
        "a sentinel, -1": [6.9, 8.5, -1.0, 90.5],
        "a zero": [6.9, 8.5, 0.0, 90.5],
    }
    means = {spelling: pl.Series(values).mean() for spelling, values in weights.items()}
    means
    return (means,)


@app.cell(hide_code=True)
def _(means):
    mo.md(f"""
    The null is left out, and the mean is {means["a null"]:.1f}. To polars `NaN` is a number, and makes the mean `NaN`. The
    sentinel and the zero are the dangerous ones: {means["a sentinel, -1"]:.1f} and {means["a zero"]:.1f} look like
    answers. (pandas takes `NaN` for missing and leaves it out, so the same file has two means in two libraries.)

    Three things can be done with a bad value, and each is right somewhere. **Repair** it, if the right value follows
    from others (trailing spaces, grams). **Set it aside** (quarantine), if the row can wait for a person. **Refuse**
    the delivery, if the cause is not local: a shifted column damages every row, and repairing the visible ones hides
    the others.

    And *why* is it missing? Suppose the appraiser leaves the price empty more often when a card is expensive, because
    those take longer:
    """)
    return


@app.cell(hide_code=True)
def _():
    strength = mo.ui.slider(
        0, 3, 0.25, value=1, show_value=True, label="how strongly a high price goes missing"
    )
    strength
    return (strength,)


@app.cell(hide_code=True)
def _(strength):
    _prices = world.load("listings")["asking_price"].to_numpy()
    _logs = np.log(_prices)
    _high = (_logs - _logs.mean()) / _logs.std()
    _missing = np.random.default_rng(5).random(len(_prices)) < 1 / (1 + np.exp(1.4 - strength.value * _high))
    _shown = pl.DataFrame({"price": _prices, "state": np.where(_missing, "missing", "there")}).filter(
        pl.col("price") < 60
    )
    _chart = (
        alt.Chart(
            _shown.group_by(low=(pl.col("price") / 2).floor() * 2, state="state")
            .len("listings")
            .with_columns(high=pl.col("low") + 2),
            title="Which asking prices are missing? (drawn: below 60 €)",
        )
        .mark_bar()
        .encode(
            alt.X("low:Q", bin="binned", title="asking price (EUR)"),
            alt.X2("high"),
            alt.Y("listings:Q", title="listings"),
            alt.Color("state:N", title=None, scale=alt.Scale(range=["#c0504d", "#8aa4c8"])),
        )
        .properties(
            width="container",
            height=180,
            description="Histogram of asking prices, split into missing and there.",
        )
    )
    mo.vstack(
        [
            _chart,
            mo.md(f"""
    {_missing.mean():.0%} of the prices are missing. The mean of those that are there is **{_prices[~_missing].mean():.2f} €**;
    the truth is {_prices.mean():.2f} €. Move the slider to the left: when the gaps have nothing to do with
    the price, the mean hardly moves. Why values are missing matters more than how many. Filling the gaps with the mean
    of the rest leaves the mean as wrong as it was, and hides that there was a gap. Keep a column that says *was missing*:
    a model can learn from it.
    """),
        ]
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md("""
    ## Determinism

    The same code on the same data should give the same answer. When it does not, nobody can say whether the report
    changed because of the data or because of the code.
    """)
    return


@app.cell(hide_code=True)
def _():
    guess_set = predict(
        "A job prints `list({'Fire', 'Water', 'Grass'})`. You start it three times. How many orders do you see?",
        options=["always one", "it depends on the machine", "often more than one"],
        key="01-set-order",
    )
    guess_set
    return (guess_set,)


@app.cell
def _():
    def answers(code: str, environments: list[dict[str, str]]) -> list[str]:
        """Run a line of Python once in each environment, in a fresh process."""
        return [
            subprocess.run(
                [sys.executable, "-c", code],
                env={**os.environ, **environment},
                capture_output=True,
                text=True,
                check=True,
            ).stdout.strip()
            for environment in environments
        ]

    orders = answers(
        "print(list({'Fire', 'Water', 'Grass'}))", [{"PYTHONHASHSEED": str(n)} for n in (1, 2, 3)]
    )
    hours = answers(
        "from datetime import datetime; print(datetime.strptime('17:05', '%H:%M').replace(year=2024).astimezone().isoformat())",
        [{"TZ": "UTC"}, {"TZ": "Asia/Tokyo"}],
    )
    return hours, orders


@app.cell
def _():
    sums = [0.1 + 0.2 + 0.3, 0.3 + 0.2 + 0.1]
    letters = [
        "Pokémon".encode().decode(encoding) for encoding in ("utf-8", "cp1252")
    ]  # cp1252: many a Windows
    with tempfile.TemporaryDirectory() as _folder:
        for _month in ("2024-03", "2024-01", "2024-02"):
            (Path(_folder) / f"{_month}.csv").touch()
        listing = os.listdir(_folder)

    def with_memory(sale, seen=[]):  # noqa: B006 - the default list is made once, and kept
        seen.append(sale)
        return len(seen)

    calls = [with_memory("S1"), with_memory("S1")]
    return calls, letters, listing, sums


@app.cell(hide_code=True)
def _(calls, guess_set, hours, letters, listing, orders, sums):
    guess_set.gate()
    mo.md(f"""
    Three runs, {len(set(orders))} orders: {", ".join(f"`{order}`" for order in orders)}. Python salts the hash of texts anew
    in every process, unless `PYTHONHASHSEED` is set (here it is set to three values, so that you see what we saw). The
    list of the usual suspects, each as it was seen here a moment ago:

    - **The hash seed** (sets, `hash()`): {len(set(orders))} orders in {len(orders)} runs. Sort; take `hashlib` in place
      of `hash`.
    - **The time zone of the machine**: one line of code, `{hours[0]}` and `{hours[1]}`. Give every time its zone where it
      is read, `.replace(tzinfo=UTC)` or in polars `.dt.replace_time_zone("UTC")`, and compute in UTC.
    - **The order of a sum of floats**: `{sums[0]!r}` and `{sums[1]!r}`. Fix the order, or compare with a tolerance.
    - **The order in which a disk lists files**: this one says {", ".join(f"`{name}`" for name in listing)}; another may
      say something else. `sorted(folder.glob(…))`.
    - **The default encoding**: the same bytes are `{letters[0]}` here and `{letters[1]}` there. Name it:
      `encoding="utf-8"`.
    - **What an earlier call left behind**: the same call twice gave {calls[0]} and {calls[1]}, since a default list
      lives on. Functions take what they need and keep nothing.
    - **Randomness without a seed**: every run. `np.random.default_rng(seed)`, handed in.

    A test in the same process on the same machine finds few of these. Run the job twice, in two processes,
    with the time zone of Tokyo and another hash seed: that is what exercise 1.2a does to yours.
    """)
    return


@app.cell(hide_code=True)
def _():
    mo.md("""
    ## Content hashes and lineage

    A file's name does not tell whether its content changed. A **content hash** is a short text that is equal for equal
    content and differs for different content. Write down the hashes of what went in and what came out of every step, and
    you have **lineage**: for each number the data and the code it came from. A small pipeline, raw → clean → features:
    """)
    return


@app.function
def content_hash(table: pl.DataFrame) -> str:
    """A first, imperfect one: the start of the hash of the table's CSV text."""
    return hashlib.sha256(table.write_csv().encode()).hexdigest()[:10]


@app.function
def pipeline(raw: pl.DataFrame) -> dict[str, pl.DataFrame]:
    """Two steps: clean keeps sound listings, features have one row per card."""
    clean = raw.filter(pl.col("asking_price") > 0).sort("listing_id")
    features = (
        clean.group_by("card_id").agg(price=pl.col("asking_price").median(), offers=pl.len()).sort("card_id")
    )
    return {"raw": raw, "clean": clean, "features": features}


@app.cell(hide_code=True)
def _():
    EDITS = {
        "nothing": lambda raw: raw,
        "one price, one cent up": lambda raw: raw.with_columns(
            asking_price=pl.col("asking_price") + pl.when(pl.int_range(pl.len()) == 0).then(0.01).otherwise(0)
        ),
        "the same rows in another order": lambda raw: raw.reverse(),
        "one more listing, at price 0": lambda raw: pl.concat(
            [raw, raw.head(1).with_columns(listing_id=pl.lit("L9999999"), asking_price=pl.lit(0.0))]
        ),
    }
    edit = mo.ui.dropdown(
        EDITS, value="the same rows in another order", label="What changed in the raw table:"
    )
    edit
    return (edit,)


@app.cell(hide_code=True)
def _(edit):
    _raw = world.load("listings").head(500)
    _before = {name: content_hash(table) for name, table in pipeline(_raw).items()}
    _after = {name: content_hash(table) for name, table in pipeline(edit.value(_raw)).items()}
    _dirty = [name for name in _before if _before[name] != _after[name]]
    mo.vstack(
        [
            mo.ui.table(
                [
                    {
                        "step": name,
                        "hash yesterday": _before[name],
                        "hash today": _after[name],
                        "same": "yes" if _before[name] == _after[name] else "no",
                    }
                    for name in _before
                ],
                selection=None,
                show_download=False,
                label="The hashes of the three tables",
            ),
            mo.md(
                "Nothing changed, nothing has to be computed."
                if not _dirty
                else f"Changed: **{', '.join(_dirty)}**. "
                + (
                    "The change reaches the features: everything built on them is out of date."
                    if "features" in _dirty
                    else "*clean* had to run again and gave the same hash, so the features need not run."
                )
            ),
        ]
    )
    return


@app.cell(hide_code=True)
def _():
    _texts = pl.DataFrame({"x": [1, 2]}), pl.DataFrame({"x": ["1", "2"]})
    mo.md(f"""
    A step whose output hash did not change stops the wave: that is how build tools know what to skip. It is only as
    good as the hash, and a hash only as good as the text that goes in: joined without borders, `ab, c` and `a, bc` are
    the same. Ours above is not good enough: a column of numbers and a column of texts have the same
    CSV, so both tables have the hash `{content_hash(_texts[0])}` (`{content_hash(_texts[1])}`). Exercise 1.2b asks for a
    better one. Hash the **content**, by the way, and not the file: a Parquet file differs with the version of
    its writer though every value in it is the same.
    """)
    return


@app.cell(hide_code=True)
def _():
    mo.md("""
    ## pandas, polars or SQL

    Parquet stores a table column by column, with its types. `scan_parquet` reads nothing yet: the whole plan runs at
    `collect()`, and reads what the answer needs. "X is ten times faster" is a sentence about somebody else's query on
    somebody else's machine. Here is one of the shop's: revenue by channel and card type, from a Parquet file of sales
    joined with the cards. First the answers are compared, then the times.
    """)
    return


@app.cell
def _():
    def in_pandas(sales, cards):
        table = pd.read_parquet(sales).merge(pd.read_parquet(cards), on="card_id")
        table["revenue"] = table["quantity"] * table["unit_price"]
        return pl.from_pandas(table.groupby(["channel", "card_type"], as_index=False)["revenue"].sum())

    def in_polars(sales, cards, read=pl.read_parquet):
        table = read(sales).join(read(cards), on="card_id")
        return table.group_by("channel", "card_type").agg(
            revenue=(pl.col("quantity") * pl.col("unit_price")).sum()
        )

    def in_lazy_polars(sales, cards):
        return in_polars(sales, cards, read=pl.scan_parquet).collect()

    def in_duckdb(sales, cards):
        return duckdb.sql(f"""select channel, card_type, sum(quantity * unit_price) as revenue
                              from '{sales}' join '{cards}' using (card_id) group by all""").pl()

    ENGINES = {"pandas": in_pandas, "polars": in_polars, "polars, lazy": in_lazy_polars, "DuckDB": in_duckdb}
    return (ENGINES,)


@app.cell(hide_code=True)
def _():
    rows = mo.ui.dropdown(
        {"20 thousand": 20_000, "200 thousand": 200_000, "1 million": 1_000_000},
        value="200 thousand",
        label="rows of sales:",
    )
    measure = mo.ui.run_button(label="Measure here")
    mo.hstack([rows, measure], justify="start")
    return measure, rows


@app.cell(hide_code=True)
def _(ENGINES, measure, rows):
    mo.stop(
        not measure.value,
        mo.md("*Press the button: it takes a few seconds, and your machine, not ours, answers.*"),
    )
    with tempfile.TemporaryDirectory() as _folder, mo.status.spinner("Measuring"):
        _sales, _cards = Path(_folder) / "sales.parquet", Path(_folder) / "cards.parquet"
        world.load("cards").write_parquet(_cards)
        world.stream_sales(_sales, rows.value, 0, world.load("cards"))
        _answers = [_run(_sales, _cards).sort("channel", "card_type")["revenue"] for _run in ENGINES.values()]
        _agree = all(np.allclose(_answer, _answers[0]) for _answer in _answers)
        mo.stop(
            not _agree,
            mo.md("**The answers do not agree**, so times would mean nothing. Which engine is wrong?"),
        )
        times = {}
        for _name, _run in ENGINES.items():
            _seconds = []
            for _ in range(5):
                _start = time.perf_counter()
                _run(_sales, _cards)
                _seconds.append(time.perf_counter() - _start)
            times[_name] = statistics.median(_seconds)
    alt.Chart(
        pl.DataFrame({"engine": list(times), "ms": [1000 * s for s in times.values()]}),
        title=f"Median of five runs, {rows.value:,} rows, {os.cpu_count()} processors",
    ).mark_bar().encode(
        alt.X("ms:Q", title="milliseconds"), alt.Y("engine:N", sort="x", title=None)
    ).properties(width="container", description="Bars: the median time of each engine in milliseconds.")
    return (times,)


@app.cell(hide_code=True)
def _(times):
    _fast, _slow = min(times, key=times.get), max(times, key=times.get)
    mo.md(f"""
    The four answers agree, to the last digits of a float sum. Here {_fast} was the fastest and {_slow} took
    {times[_slow] / times[_fast]:.1f} times as long. Measure the smallest size too: the order may change, since each
    engine has fixed costs. The wider the file, the more the lazy query and SQL save: they read the columns that the
    answer needs and no others, where `read_parquet` without a list of columns reads all. None of this helps against a
    **loop over rows** in Python, which costs far more than the choice among the four: measure it in exercise 1.3. And
    compare the *rows* of a join: this inner join drops sales whose card is unknown, where `how="left"` keeps them
    with a null; `unique` removes rows that came twice; `dt.truncate("1w")` gives a week's Monday. Choose by what your
    colleagues read and where the data lie, and measure when it matters.
    """)
    return


@app.cell(hide_code=True)
def _():
    mo.md("""
    ## A worked example, and one for you

    The nightly load, as it could go into production: it decides, it loses nothing, and it says what it did.
    """)
    return


@app.function
def nightly_load(delivery: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Split a delivery into rows that keep the contract and rows for quarantine, with the reasons beside them.

    Raises SchemaErrors when the table as a whole is wrong (columns, dtypes): then no row can be trusted.
    """
    try:
        return contracts.Cards.validate(delivery, lazy=True), delivery.clear().with_columns(
            reasons=pl.lit("")
        )
    except SchemaErrors as error:
        cases = error.failure_cases
        if cases["index"].is_null().any():  # a failure without a row is one of the whole table
            raise
    reasons = cases.group_by(pl.col("index").cast(pl.UInt32).alias("row")).agg(
        reasons=pl.col("check").cast(pl.String).unique().sort().str.join("; ")
    )
    rows = delivery.with_row_index("row").join(reasons, on="row", how="left")
    sound = rows.filter(pl.col("reasons").is_null())
    return sound.drop("row", "reasons"), rows.filter(pl.col("reasons").is_not_null()).drop("row")


@app.cell(hide_code=True)
def _(damaged, planted):
    _sound, _aside = nightly_load(damaged)
    _units, _copies = (planted.filter(issue=kind).height for kind in ("wrong_unit", "duplicate"))
    mo.vstack(
        [
            mo.md(
                f"Of the {damaged.height} damaged cards from above, {_sound.height} go in and {_aside.height} wait, each "
                "with its reasons:"
            ),
            mo.ui.table(
                _aside.select("card_id", "name", "rarity", "hp", "reasons"),
                selection=None,
                page_size=5,
                label="Quarantine",
            ),
            mo.md(
                f"We planted {planted.height} issues. Before you compare that with the {_aside.height} that wait: the {_units} "
                f"in wrong units **went in**, since the contract is blind to them, and for the {_copies} duplicates both "
                "cards wait, the original too, since uniqueness does not say which of the two is right. Counts that "
                "agree are no proof; compare *which* rows."
            ),
        ]
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md("""
    A sound table can still be yesterday's. Finish this check of freshness, about one line:
    """)
    return


@app.function
def hours_since_last(listings: pl.DataFrame, now: datetime) -> float | None:
    """Return the hours between the newest `listed_at` and `now`."""
    return None  # your line: the latest `listed_at`, subtracted from `now`, in hours


@app.cell(hide_code=True)
def _():
    _listings = world.load("listings")
    _now = _listings["listed_at"].max() + pd.Timedelta(hours=30).to_pytimedelta()
    _given = hours_since_last(_listings, _now)
    if _given is None:
        _text = "*Your answer is tried here as soon as the function returns one.*"
    elif abs(_given - 30) < 0.01:
        _text = f"Right: {_given:.0f} hours. Where would you run it, and who gets the alert?"
    else:
        _text = f"It says {_given}; the newest listing is exactly {30} hours old."
    mo.md(_text)
    return


@app.cell(hide_code=True)
def _():
    mo.md("""
    ## What it costs elsewhere

    - **Missing rows.** In autumn 2020 <span data-literal>15,841</span> positive tests were missing for days from England's
      daily counts and from contact tracing: lists were passed on in an old spreadsheet format that has no more than
      <span data-literal>65,536</span> rows, and what did not fit was dropped without a word. A count of rows on both
      sides of the hand-over would have shown it.
    - **Wrong units.** NASA lost the Mars Climate Orbiter in September 1999: one program wrote impulses in pound-force
      seconds, the other read newton seconds. Both files were well-formed. The unit belongs in the column's name or
      the contract.
    - **Bad training data.** Unity told its investors in May 2022 of two problems with its models for advertising, a fault
      in its platform and bad data taken in from a large customer, and put both together at about
      <span data-literal>110</span> million dollars for the year.

    What stands against such accidents is dull: contracts at each hand-over, counts on both sides, quarantine in place of
    repair by hand, and somebody whose name stands beside each table.
    """)
    return


@app.cell(hide_code=True)
def _():
    mo.md("""
    ## Four pitfalls

    Each has an innocent look. Choose one, see what it does, then do it the careful way.
    """)
    return


@app.cell(hide_code=True)
def _():
    def lazy_contract():
        cards = world.load("cards")
        cards = cards.with_columns(hp=-cards["hp"])
        contracts.Cards.validate(cards.lazy())
        return "no complaint"

    def eager_contract():
        cards = world.load("cards")
        cards = cards.with_columns(hp=-cards["hp"])
        contracts.Cards.validate(cards)
        return "no complaint"

    def plain_filter():
        notes = pl.Series([None, "signed", "torn", None])
        kept = notes.filter(notes != "torn")
        return f"{kept.len()} of {notes.len()} kept"

    def null_safe_filter():
        notes = pl.Series([None, "signed", "torn", None])
        kept = notes.filter(notes.ne_missing("torn"))
        return f"{kept.len()} of {notes.len()} kept"

    def inferred_ids():
        file = "card\n" + "007\n" * 200
        table = pl.read_csv(file.encode())
        return table["card"][0]

    def ids_as_text():
        file = "card\n" + "007\n" * 200
        table = pl.read_csv(file.encode(), infer_schema=False)
        return table["card"][0]

    def repair_then_count():
        names = pl.Series([" Onix", "Pidgey", "Mew  "])
        names = names.str.strip_chars()
        stray = names != names.str.strip_chars()
        return f"{stray.sum()} names with stray spaces"

    def count_then_repair():
        names = pl.Series([" Onix", "Pidgey", "Mew  "])
        stray = names != names.str.strip_chars()
        names = names.str.strip_chars()
        return f"{stray.sum()} names with stray spaces"

    PITFALLS = {
        "A contract on a LazyFrame": (
            lazy_contract,
            eager_contract,
            "pandera checks names and types of a `LazyFrame` and skips the values, unless the environment says "
            "`PANDERA_VALIDATION_DEPTH=SCHEMA_AND_DATA`.",
        ),
        "A filter that drops nulls": (
            plain_filter,
            null_safe_filter,
            "A comparison with null gives null, and a filter keeps only true.",
        ),
        "Types guessed from the values": (
            inferred_ids,
            ids_as_text,
            "`read_csv` guesses types from the values: ids of digits become numbers, and their leading zeros are gone. "
            "Read text, convert by rule.",
        ),
        "Repairing before counting": (
            repair_then_count,
            count_then_repair,
            "What was repaired cannot be counted any more, and the count was the only alarm.",
        ),
    }
    return (PITFALLS,)


@app.cell(hide_code=True)
def _(PITFALLS):
    pitfall = mo.ui.dropdown(PITFALLS, value="A contract on a LazyFrame", label="The pitfall:")
    careful = mo.ui.switch(label="the careful way")
    mo.hstack([pitfall, careful], justify="start", gap=2, wrap=True)
    return careful, pitfall


@app.cell(hide_code=True)
def _(careful, pitfall):
    _run = pitfall.value[careful.value]
    try:
        _result = repr(_run())
    except SchemaErrors as _error:
        _result = f"SchemaErrors: {_error.failure_cases.height} rows complained of"
    except SchemaError as _error:
        _result = f"SchemaError: {str(_error).splitlines()[0]}"
    mo.md(f"""
```python
{textwrap.dedent(inspect.getsource(_run)).rstrip()}

# → {_result}
```

{pitfall.value[2] if careful.value else ""}
""")
    return


@app.cell(hide_code=True)
def _():
    mo.md("""
    ## Think first

    Write a line or two for yourself, then open the model answer and rate yours.
    """)
    return


@app.cell(hide_code=True)
def _():
    reveal(
        "A table passes every check today. What do you know about tomorrow's?",
        "Only that the same checks will run. What nobody wrote down stays unseen. Checks are a list of past "
        "surprises; that is why each incident must end with a new sentence, and why distributions are monitored as well.",
        key="01-tomorrow",
    )
    return


@app.cell(hide_code=True)
def _():
    reveal(
        "Why version data, if the database has backups?",
        "A backup brings back a state, a version answers a question: which data was this model trained on, and what "
        "differs from the last one? For that the version has to be named by its content and written down with the model.",
        key="01-versions",
    )
    return


@app.cell(hide_code=True)
def _():
    reveal(
        "When is it right to fill a missing value?",
        "When you know why it is missing and the filled value is right for that reason, or when the model needs a number "
        "and a second column keeps the fact that it was missing. The filling is learned on training data only, and is "
        "part of the model, not of the cleaning.",
        key="01-fill",
    )
    return


@app.cell(hide_code=True)
def _():
    reveal(
        "A check is too strict and stops the load every other night. What will people do next?",
        "Somebody switches it off, and then it is off on the night when it would have been right. A check needs an owner, a "
        "threshold that was chosen from data, and a way to be wrong cheaply: quarantine a row, do not stop the shop.",
        key="01-too-strict",
    )
    return


@app.cell(hide_code=True)
def _():
    reveal(
        "Two teams read the same column with different meanings. Which tool finds that?",
        "None that looks at values: both readings fit them. A data card with one definition, an owner to ask, and a "
        "review of the contract whenever a new reader comes are what helps.",
        key="01-meaning",
    )
    return


@app.cell(hide_code=True)
def _(UNIT):
    mo.md(f"""
    ## Over to you

    The [exercises](?file=exercises/{UNIT.name}.py) are five functions, checked while you type:

    {chr(10).join(f"- **{task.id}** {task.title}, {task.points:g} points" for task in UNIT.tasks)}

    Then the [checkpoint](?file=assessments/checkpoints/{UNIT.name}.py): {UNIT.checkpoint.title.lower()}.
    """)
    return


@app.cell(hide_code=True)
def _():
    mo.md("""
    ## What to remember

    A table is trustworthy when somebody has written down what it promises, in code that runs at each hand-over; when
    damage is counted before it is repaired; when the same input gives the same output anywhere; and when each result
    names the content it came from. All of it is cheap on the first day.
    """)
    return


@app.cell(hide_code=True)
def _():
    quiz("01_data_engineering", group="lesson")
    return


@app.cell(hide_code=True)
def _():
    aha(
        [
            "A type is a promise, and a missing value can break it.",
            "A contract sees one table; a unit can be wrong only beside another.",
            "A missing value can say more than the others.",
            "The same code gives another answer in Tokyo.",
            "An equal hash downstream stops the wave of recomputing.",
        ],
        key="01-aha",
    )
    return


@app.cell(hide_code=True)
def _():
    mastery(
        {
            "Write a contract for a table you have never seen": 10,
            "Name the six kinds of damage, and a check for each": 5,
            "Find what makes a loader depend on its machine": 10,
            "Explain to a colleague when to repair, set aside or refuse": None,
            "Time two versions of one query, fairly": 15,
        },
        key="01-mastery",
    )
    return


@app.cell(hide_code=True)
def _():
    journal(
        "Which table at your work would you not trust after this lesson, and which sentence would you check first?",
        key="01-journal",
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md("""
    **Further reading.** pandera on [polars](https://pandera.readthedocs.io/en/stable/polars.html) and its
    [lazy validation](https://pandera.readthedocs.io/en/stable/lazy_validation.html) · polars on
    [missing data](https://docs.pola.rs/user-guide/expressions/missing-data/) and the
    [lazy API](https://docs.pola.rs/user-guide/concepts/lazy-api/) · DuckDB on
    [Parquet](https://duckdb.org/docs/stable/data/parquet/overview) · Python on
    [`PYTHONHASHSEED`](https://docs.python.org/3/using/cmdline.html#envvar-PYTHONHASHSEED) · the data cards of this
    shop, in `datasets/cards/`
    """)
    return


if __name__ == "__main__":
    app.run()
