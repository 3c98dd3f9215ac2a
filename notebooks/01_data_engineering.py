import marimo

__generated_with = "0.25.2"
app = marimo.App(
    width="medium", app_title="Data engineering: can you trust this table?"
)

with app.setup(hide_code=True):
    import hashlib
    import inspect
    import os
    import statistics
    import subprocess
    import sys
    import tempfile
    import timeit
    from functools import partial
    from pathlib import Path
    from typing import Annotated

    import duckdb
    import marimo as mo
    import numpy as np
    import pandas as pd
    import pandera.polars as pa
    import polars as pl
    from cardshop import world
    from cardshop.quality import CONDITIONS, ISSUES, RARITIES  # noqa: F401 - CONDITIONS is for the learner
    from grader import aha, journal, mastery, predict, quiz, rate, reveal, term
    from grader.course.manifest import course
    from lessons import figures
    from pandera.errors import SchemaError, SchemaErrors
    from scipy import stats


@app.cell(hide_code=True)
def _():
    UNIT = course().units[0]
    _issues = [
        "wrong_unit",
        None,
        "bad_category",
        "out_of_range",
        "malformed",
        "missing",
        "duplicate",
    ]
    tonight = pl.DataFrame(
        {
            "card_id": [
                "KND-004",
                "TID-012",
                "BRK-017",
                "STO-025",
                "PRM031",
                "KND-051",
                "TID-012",
            ],
            "name": [
                "Gastly",
                "Snorlax",
                "Onix",
                "Pikachu",
                "Pidgey",
                "Mew",
                "Snorlax",
            ],
            "rarity": ["Common", "Holo", "rare", "Rare", "Common", None, "Holo"],
            "hp": pl.Series([30, 160, 90, -60, 40, 100, 160], dtype=pl.Int32),
            "weight_kg": [100.0, 460, 210, 6, 1.8, 4, 460],
            "issue": _issues,
        }
    )
    _head = mo.md(f"""
    <p class="d-kicker">Unit {int(UNIT.number)} · Lesson · about {UNIT.minutes.lesson} minutes</p>

    # {UNIT.question}

    <div class="d-lead">You have just joined a shop for trading cards. Files arrive every night, and every morning somebody
    sets prices by them. Nobody looks at the rows any more. These landed last night:</div>
    """)
    _figure = mo.Html(f"""<figure class="d-figure">{figures.delivery(tonight.drop("issue"))}<figcaption>
    {tonight.height} rows of last night's delivery. hp is hit points, weight_kg is the weight of the animal.</figcaption></figure>""")
    mo.vstack([_head, _figure])
    return UNIT, tonight


@app.cell(hide_code=True)
def _(tonight):
    guess_rows = predict(
        f"How many of these {tonight.height} rows have something wrong?",
        low=0,
        high=tonight.height,
        step=1,
        unit="rows",
        key="01-rows",
    )
    guess_rows
    return (guess_rows,)


@app.cell(hide_code=True)
def _(guess_rows, tonight):
    _wrong = tonight["issue"].count()
    guess_rows.reveal(
        float(_wrong),
        f"You had {tonight.height} rows and all the time in the world. The shop gets thousands of rows and has nobody to "
        "read them. So code has to find the bad rows, and this lesson is about that code.",
    )
    return


@app.cell(hide_code=True)
def _(UNIT):
    mo.md(f"""
    ## Before you start

    **You need** Python functions and a terminal. You don't need to know polars, pandas or SQL: the next section teaches
    the polars that this unit uses. Change anything on this page; whatever depends on your change updates at once.

    /// details | After the lesson and {UNIT.minutes.exercises} minutes of exercises you can

    {chr(10).join(f"- {objective}" for objective in UNIT.objectives)}
    ///
    """)
    return


@app.cell(hide_code=True)
def _():
    placement = quiz("01_data_engineering", group="placement")

    def _folded(state=""):
        return mo.Html(
            f"<details {state}><summary>Done this before? Take the placement quiz</summary>{placement.text}</details>"
        )

    placement.within(lambda: _folded("open"))
    _folded()
    return (placement,)


@app.cell(hide_code=True)
def _(UNIT, placement):
    mo.stop(not placement.done)
    mo.md(
        f"You got {placement.right} of {placement.total} right. "
        + (
            f"Go straight to the [checkpoint](?file=assessments/checkpoints/{UNIT.name}.py). This page will still be here."
            if placement.right >= UNIT.pass_mark * placement.total
            else "Read on. The sections below explain what you missed."
        )
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md("""
    ## polars in ten lines

    How do you ask a table a question? **polars** is a library for tables. A *DataFrame* has named columns, and every
    column has one *dtype*: text, whole number, decimal number, date. `world.load("cards")` reads a table of the shop; the
    others in this unit are `species`, `sets`, `listings` (cards on offer) and `sales`.

    Five verbs do most of the work. `filter` keeps rows, `select` keeps columns. `pl.col("hp")` means "the column hp".
    """)
    return


@app.cell
def _():
    cards = world.load("cards")
    strong = cards.filter(pl.col("hp") >= 180).select(
        "card_id", "name", "rarity", "hp"
    )
    figures.table(strong.head(3))
    return (cards,)


@app.cell(hide_code=True)
def _():
    mo.md("""
    `with_columns` adds a column or replaces one. `pl.when(…).then(…).otherwise(…)` chooses cell by cell, like `if` and
    `else`. A plain text in there names a *column*: `.otherwise("name")` takes the name from that column. A text that is
    the value itself needs `pl.lit("heavy")`. If the new column's name is in a variable, end the expression with
    `.alias(variable)`. The table `cards` itself doesn't change: every verb returns a new table.
    """)
    return


@app.cell
def _(cards):
    sized = cards.select("card_id", "name", "weight_kg").with_columns(
        size=pl.when(pl.col("weight_kg") > 100)
        .then(pl.lit("heavy"))
        .otherwise(pl.lit("light"))
    )
    figures.table(sized.head(3))
    return


@app.cell(hide_code=True)
def _():
    mo.md("""
    `group_by` collects rows with the same value, and `agg` computes something for each group. `pl.len()` counts rows.
    """)
    return


@app.cell
def _(cards):
    rarities = cards.group_by("rarity").agg(
        cards=pl.len(), mean_hp=pl.col("hp").mean()
    )
    figures.table(rarities.sort("cards", descending=True))
    return


@app.cell(hide_code=True)
def _():
    mo.md("""
    `join` brings in columns of a second table, matched by a key. `how="left"` keeps every row on the left, even if the
    right table has no partner for it. The default keeps only rows that found a partner.
    """)
    return


@app.cell
def _(cards):
    sets = world.load("sets").select("set_code", "set_name")
    figures.table(
        cards.select("card_id", "name", "set_code")
        .join(sets, on="set_code", how="left")
        .head(3)
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md("""
    How do you change *one* cell? A row has no name in polars, so you number the rows. `pl.int_range(pl.len())` is the
    column of row numbers, starting at zero. `with_row_index("row")` adds those numbers as a real column, which is how
    you report *where* a problem is.
    """)
    return


@app.cell
def _(cards):
    first = pl.int_range(pl.len()) == 0
    one_changed = cards.with_columns(
        name=pl.when(first).then(pl.lit("?")).otherwise("name")
    )
    figures.table(
        one_changed.with_row_index("row").select("row", "card_id", "name").head(3)
    )
    return


@app.cell(hide_code=True)
def _(UNIT):
    mo.md(f"""
    You can now follow the polars of the next sections; a verb that is new is explained where it appears. To try it, do the
    [warm-up](?file=exercises/{UNIT.name}.py) at the top of the exercises.
    """)
    return


@app.cell(hide_code=True)
def _():
    mo.md("""
    ## Schemas as code

    A supplier changes a file. Who notices? Tonight the supplier's export writes `weight_kg` as text: `"6.0"` where there
    used to be `6.0`. No other column changes.
    """)
    return


@app.cell(hide_code=True)
def _():
    guess_type = predict(
        "Nothing checks the file. Who notices first that the weights are text?",
        options=[
            "polars, when it loads the file",
            "the join with the sales",
            "whoever computes with the weights",
        ],
        key="01-who-notices",
    )
    guess_type
    return (guess_type,)


@app.cell(hide_code=True)
def _(cards, guess_type):
    guess_type.gate()
    _text = cards.with_columns(pl.col("weight_kg").cast(pl.String))
    _joined = _text.join(world.load("sets"), on="set_code").height
    _wrong, _right = (
        table.sort("weight_kg").row(-1, named=True) for table in (_text, cards)
    )
    guess_type.reveal(
        "whoever computes with the weights",
        f"""It also depends on *how* they compute. Four attempts, run a moment ago:

| what somebody does | what happens |
|---|---|
| load, join, write | no error, {_joined:,} rows |
| sort, take the heaviest card | no error: {_wrong["name"]}, `"{_wrong["weight_kg"]}"`. The heaviest is {_right["name"]}, {_right["weight_kg"]:.0f} kg |
| `cards["weight_kg"].mean()` | no error: `{_text["weight_kg"].mean()}` |
| `cards.select(pl.col("weight_kg").mean())` | an error |

The sort is the nasty one. Text is compared character by character, so `"99"` comes after `"460"`.""",
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md(f"""
    A schema in a wiki can't notice anything. A schema that runs can, and is called a {term("contract", "data contract")}:
    it says which columns there are, with which dtype and which values. Here is one in **pandera**, a library for such
    contracts. Every line is a promise:
    """)
    return


@app.class_definition
class Cards(pa.DataFrameModel):
    card_id: str = pa.Field(unique=True, str_matches=r"^[A-Z]{3}-[0-9]{3}$")
    name: str
    rarity: str = pa.Field(isin=RARITIES)
    hp: pl.Int32 = pa.Field(ge=10, le=500)
    weight_kg: float = pa.Field(gt=0, le=1_000)
    text: str = pa.Field(nullable=True)

    class Config:
        strict = True


@app.cell(hide_code=True)
def _():
    mo.md("""
    `ge` and `le` are "greater or equal" and "less or equal". `str_matches` is a regular expression. A column must not
    hold nulls unless it says `nullable=True`. `strict = True` refuses columns that nobody announced.

    `Cards.validate(table, lazy=True)` checks everything and raises one `SchemaErrors` with all complaints. The function
    below turns them into a table that names the column and gives an example. You don't need to follow its code.
    """)
    return


@app.function
def complaints(
    table: pl.DataFrame, contract: type[pa.DataFrameModel]
) -> pl.DataFrame:
    """Return what a contract has against a table: column, promise, an example, number of cells. Empty: nothing."""
    try:
        contract.validate(table, lazy=True)
        return pl.DataFrame(
            schema={"column": str, "promise": str, "example": str, "cells": int}
        )
    except SchemaErrors as error:
        cases = error.failure_cases.cast({"column": pl.String, "check": pl.String})
    names = {
        "column_in_schema": "is not announced",
        "column_in_dataframe": "is missing",
    }
    return (
        # left out: a check that could not run, such as `ge` on a text
        cases.filter(~pl.col("failure_case").str.contains("Error(", literal=True))
        .with_columns(
            column=pl.when(pl.col("check").is_in([*names]))
            .then("failure_case")
            .otherwise("column")
        )
        .group_by(
            "column", promise=pl.col("check").replace(names), maintain_order=True
        )
        .agg(example=pl.col("failure_case").first(), cells=pl.len())
    )


@app.cell(hide_code=True)
def _(cards):
    ours = cards.select(list(Cards.to_schema().columns))
    CHANGES = {
        "nothing changes": ours,
        "weight_kg is text": ours.with_columns(pl.col("weight_kg").cast(pl.String)),
        "weight_kg is renamed to weight": ours.rename({"weight_kg": "weight"}),
        "weight_kg is in grams": ours.with_columns(pl.col("weight_kg") * 1000),
        "a column artist is added at the end": ours.with_columns(
            artist=pl.lit("unknown")
        ),
        "a column artist is added in the middle": ours.with_columns(
            artist=pl.lit("unknown")
        ).select(*ours.columns[:3], "artist", *ours.columns[3:]),
    }
    change = mo.ui.dropdown(
        CHANGES, value="weight_kg is text", label="Try each change. Tonight:"
    )
    change
    return CHANGES, change, ours


@app.cell(hide_code=True)
def _(change, guess_type):
    guess_type.gate()
    _found = complaints(change.value, Cards)
    figures.table(_found) if _found.height else mo.md(
        "The contract has no complaint."
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md("""
    **Who breaks when a schema changes?** It depends on how a program reads the table. Here are four readers that want
    the same number, the mean weight.
    """)
    return


@app.cell
def _():
    def select_star(delivery):
        with duckdb.connect() as db:
            db.execute(
                "create table ours (id text, name text, rarity text, hp int, weight_kg double, note text)"
            )
            db.execute("insert into ours select * from delivery")
            return db.execute("select avg(weight_kg) from ours").fetchone()[0]

    READERS = {
        "by name": lambda table: table["weight_kg"].mean(),
        "behind the contract": lambda table: Cards.validate(table)[
            "weight_kg"
        ].mean(),
        "SELECT * into a fixed table": select_star,
        "by position": lambda table: table[:, 4].mean(),
    }
    return (READERS,)


@app.cell(hide_code=True)
def _(CHANGES, READERS, guess_type, ours):
    guess_type.gate()

    def _outcome(read, table):
        try:
            mean = read(table)
        except Exception:
            return "stops"
        if mean is not None and abs(mean - ours["weight_kg"].mean()) < 0.01:
            return "works"
        return f"**no error, {'no mean' if mean is None else f'{mean:,.0f} kg'}**"

    _rows = [
        {"tonight": name}
        | {who: _outcome(read, table) for who, read in READERS.items()}
        for name, table in CHANGES.items()
    ]
    mo.vstack(
        [
            figures.table(pl.DataFrame(_rows)),
            mo.md(f"""
    The true mean is {ours["weight_kg"].mean():,.0f} kg. A program that **stops** is annoying, and somebody repairs it before
    lunch. A **wrong number without an error** goes into tomorrow's prices.

    Reading by name survives an added column. The strict contract refuses it. That is a decision: somebody has to say
    yes to a new column before anything depends on it.

    Only the contract notices the grams, because almost every card leaves its range. When the *meaning* of a column
    changes, treat it as removed, and add a column with a new name.

    **Version the contract like code.** It lives in git, and a change is a pull request that the readers review. A
    breaking change gets a new class beside the old one. Both run until the last reader has moved.
    """),
        ]
    )
    return


@app.class_definition
class CardsV2(Cards):
    artist: str = pa.Field(nullable=True)


@app.cell(hide_code=True)
def _(CHANGES, guess_type):
    guess_type.gate()
    _new = CHANGES["a column artist is added at the end"]
    mo.md(f"""
    `CardsV2` inherits every promise and adds one. The delivery with the new column gets
    {complaints(_new, Cards).height} complaint from `Cards` and {complaints(_new, CardsV2).height} from `CardsV2`.

    You can now write a contract for a table, read its complaints, and say who breaks when a column changes.
    """)
    return


@app.cell(hide_code=True)
def _():
    mo.md(f"""
    ## What goes wrong with data

    What can be wrong with a cell? Deliveries fail in the same few ways again and again. The shop has names for six of
    them, in `cardshop.quality.ISSUES`:

    | issue | meaning |
    |---|---|
    {chr(10).join(f"    | `{kind}` | {text} |" for kind, text in ISSUES.items())}

    Here is last night's delivery once more. Each row carries one of these issues, except for the first Snorlax.
    """)
    return


@app.cell(hide_code=True)
def _(tonight):
    guess_blind = predict(
        "Which of the six does the contract `Cards` *not* see in last night's rows?",
        options=[kind for kind in ISSUES if kind in tonight["issue"].to_list()],
        key="01-blind",
    )
    guess_blind
    return (guess_blind,)


@app.cell(hide_code=True)
def _(guess_blind, tonight):
    guess_blind.gate()
    PLACE = {
        "wrong_unit": "weight_kg",
        "bad_category": "rarity",
        "out_of_range": "hp",
        "missing": "rarity",
    }
    _caught = dict(
        failed_cells(
            tonight.drop("issue").with_columns(text=pl.lit(None, pl.String)), Cards
        ).rows()
    )
    _verdicts, _tones = [], {}
    for _row, _issue in enumerate(tonight["issue"]):
        _column = PLACE.get(_issue, "card_id")
        _seen = _column in _caught.get(_row, "")
        _verdicts.append(
            f"{_issue}, {'caught' if _seen else 'missed'}" if _issue else ""
        )
        _tones |= {(_row, _column): "good" if _seen else "bad"} if _issue else {}
    missed = [
        verdict.partition(",")[0] for verdict in _verdicts if "missed" in verdict
    ]
    mo.Html(
        figures.delivery(tonight.with_columns(issue=pl.Series(_verdicts)), _tones)
    )
    return (missed,)


@app.cell(hide_code=True)
def _(guess_blind, missed, tonight):
    guess_blind.gate()
    _gastly = tonight.filter(issue="wrong_unit").row(0, named=True)
    guess_blind.reveal(
        missed[0],
        f"Gastly weighs a hundred grams, and somebody delivered grams. `{_gastly['weight_kg']:g}` is a healthy weight for some other "
        "card, so no range can object. You need a second table: what does this species usually weigh?",
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md("""
    A check is a sentence about the data. Most sentences are about one cell. To find a duplicate you need the rows before
    it, and to find a wrong unit you need another table: the usual weight of each species. How much heavier than usual may an animal be? Two of one species differ a little, and grams give a thousand times the
    number of kilograms. A limit of fifty times lies far from both. In polars the six checks look like this:
    """)
    return


@app.cell
def _(tonight):
    FINDS = {
        "missing": pl.col("rarity").is_null(),
        "duplicate": pl.col("card_id").is_not_null()
        & ~pl.col("card_id").is_first_distinct(),
        "out_of_range": ~pl.col("hp").is_between(10, 500),
        "bad_category": ~pl.col("rarity").is_in(RARITIES),
        "malformed": ~pl.col("card_id").str.contains(r"^[A-Z]{3}-[0-9]{3}$"),
        "wrong_unit": pl.col("weight_kg") > 50 * pl.col("usual_kg"),
    }
    species = world.load("species").select("name", usual_kg="weight_kg")
    rows = tonight.join(species, on="name", how="left").with_row_index("row")
    figures.table(
        pl.concat(
            rows.filter(rule).select("row", "name", check=pl.lit(kind))
            for kind, rule in FINDS.items()
        )
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md("""
    Each check finds its row and no other. Look at the null: `is_in` did not flag it. A comparison with null gives null,
    neither true nor false, and `filter` keeps only true. That is why `missing` needs a check of its own.

    After every incident, don't ask "who typed this?" Ask **which sentence would have caught it, and where does that
    sentence run?** You can now name six kinds of issues and write the check for each.
    """)
    return


@app.cell(hide_code=True)
def _():
    mo.md("""
    ## Missing and malformed

    What do you do with a bad cell once you have found it? Start with the smallest case: four weights, and one of them
    is unknown. Suppliers write "unknown" in different ways.
    """)
    return


@app.cell
def _():
    SPELLINGS = {
        "a null": None,
        "a NaN": float("nan"),
        "a sentinel": -1.0,
        "a zero": 0.0,
    }
    means = {
        name: pl.Series([6.9, 8.5, value, 90.5]).mean()
        for name, value in SPELLINGS.items()
    }
    figures.table(
        pl.DataFrame(
            {"unknown is written as": means.keys(), "mean": means.values()},
            strict=False,
        )
    )
    return (means,)


@app.cell(hide_code=True)
def _(means):
    mo.md(f"""
    polars leaves out the null. A `NaN` ("not a number") is a number to polars, and spoils the mean where everybody sees
    it. The sentinel and the zero are dangerous: {means["a sentinel"]:.1f} and {means["a zero"]:.1f} look like answers.

    So the first step is always the same: turn every spelling of "unknown" into a null. The second step is a question.
    **Why is the value missing?**
    """)
    return


@app.cell(hide_code=True)
def _():
    offers = world.load("listings").join(
        world.load("cards").select("card_id", "rarity"), on="card_id"
    )
    guess_mean = predict(
        f"The mean asking price of {offers.height:,} listings is {offers['asking_price'].mean():.2f} €. Somebody deletes a fifth "
        "of the prices, mostly high ones. What is the mean of the rest?",
        low=1,
        high=7,
        step=0.5,
        unit="€",
        key="01-mean-of-the-rest",
    )
    guess_mean
    return guess_mean, offers


@app.function
def leave_gaps(
    cause: np.ndarray, share: float, strength: float, rng: np.random.Generator
) -> np.ndarray:
    """Return which values go missing: this share, those with the largest sum of cause times strength and chance."""
    standard = (cause - cause.mean()) / cause.std()
    rank = strength * standard + rng.logistic(size=len(cause))
    return rank > np.quantile(rank, 1 - share)


@app.function(hide_code=True)
def causes(offers: pl.DataFrame) -> dict[str, np.ndarray]:
    """What missingness may depend on: chance, the rarity (its mean log price), the price itself."""
    logs = offers.select(
        price=pl.col("asking_price").log(), rarity="rarity"
    ).with_columns(by_rarity=pl.col("price").mean().over("rarity"))
    chance = np.random.default_rng(2).normal(size=offers.height)
    return {
        "MCAR": chance,
        "MAR": logs["by_rarity"].to_numpy(),
        "MNAR": logs["price"].to_numpy(),
    }


@app.function(hide_code=True)
def filled_by_rarity(offers: pl.DataFrame, gone: np.ndarray) -> float:
    """The mean after each gap was filled with the mean of the prices that its rarity still has."""
    left = offers.with_columns(
        price=pl.when(pl.Series(gone)).then(None).otherwise("asking_price")
    )
    return left.select(
        pl.col("price").fill_null(pl.col("price").mean().over("rarity")).mean()
    ).item()


@app.cell(hide_code=True)
def _(guess_mean, offers):
    guess_mean.gate()
    _prices = offers["asking_price"].to_numpy()
    _gone = leave_gaps(causes(offers)["MNAR"], 0.2, 2.0, np.random.default_rng(5))
    guess_mean.reveal(
        round(2 * _prices[~_gone].mean()) / 2,
        f"To the cent it is {_prices[~_gone].mean():.2f} €, against a true mean of {_prices.mean():.2f} €. A few expensive cards "
        "carry much of the mean, and they are the ones that went.",
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md(f"""
    Statistics has three names for the reason. They decide what you may do about the gaps.

    | name | whether a price is missing depends on | example |
    |---|---|---|
    | {term("missing completely at random", "MCAR")}, missing completely at random | nothing | a scanner fails now and then |
    | {term("missing at random", "MAR")}, missing at random | a column that you can see | rare cards take longer to appraise |
    | {term("missing not at random", "MNAR")}, missing not at random | the missing value itself | sellers hide high prices |

    Below, a fifth of the prices is always missing. Choose the reason, and how strongly it decides which prices those are.
    """)
    return


@app.cell(hide_code=True)
def _():
    reason = mo.ui.radio(
        ["MCAR", "MAR", "MNAR"], value="MNAR", inline=True, label="Reason"
    )
    strength = mo.ui.slider(0, 3, 0.5, value=2, show_value=True, label="Strength")
    return reason, strength


@app.cell(hide_code=True)
def _(guess_mean, offers, reason, strength):
    guess_mean.gate()
    _prices = offers["asking_price"].to_numpy()
    _gone = leave_gaps(
        causes(offers)[reason.value], 0.2, strength.value, np.random.default_rng(5)
    )
    _left, _filled = _prices[~_gone].mean(), filled_by_rarity(offers, _gone)
    mo.vstack(
        [
            mo.hstack([reason, strength], justify="start", gap=2, wrap=True),
            figures.gaps(_prices, _gone),
            mo.md(
                f"{_gone.mean():.0%} of the prices are missing. The mean of the rest is off by **{_left - _prices.mean():+.2f} €**. After "
                f"filling each gap with the mean of its rarity, the error is **{_filled - _prices.mean():+.2f} €**."
            ),
        ]
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md(f"""
    Under MCAR the mean hardly moves. Under MAR the column that you can see repairs most of the error. Under MNAR a
    large error stays, because the reason is in the values that you don't have.

    {term("mean imputation", "Filling with one overall mean")} would change nothing: the mean stays as wrong as it was, and the
    gaps can't be seen any more. Whatever you fill in, keep a column that says *was missing*: a hidden price is information too.

    ### Repair, quarantine or refuse

    A bad value leaves you three choices. One question separates them: **how certain is the right value?**

    | decision | when | example |
    |---|---|---|
    | repair | the right value is certain | `" Rare "` and `"rare"` can only mean `"Rare"` |
    | {term("quarantine")}, or set aside | the right value is not certain, the other rows are fine | `hp` is `-60`, which may mean `60` or `160` |
    | refuse | the delivery as a whole is wrong | a column is missing, or a third of the rows is bad |

    A quarantined row is kept, with the reasons beside it, until somebody decides. If a card's row is dropped silently,
    the card's sales vanish from every report that joins sales with cards.

    **A worked example.** `receive_cards` takes a delivery and makes all three decisions. First a helper: which rows
    break the contract, and in which columns? pandera's `failure_cases` has a row for every bad cell. `pl.Enum` is a dtype
    for texts from a list; it sorts them in the order of the list, here that of the table's columns.
    """)
    return


@app.function
def failed_cells(
    table: pl.DataFrame, contract: type[pa.DataFrameModel]
) -> pl.DataFrame:
    """Return `row` and `reasons` for each row that breaks the contract; reasons are its failed columns."""
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
def receive_cards(delivery: pl.DataFrame) -> dict[str, pl.DataFrame]:
    """Return the rows that keep the contract and the rows for a person: "accepted", "quarantined" with `reasons`.

    Raises ValueError: the columns or dtypes are wrong, or more than a fifth of the rows would be quarantined.
    """
    # no rows, so this validates columns and dtypes only
    wrong = complaints(delivery.clear(), Cards)
    if wrong.height:
        raise ValueError(
            f"Refused, wrong columns or dtypes: {', '.join(wrong['column'])}"
        )
    repaired = delivery.with_columns(pl.col(pl.String).str.strip_chars())
    repaired = repaired.with_columns(pl.col("rarity").str.to_titlecase())
    rows = repaired.with_row_index("row").join(
        failed_cells(repaired, Cards), on="row", how="left", maintain_order="left"
    )
    quarantined = rows.filter(pl.col("reasons").is_not_null()).drop("row")
    if quarantined.height > delivery.height / 5:
        raise ValueError(
            f"Refused, {quarantined.height} of {delivery.height} rows break the contract"
        )
    return {
        "accepted": rows.filter(pl.col("reasons").is_null()).drop("row", "reasons"),
        "quarantined": quarantined,
    }


@app.cell(hide_code=True)
def _():
    mo.md("""
    Read it as four steps. Refuse a wrong shape, because then no row can be trusted. Repair what is certain. Number the
    rows and attach the reasons. Split the rows, unless too many are bad. Nothing is lost: accepted plus quarantined is
    what was delivered. Of two rows with one id, both wait: the contract can't know which of them is right.
    """)
    return


@app.cell(hide_code=True)
def _():
    bad_share = mo.ui.slider(
        0, 40, 4, value=8, show_value=True, label="Damaged rows, %"
    )
    bad_share
    return (bad_share,)


@app.cell(hide_code=True)
def _(bad_share, ours):
    _size, _row = 200, pl.int_range(pl.len())
    _bad = _row.shuffle(3) < _size * bad_share.value / 100
    _delivery = ours.head(_size).with_columns(
        hp=pl.when(_bad & (_row % 2 == 0)).then(-pl.col("hp")).otherwise("hp"),
        name=pl.when(_bad & (_row % 2 == 1)).then(None).otherwise("name"),
        rarity=pl.when(_row % 9 == 0)
        .then(pl.format(" {}", pl.col("rarity").str.to_lowercase()))
        .otherwise("rarity"),
    )
    try:
        _parts = receive_cards(_delivery)
        _counts = {
            "delivered": _size,
            "repaired": _delivery.filter(~pl.col("rarity").is_in(RARITIES)).height,
            **{name: part.height for name, part in _parts.items()},
        }
        _stats = [
            mo.stat(count, label=name, bordered=True)
            for name, count in _counts.items()
        ]
        _examples = (
            _parts["quarantined"]
            .select("card_id", "name", "rarity", "hp", "reasons")
            .head(4)
        )
        _result = mo.vstack(
            [mo.hstack(_stats, widths="equal", wrap=True), figures.table(_examples)]
        )
    except ValueError as _error:
        _result = mo.callout(mo.md(f"`ValueError: {_error}`"), kind="warn")
    _result
    return


@app.cell(hide_code=True)
def _():
    mo.md("""
    **Your turn, half-done.** The same for listings. Three promises are blank in the contract, and two lines in the
    function. Everything else is as in `receive_cards`. Change the two cells, and read the answer below.
    """)
    return


@app.class_definition
class Listings(pa.DataFrameModel):
    listing_id: str = pa.Field(unique=True, str_matches=r"^L[0-9]{7}$")
    card_id: str = pa.Field(str_matches=r"^[A-Z]{3}-[0-9]{3}$")
    # your line: seller_id is text such as SEL373, the letters SEL and three digits
    seller_id: str
    # your line: condition is one of CONDITIONS
    condition: str
    # your line: asking_price is greater than 0 (`gt`) and at most 100 000
    asking_price: float
    listed_at: Annotated[pl.Datetime, "us", "UTC"]

    class Config:
        strict = True


@app.function
def receive_listings(delivery: pl.DataFrame) -> dict[str, pl.DataFrame]:
    """As receive_cards, for listings: "accepted", "quarantined" with `reasons`; ValueError when refused."""
    wrong = complaints(delivery.clear(), Listings)
    if wrong.height:
        raise ValueError(
            f"Refused, wrong columns or dtypes: {', '.join(wrong['column'])}"
        )
    # your line: no stray spaces in any text, and each word of condition begins with a capital
    repaired = delivery
    reasons = failed_cells(repaired, Listings)
    rows = repaired.with_row_index("row").join(
        reasons, on="row", how="left", maintain_order="left"
    )
    quarantined = rows.filter(pl.col("reasons").is_not_null()).drop("row")
    # your line: refuse the delivery when more than a fifth of its rows would be quarantined
    return {
        "accepted": rows.filter(pl.col("reasons").is_null()).drop("row", "reasons"),
        "quarantined": quarantined,
    }


@app.function(hide_code=True)
def tried(receive) -> str:
    """What a delivery of listings with known problems says about `receive`, as a sentence."""
    sound = world.load("listings").head(20).to_dicts()
    ids = [row["listing_id"] for row in sound]
    sound[1]["condition"], sound[2]["seller_id"], sound[3]["asking_price"] = (
        " near mint ",
        "373",
        -5.0,
    )
    sound[4]["condition"] = "Fine"
    delivery = pl.DataFrame(sound, schema=world.load("listings").schema)
    wanted = dict(
        zip(ids[2:5], ("seller_id", "asking_price", "condition"), strict=True)
    )
    try:
        parts = receive(delivery)
        if not isinstance(parts, dict) or not all(
            isinstance(part, pl.DataFrame) for part in parts.values()
        ):
            return f"It should return a dict of two DataFrames. It returned a `{type(parts).__name__}`."
        got = dict(parts["quarantined"].select("listing_id", "reasons").rows())
    except Exception as error:
        return f"For a delivery with three bad rows of twenty it raised `{type(error).__name__}: {error}`."
    for listing, reason in wanted.items():
        if got.get(listing) != reason:
            return f"`{listing}` should be quarantined for `{reason}`. You have: {got.get(listing, 'accepted')}."
    if set(got) != set(wanted):
        return f"`{ids[1]}` can be repaired with certainty: its condition is `{sound[1]['condition']!r}`."
    try:
        receive(delivery[2:9])
    except ValueError:
        return "All of it works. Exercise 1.1c asks for the same function for sales, from an empty page."
    return "Three bad rows of seven are more than a fifth, so it should raise ValueError. It returned something."


@app.cell(hide_code=True)
def _():
    mo.callout(mo.md(tried(receive_listings)))
    return


@app.cell(hide_code=True)
def _():
    mo.md("""
    You can now say why a value is missing and what that does to a mean, and decide row by row whether to repair,
    quarantine or refuse.
    """)
    return


@app.cell(hide_code=True)
def _(UNIT):
    mo.md(f"""
    ## Drift

    The shop has a *model*: a program that has learned to predict prices from past sales. Every value of tonight is valid, and
    the predictions are worse than last month's. How can that be? Valid means that each value is possible. It doesn't mean that
    the values are *distributed* as they were when the model learned. If they are not, the data have **drifted**.

    You need a distance between two distributions: the **reference** that the model learned from, and the new delivery.
    Two are common, KS for numbers and PSI for numbers or categories. [{UNIT.checkpoint.id}](?file=assessments/checkpoints/{UNIT.name}.py) has columns of both kinds.
    """)
    return


@app.cell(hide_code=True)
def _():
    mo.md(f"""
    **The {term("ks distance", "KS distance")}** (Kolmogorov-Smirnov). For every value, ask: which share of the rows is at or
    below it? Drawn as a curve, that is the *distribution function*. The KS distance is the largest vertical gap between
    the two curves: `0` for equal distributions, `1` for distributions without overlap.
    """)
    return


@app.function
def ks_distance(then: np.ndarray, now: np.ndarray) -> float:
    """Return the largest gap between the distribution functions of two samples."""
    values = np.concatenate([then, now])
    share_then = np.searchsorted(np.sort(then), values, side="right") / len(then)
    share_now = np.searchsorted(np.sort(now), values, side="right") / len(now)
    return float(np.abs(share_then - share_now).max())


@app.cell(hide_code=True)
def _():
    mo.md(f"""
    **The {term("psi", "PSI")}** (population stability index) works on bins. Cut the reference at its nine *deciles*, so that every
    bin holds a tenth of it. Count which share of the delivery falls into each bin. Then add up one term per bin:

    $$\\mathrm{{PSI}} = \\sum_{{\\text{{bins}}}} (q - p) \\cdot \\ln \\frac{{q}}{{p}}$$

    - $p$ is the bin's share in the reference, $q$ its share in the delivery.
    - $q - p$ is how much the share has changed.
    - $\\ln (q / p)$ weighs the change by its ratio: from one percent to two counts more than from ten to eleven.
    - Both factors have the same sign, so no term is negative and terms can't cancel out.
    """)
    return


@app.function
def bin_shares(then: np.ndarray, now: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the shares of both samples in ten bins, cut at the deciles of the first."""
    edges = np.quantile(then, np.arange(1, 10) / 10)
    places = [
        np.searchsorted(edges, sample, side="right") for sample in (then, now)
    ]
    p, q = [np.bincount(place, minlength=10) / len(place) for place in places]
    return p, q


@app.function
def psi(p: np.ndarray, q: np.ndarray) -> float:
    """Return the population stability index of two lists of shares."""
    # a share of zero has no logarithm
    p, q = np.maximum(p, 0.0001), np.maximum(q, 0.0001)
    return float(((q - p) * np.log(q / p)).sum())


@app.cell(hide_code=True)
def _():
    shift = mo.ui.slider(
        -1,
        1,
        0.25,
        value=0,
        show_value=True,
        label="Shift of the mean, in standard deviations",
    )
    spread = mo.ui.slider(
        0.5, 2, 0.25, value=1.5, show_value=True, label="Spread, as a multiple"
    )
    sample_size = mo.ui.slider(
        steps=[200, 1000, 5000],
        value=1000,
        show_value=True,
        label="Rows on each side",
    )
    mo.vstack(
        [
            mo.md(
                "The attack of the cards, and a delivery that you make yourself:"
            ),
            shift,
            spread,
            sample_size,
        ]
    )
    return sample_size, shift, spread


@app.cell(hide_code=True)
def _(cards, sample_size, shift, spread):
    _attack = cards["attack"].to_numpy().astype(float)
    then, now = np.random.default_rng(1).choice(_attack, (2, sample_size.value))
    now = (
        _attack.mean()
        + spread.value * (now - _attack.mean())
        + shift.value * _attack.std()
    )
    p, q = bin_shares(then, now)
    _terms = (q - p) * np.log(np.maximum(q, 0.0001) / p)
    _top = int(_terms.argmax())
    _numbers = {
        "change of the mean": f"{now.mean() - then.mean():+.1f}",
        "KS distance": f"{ks_distance(then, now):.2f}",
        "PSI": f"{psi(p, q):.2f}",
        "p-value (KS test)": f"{stats.ks_2samp(then, now).pvalue:.1g}",
    }
    mo.vstack(
        [
            figures.distribution_functions(then, now, "attack"),
            figures.bins(p, q),
            mo.hstack(
                [
                    mo.stat(value, label=name, bordered=True)
                    for name, value in _numbers.items()
                ],
                widths="equal",
                wrap=True,
            ),
            mo.md(
                f"Bin {_top + 1} adds most to the PSI. Its share went from {p[_top]:.1%} to {q[_top]:.1%}, so its term is "
                f"({q[_top]:.3f} − {p[_top]:.3f}) · ln({q[_top]:.3f} / {p[_top]:.3f}) = **{_terms[_top]:.3f}**."
            ),
        ]
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md("""
    Leave the shift at zero and move the spread: the mean stays, and both distances notice. Then put the
    spread back, set a small shift, and go from a thousand rows to five thousand. The distances hardly move, while the
    **p-value** collapses. With few rows both distances are too large: chance adds to them.

    A p-value says how surprising the data would be *if nothing had changed*. With enough rows even a harmless
    difference is surprising. It is not a distance, so don't alert on it.

    **Categories** need no bins: each category is one. `psi` takes their shares as they are. If half of the Commons
    became Rares:
    """)
    return


@app.cell
def _(cards):
    share = (
        cards.group_by("rarity").agg(before=pl.len() / cards.height).sort("rarity")
    )
    moved = share.filter(rarity="Common")["before"].item() / 2
    change_of = {"Common": -moved, "Rare": moved}
    share = share.with_columns(
        after=pl.col("before")
        + pl.col("rarity").replace_strict(change_of, default=0.0)
    )
    rarity_psi = psi(share["before"].to_numpy(), share["after"].to_numpy())
    figures.table(share)
    return (rarity_psi,)


@app.cell(hide_code=True)
def _(rarity_psi):
    mo.md(f"""
    The PSI of the rarities is {rarity_psi:.2f}. Is that much? A rule of thumb says: below `0.1` is calm, above `0.25` needs
    a look. Before you believe a threshold, try it on data in which *nothing* has changed.
    """)
    return


@app.cell(hide_code=True)
def _():
    guess_chance = predict(
        f"Take two random samples of {200} cards from the same table. How often is their PSI above `0.1`?",
        low=0,
        high=100,
        step=5,
        unit="percent",
        key="01-chance-psi",
    )
    guess_chance
    return (guess_chance,)


@app.function
def psi_by_chance(values: np.ndarray, rows: int, repeats: int = 500) -> np.ndarray:
    """Return the PSI of two samples of the same values, again and again: what chance alone does."""
    draws = np.random.default_rng(7).choice(values, (repeats, 2, rows))
    return np.array([psi(*bin_shares(then, now)) for then, now in draws])


@app.cell(hide_code=True)
def _(cards, guess_chance):
    guess_chance.gate()
    _attack = cards["attack"].to_numpy().astype(float)
    _by_chance = {rows: psi_by_chance(_attack, rows) for rows in (200, 2000)}
    _often = {rows: (values > 0.1).mean() for rows, values in _by_chance.items()}
    guess_chance.reveal(
        float(5 * round(20 * _often[200])),
        f"In {len(_by_chance[200])} tries it was {_often[200]:.0%}. Small samples fill ten bins unevenly by chance. With "
        f"{2000:,} cards on each side it happened in {_often[2000]:.0%} of the tries.",
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md("""
    So `0.1` and `0.25` are a convention, not a law. Choose your own threshold from your own data: compute the distance
    between past deliveries that were fine, and alert clearly above those.

    Drift is not damage. A thousand bad cells can move a distribution too, so repair and quarantine first, and measure
    drift on what you accepted. You can now compute both distances by hand, and defend a threshold.
    """)
    return


@app.cell(hide_code=True)
def _():
    mo.md(f"""
    ## Same answer every time

    You run last month's report again, and one number differs. Did the data change, or the code? If the same code on the
    same data always gives the same answer, you know. This property is called {term("determinism")}, and it gets lost by
    accident.
    """)
    return


@app.cell(hide_code=True)
def _():
    guess_set = predict(
        "A script prints `list({'Fire', 'Water', 'Grass'})`. You start it five times. How many different orders do you see?",
        options=["always one", "one on each machine", "more than one"],
        key="01-set-order",
    )
    guess_set
    return (guess_set,)


@app.cell
def _():
    def printed(code: str, **environment: str) -> str:
        """What a line of Python prints in a fresh process with these environment variables."""
        command = [sys.executable, "-c", code]
        done = subprocess.run(
            command,
            env={**os.environ, **environment},
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout.strip()

    a_set = "print(list({'Fire', 'Water', 'Grass'}))"
    a_time = "from datetime import datetime; print(datetime(2024, 3, 4, 17, 5).astimezone().isoformat())"
    orders = [printed(a_set, PYTHONHASHSEED=str(seed)) for seed in range(5)]
    hours = [printed(a_time, TZ=zone) for zone in ("UTC", "Asia/Tokyo")]
    return hours, orders


@app.cell(hide_code=True)
def _(guess_set, orders):
    guess_set.gate()
    _different = sorted(set(orders))
    guess_set.reveal(
        "more than one",
        f"Here are {len(_different)} from five starts: {', '.join(f'`{order}`' for order in _different)}. Python mixes a random number "
        "into the hash of every text, a new one in each process. The cell above sets that number with `PYTHONHASHSEED`, so "
        "that you see the same orders as everybody else.",
    )
    return


@app.cell
def _():
    sums = [0.1 + 0.2 + 0.3, 0.3 + 0.2 + 0.1]
    letters = [
        "Pokémon".encode().decode(encoding) for encoding in ("utf-8", "cp1252")
    ]

    def remembered(sale, seen=[]):  # noqa: B006
        seen.append(sale)
        return len(seen)

    calls = [remembered("S1"), remembered("S1")]
    with tempfile.TemporaryDirectory() as folder:
        for month in ("2024-03", "2024-01", "2024-02"):
            (Path(folder) / f"{month}.csv").touch()
        listing = os.listdir(folder)
    return calls, letters, listing, sums


@app.cell(hide_code=True)
def _(calls, guess_set, hours, letters, listing, orders, sums):
    guess_set.gate()
    mo.md(f"""
    Seven accidents of this kind. Each was run on your machine a moment ago:

    | what the answer depends on | what you got | what helps |
    |---|---|---|
    | the **hash seed** of the process | {len(set(orders))} orders | sort; use `hashlib`, not `hash` |
    | the **time zone** of the machine | `{hours[0]}`, in Tokyo `{hours[1]}` | `.replace(tzinfo=UTC)`, in polars `.dt.replace_time_zone("UTC")` |
    | the **order of files** on the disk | {", ".join(f"`{name}`" for name in listing)} | `sorted(folder.glob("*.csv"))` |
    | the **default encoding** | `{letters[0]}` or `{letters[1]}` | `encoding="utf-8"` |
    | the **order of a float sum** | `{sums[0]!r}` or `{sums[1]!r}` | fix the order, or compare with a tolerance |
    | **state** kept from an earlier call | {calls[0]}, then {calls[1]} | no mutable defaults, no caches |
    | **randomness** without a seed | {np.random.default_rng().random():.3f} | `np.random.default_rng(seed)`, passed in |

    A test in one process on one machine finds almost none of them. Run the job twice instead: in two processes, with
    different hash seeds, and with the time zone of Tokyo. Exercise 1.2a does this to your loader.
    """)
    return


@app.cell(hide_code=True)
def _():
    mo.md(f"""
    ### Content hashes and lineage

    Has this table changed since yesterday? A file's name or date can't tell you. A {term("content hash")} can: it is a short
    text, computed from the content. Equal content gives an equal hash.

    Hashes save work. A pipeline has steps, and each step reads the output of the one before. **A step has to run
    again only if the hash of its input has changed.** Here is a small one:
    """)
    return


@app.function
def content_hash(table: pl.DataFrame) -> str:
    """The first ten digits of the hash of the table's CSV text."""
    return hashlib.sha256(table.write_csv().encode()).hexdigest()[:10]


@app.function
def clean(raw: pl.DataFrame) -> pl.DataFrame:
    return raw.filter(pl.col("asking_price") > 0).sort("listing_id")


@app.function
def features(clean: pl.DataFrame) -> pl.DataFrame:
    return (
        clean.group_by("card_id")
        .agg(price=pl.col("asking_price").median(), offers=pl.len())
        .sort("card_id")
    )


@app.function
def model(features: pl.DataFrame) -> pl.DataFrame:
    return features.select(typical_price=pl.col("price").median(), cards=pl.len())


@app.cell(hide_code=True)
def _():
    guess_wave = predict(
        "Tonight the same raw rows arrive in another order. Which steps have to run again?",
        options=["only clean", "clean and features", "clean, features and model"],
        key="01-wave",
    )
    guess_wave
    return (guess_wave,)


@app.function(hide_code=True)
def lineage(raw: pl.DataFrame) -> list[dict[str, str]]:
    """Run the pipeline and record each step: its name, the hash of its code, of its input and of its output."""
    record, table = [], raw
    for step in (clean, features, model):
        before, table = content_hash(table), step(table)
        code = hashlib.sha256(inspect.getsource(step).encode()).hexdigest()[:10]
        record.append(
            {
                "step": step.__name__,
                "code": code,
                "input": before,
                "output": content_hash(table),
            }
        )
    return record


@app.cell(hide_code=True)
def _():
    _price = pl.col("asking_price")
    EDITS = {
        "the same rows in another order": lambda raw: raw.reverse(),
        "one listing more, at price 0": lambda raw: pl.concat(
            [raw, raw.head(1).with_columns(_price * 0)]
        ),
        "the highest price is doubled": lambda raw: raw.with_columns(
            pl.when(_price == _price.max()).then(2 * _price).otherwise(_price)
        ),
        "all prices rise by a tenth": lambda raw: raw.with_columns(_price * 1.1),
    }
    edit = mo.ui.dropdown(
        EDITS,
        value="the same rows in another order",
        label="What changed in the raw table:",
    )
    return (edit,)


@app.cell(hide_code=True)
def _(edit, guess_wave):
    guess_wave.gate()
    _raw = world.load("listings").head(3000)
    _before, _record = lineage(_raw), lineage(edit.value(_raw))
    _states = {
        "raw": "same" if _before[0]["input"] == _record[0]["input"] else "changed"
    }
    for _old, _new in zip(_before, _record, strict=True):
        _outcome = (
            "ran, same" if _old["output"] == _new["output"] else "ran, changed"
        )
        _states[_new["step"]] = (
            "not run" if _old["input"] == _new["input"] else _outcome
        )
    ran = [step for step, state in _states.items() if state.startswith("ran")]
    mo.vstack([edit, figures.wave(_states), figures.table(pl.DataFrame(_record))])
    return (ran,)


@app.cell(hide_code=True)
def _(guess_wave, ran):
    guess_wave.gate()
    guess_wave.reveal(
        "only clean",
        "`clean` sorts. Its input has a new hash and its output the old one, so nothing behind it has to run. Build tools "
        f"skip work in the same way. With the change that you have chosen above, these steps run: {', '.join(ran) or 'none'}.",
    )
    return


@app.cell(hide_code=True)
def _(guess_wave):
    guess_wave.gate()
    _number, _text = (
        content_hash(pl.DataFrame({"x": [value]})) for value in (1, "1")
    )
    mo.md(f"""
    The table under the picture is a record of {term("lineage")}: for each step its code, its input and its output, by
    hash. Keep it beside the result. When a broken file turns up next month, the record answers "which reports used it?"

    A hash can also lie. The number `1` and the text `"1"` give the same CSV, hence the same hash: `{_number}` and
    `{_text}`. A change of the dtype would be skipped. Joining values without a separator is as bad: `ab, c` and `a, bc` become
    one text. Exercise 1.2b asks for a better hash.

    Hash the content, not the file. A Parquet file can differ with the version of its writer, though every value in it
    is the same.

    **Versioning data** is this idea plus storage: keep each table under its hash, and write the hash into git. Tools such
    as [DVC](https://doc.dvc.org/) and [lakeFS](https://docs.lakefs.io/) do it for you. You can now find what makes a job depend on its
    machine, and say from two hashes which steps have to run.
    """)
    return


@app.cell(hide_code=True)
def _():
    mo.md("""
    ## pandas, polars or SQL

    Which tool should you use for tables? "X is ten times faster" is a sentence about somebody else's query on somebody
    else's machine. So here is a query of the shop: revenue by channel and card type, from a file of sales joined
    with the cards.

    The files are *Parquet*: stored column by column, with dtypes. `scan_parquet` reads nothing at first. The whole query
    runs at `collect()`, and reads only the columns that the answer needs.
    """)
    return


@app.cell
def _():
    def in_pandas(sales, cards):
        table = pd.read_parquet(sales).merge(pd.read_parquet(cards), on="card_id")
        table["revenue"] = table["quantity"] * table["unit_price"]
        return pl.from_pandas(
            table.groupby(["channel", "card_type"], as_index=False)["revenue"].sum()
        )

    def in_polars(sales, cards):
        revenue = (pl.col("quantity") * pl.col("unit_price")).sum()
        table = pl.scan_parquet(sales).join(pl.scan_parquet(cards), on="card_id")
        return table.group_by("channel", "card_type").agg(revenue=revenue).collect()

    def in_sql(sales, cards):
        return duckdb.sql(f"""select channel, card_type, sum(quantity * unit_price) as revenue
                              from '{sales}' join '{cards}' using (card_id)
                              group by channel, card_type""").pl()

    return in_pandas, in_polars, in_sql


@app.cell
def _():
    def in_a_loop(sales, cards):
        types = dict(pl.read_parquet(cards).select("card_id", "card_type").rows())
        revenue = {}
        for _, sale in pd.read_parquet(sales).iterrows():
            key = sale["channel"], types[sale["card_id"]]
            revenue[key] = (
                revenue.get(key, 0) + sale["quantity"] * sale["unit_price"]
            )
        rows = [
            (channel, card_type, total)
            for (channel, card_type), total in revenue.items()
        ]
        return pl.DataFrame(
            rows, schema=["channel", "card_type", "revenue"], orient="row"
        )

    return (in_a_loop,)


@app.cell(hide_code=True)
def _():
    guess_loop = predict(
        "The last function is a loop over rows. At fifty thousand sales, how many times as long as pandas does it take?",
        options=[
            "about 2 times",
            "about 10 times",
            "about 50 times",
            "about 250 times",
        ],
        key="01-loop",
    )
    guess_loop
    return (guess_loop,)


@app.cell(hide_code=True)
def _(guess_loop):
    guess_loop.gate()
    measure = mo.ui.run_button(label="Measure on this machine")
    measure
    return (measure,)


@app.cell(hide_code=True)
def _(in_a_loop, in_pandas, in_polars, in_sql, measure):
    mo.stop(
        not measure.value, mo.md("*Press the button. It takes about ten seconds.*")
    )
    ENGINES = {
        "pandas": in_pandas,
        "polars": in_polars,
        "SQL (DuckDB)": in_sql,
        "loop": in_a_loop,
    }
    LARGEST_LOOP = 50_000
    times, answers = {}, {}
    with (
        tempfile.TemporaryDirectory() as _folder,
        mo.status.spinner("Measuring") as _sign,
    ):
        _cards = Path(_folder) / "cards.parquet"
        world.load("cards").write_parquet(_cards)
        for _rows in (5_000, LARGEST_LOOP, 500_000):
            _sign.update(f"Measuring with {_rows:,} sales")
            _sales = Path(_folder) / f"{_rows}.parquet"
            world.stream_sales(_sales, _rows, 0, world.load("cards"))
            for _name, _run in ENGINES.items():
                if _name == "loop" and _rows > LARGEST_LOOP:
                    continue
                _once = partial(_run, _sales, _cards)
                answers[_name, _rows] = _once().sort("channel", "card_type")[
                    "revenue"
                ]
                _seconds = timeit.repeat(
                    _once, number=1, repeat=1 if _name == "loop" else 3
                )
                times[_name, _rows] = 1000 * statistics.median(_seconds)
    agree = all(
        np.allclose(answer, answers["pandas", rows])
        for (_, rows), answer in answers.items()
    )
    return LARGEST_LOOP, agree, times


@app.cell(hide_code=True)
def _(agree, times):
    _rows = [
        (name, rows, milliseconds) for (name, rows), milliseconds in times.items()
    ]
    mo.vstack(
        [
            figures.times(
                pl.DataFrame(
                    _rows, schema=["engine", "sales", "milliseconds"], orient="row"
                )
            ),
            mo.md(
                "All answers agree, up to the last digits of a float sum. Compare answers before times."
                if agree
                else "**The answers do not agree**, so the times mean nothing. Find out which engine is wrong first."
            ),
        ]
    )
    return


@app.cell(hide_code=True)
def _(LARGEST_LOOP, guess_loop, times):
    _ratio = times["loop", LARGEST_LOOP] / times["pandas", LARGEST_LOOP]
    _nearest = min((2, 10, 50, 250), key=lambda guess: abs(np.log(guess / _ratio)))
    guess_loop.reveal(
        f"about {_nearest} times",
        f"Here it was {_ratio:.0f} times. At {LARGEST_LOOP:,} sales pandas took {times['pandas', LARGEST_LOOP]:.0f} ms and polars "
        f"{times['polars', LARGEST_LOOP]:.0f} ms. Leaving the loop matters more than which of the three engines you leave it for.",
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md("""
    **When would you choose which?**

    | if | then |
    |---|---|
    | the table fits into memory, your code is in pandas, and nobody waits for it | stay with pandas |
    | a library that you need takes pandas, such as a plotting library | pandas there, convert at the border |
    | the job is slow, or the file is larger than memory | polars, lazy |
    | dtypes and nulls must not change on the way | polars |
    | the data are in a warehouse, or analysts maintain the query | SQL, where the data are |

    **For exercise 1.2a.** `pl.read_csv(file, separator=";", encoding="cp1252")` reads a file of another program, and a
    file's bytes can be decoded first: `raw.decode("utf-8")`. `str.replace_all('.', '', literal=True)` removes dots, and
    `str.to_datetime('%Y-%m-%d %H:%M:%S')` reads a time in one format and no other.

    **For exercise 1.3.** The inner join above drops a sale whose card is unknown; `how="left"` keeps it, with a null that
    `fill_null("unknown")` names. `unique("sale_id")` removes rows that came twice. `dt.truncate("1w")` turns a date into
    the Monday of its week.

    You can now compare engines fairly: same answers first, then times, at more than one size.
    """)
    return


@app.cell(hide_code=True)
def _():
    mo.md("""
    ## What it costs elsewhere

    - **Lost rows.** In autumn 2020 [<span data-literal>15,841</span> positive
      tests](https://www.bbc.com/news/technology-54423988) were missing
      for days from England's daily counts and from contact tracing. A spreadsheet on the way was full, and the rows
      that didn't fit were dropped without an error. A count of rows on both sides would have shown it.
    - **Wrong units.** NASA lost the [Mars Climate Orbiter](https://llis.nasa.gov/lesson/641) in 1999. One program wrote
      pound-force seconds, the other read newton seconds. Both files were well-formed. Put the unit into the column's
      name, as in `weight_kg`.
    - **Bad training data.** In May 2022 Unity told investors that its advertising models had learned from [bad data of a
      large customer](https://seekingalpha.com/news/3836713-unity-crashes-20-as-guidance-shows-slowing-growth-ad-delay-could-hurt-revenue-for-a-year).
      Together with a fault in the platform it expected to lose about <span data-literal>110</span> million dollars that year.

    What do companies do about it? The same things that you have just done, at scale:

    | tool | what it does | your counterpart |
    |---|---|---|
    | [TensorFlow Data Validation](https://www.tensorflow.org/tfx/data_validation/get_started) | infers a schema, reports anomalies, compares training with serving data | `Cards`, PSI |
    | [Deequ](https://github.com/awslabs/deequ), from Amazon | "unit tests for data" on tables too large for one machine | `complaints` |
    | [dbt tests](https://docs.getdbt.com/docs/build/data-tests) | SQL checks after every build of a warehouse table: unique, not null, accepted values | the six checks |

    Behind all three is a habit: a check at each hand-over, counts on both sides, quarantine with reasons, and an owner for
    each table who gets the alert.
    """)
    return


@app.cell(hide_code=True)
def _():
    mo.md("""
    ## Pitfalls

    Five pieces of code that look innocent. Run one, say what is wrong, then switch to the careful way.
    """)
    return


@app.cell(hide_code=True)
def _():
    PITFALLS = {
        "A contract on a LazyFrame": (
            'cards = pl.DataFrame({"hp": [-60, 90]}, schema={"hp": pl.Int32})\nHp = Cards.to_schema().select_columns(["hp"])',
            "Hp.validate(cards.lazy()).collect().height",
            "Hp.validate(cards).height",
            "On a `LazyFrame` pandera checks names and dtypes and skips the values. Validate a `DataFrame`, or set "
            "`PANDERA_VALIDATION_DEPTH=SCHEMA_AND_DATA`.",
        ),
        "A filter that drops nulls": (
            'notes = pl.Series([None, "signed", "torn", None])',
            'notes.filter(notes != "torn").len()',
            'notes.filter(notes.ne_missing("torn")).len()',
            "A comparison with null gives null, and a filter keeps only true. `ne_missing` treats null as a value.",
        ),
        "Dtypes guessed from values": (
            r'file = b"seller\n007\n012\n"',
            'pl.read_csv(file)["seller"].to_list()',
            'pl.read_csv(file, infer_schema=False)["seller"].to_list()',
            "`read_csv` takes ids made of digits for numbers, and drops their leading zeros. Read text, convert by rule.",
        ),
        "Repairing before counting": (
            'names = pl.Series([" Onix", "Pidgey", "Mew  "])\nrepaired = names.str.strip_chars()',
            "(repaired != repaired.str.strip_chars()).sum()",
            "(names != repaired).sum()",
            "What you have repaired can't be counted any more, and the count was the only alarm.",
        ),
        "One gap in a pandas integer": (
            "print_runs = [42_490, None]",
            "pd.Series(print_runs).dtype",
            'pd.Series(print_runs, dtype="Int64").dtype',
            "Classic pandas integers have no null, so one gap turns the column into floats, and a contract that says integer "
            "breaks. `Int64` with a capital I has a null. In polars every dtype has one.",
        ),
    }
    return (PITFALLS,)


@app.cell(hide_code=True)
def _(PITFALLS):
    pitfall = mo.ui.dropdown(
        PITFALLS, value="A contract on a LazyFrame", label="Pitfall:"
    )
    careful = mo.ui.switch(label="the careful way")
    mo.hstack([pitfall, careful], justify="start", gap=2, wrap=True)
    return careful, pitfall


@app.cell(hide_code=True)
def _(careful, pitfall):
    _given, _plain, _careful, _why = pitfall.value
    _code, _names = (
        _careful if careful.value else _plain,
        {"pl": pl, "pd": pd, "Cards": Cards},
    )
    exec(_given, _names)
    try:
        _result = repr(eval(_code, _names))
    except (SchemaError, SchemaErrors) as _error:
        _result = f"{type(_error).__name__}: {str(_error).splitlines()[0]}"
    mo.md(f"""
```python
{_given}
{_code}

# → {_result}
```

{_why if careful.value else "*What is wrong here?*"}
""")
    return


@app.cell(hide_code=True)
def _():
    mo.md("""
    ## Think first

    Write a line or two, then open the model answer and compare. These are questions from interviews and from incident
    reviews.
    """)
    return


@app.cell(hide_code=True)
def _():
    reveal(
        "You run a pipeline twice on the same input. Will the output be identical?",
        "Only if nothing but the input affects it. I would look for the hash seed, the time zone, the order of files, the "
        "encoding, float sums, state in the process and unseeded randomness. Then I would run it in two processes with "
        "different settings, and compare content hashes.",
        key="01-twice",
    )
    return


@app.cell(hide_code=True)
def _():
    reveal(
        'A model was great in training and fails in production. "The data look similar," says a colleague. What do you check?',
        "Similar by which measure? Means can agree while distributions differ, so I compare every input with KS and PSI, "
        "against the training data. Then units, encodings and the spelling of categories: valid values with a new meaning. "
        "Then whether training and serving compute features with the same code. Last, whether training saw something "
        "that production doesn't have, such as the answer.",
        key="01-production",
    )
    return


@app.cell(hide_code=True)
def _():
    reveal(
        "Somebody renames a column upstream. How do you find out before your model breaks?",
        "A strict contract at the hand-over names the missing column and the unexpected one, and the load stops before "
        "anything is written. Better: the supplier runs the same contract in its own CI, so the rename fails there. Best: "
        "the contract is in git, and the rename is a pull request that I review.",
        key="01-renamed",
    )
    return


@app.cell(hide_code=True)
def _():
    reveal(
        "When would you choose polars, and when would you stay with pandas?",
        "polars when a job is slow, when the file is larger than memory, or when dtypes and nulls must survive. pandas when "
        "the data are small, the code works, and libraries or colleagues expect it. Before a migration I would replace "
        "loops over rows and measure again: often that is enough.",
        key="01-polars-pandas",
    )
    return


@app.cell(hide_code=True)
def _():
    reveal(
        "When is it right to fill a missing value?",
        "When I know why it is missing and the filled value is right for that reason. Or when the model needs a number, and "
        "a second column keeps the fact that it was missing. The filling is learned on training data only, so it belongs "
        "to the model and not to the cleaning.",
        key="01-fill",
    )
    return


@app.cell(hide_code=True)
def _():
    reveal(
        "A check is too strict and stops the load every other night. What will people do next?",
        "Somebody switches it off, and it is off on the night when it would have been right. A check needs an owner, a "
        "threshold chosen from past data, and a cheap way to be wrong: quarantine a row, don't stop the shop.",
        key="01-too-strict",
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md("""
    ## Teach, apply, debug

    Three short drills. Do each one, then rate yourself honestly.
    """)
    return


@app.cell(hide_code=True)
def _():
    rate(
        "**Teach.** Explain to a junior engineer, in two minutes and without the word *hash*, why data need versions. Then let "
        "them explain it back.",
        key="01-teach",
    )
    return


@app.cell(hide_code=True)
def _():
    rate(
        "**Apply.** Take a table from your work. Write a contract for three of its columns in ten minutes, break the table "
        "on purpose, and watch the contract complain.",
        key="01-apply",
    )
    return


@app.cell(hide_code=True)
def _(ours):
    _hp, _weight = (
        pl.col("hp").cast(pl.Float64),
        pl.col("weight_kg").round().cast(pl.Int32),
    )
    _report = figures.table(
        complaints(ours.with_columns(hp=_weight, weight_kg=_hp), Cards)
    )
    reveal(
        f"**Debug.** Last night's report for {ours.height:,} cards. What happened, and what do you do?\n\n{_report.text}",
        "Only `hp` complains, in hundreds of rows, and in both directions. One broken cell is a typo; hundreds in one column "
        "have a cause outside the rows. More than a fifth of the rows are bad, so `receive_cards` refuses the delivery by "
        "itself. The report can't name the cause. You look at a few cards and see it: somebody swapped `hp` and `weight_kg`. "
        "Most swapped values are still in range, so a quarantine would have loaded most of the wrong rows.",
        key="01-debug",
    )
    return


@app.cell(hide_code=True)
def _(UNIT):
    mo.md(f"""
    ## Over to you

    The [exercises](?file=exercises/{UNIT.name}.py) are checked while you type:

    {chr(10).join(f"- **{task.id}** {task.title}, {task.points:g} points" for task in UNIT.tasks)}

    Then comes the [checkpoint](?file=assessments/checkpoints/{UNIT.name}.py), {UNIT.checkpoint.title[0].lower() + UNIT.checkpoint.title[1:]}.

    **On Monday** take `cheatsheets/{UNIT.name}.py` to work. It is a contract, a quarantine and an exit code in one file.
    Replace its columns with yours and let CI run it on each new file; the [cheat
    sheet](/dojo/shelf/{UNIT.name}) shows the step.
    """)
    return


@app.cell(hide_code=True)
def _():
    mo.md("""
    ## What to remember

    - A contract that runs names the column that broke, before anybody acts on the table.
    - A check is a sentence. Some sentences need a second table, and drift needs a reference.
    - Repair what is certain, quarantine what is not, refuse what is wrong as a whole.
    - The reason for a gap decides what you may do about it.
    - Same input, same output, on any machine; and every result names the content that it came from.
    - Replace loops over rows, compare the answers, then measure.
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
            "Testing data is like testing code: the test runs on every change.",
            "A valid value can be wrong. Only a second table knows.",
            "Why a value is missing matters more than how many are.",
            "A p-value is not a distance.",
            "The same code gives another answer in Tokyo.",
            "An equal hash stops the work behind it.",
        ],
        key="01-aha",
    )
    return


@app.cell(hide_code=True)
def _():
    mastery(
        {
            "Write a data validation test from scratch": 10,
            "Name the six kinds of issues, and a check for each": 5,
            "Find the cause of a data problem from a test failure": 5,
            "Explain to a junior engineer why data versions matter": 2,
            "Decide between repair, quarantine and refuse, and defend it": None,
            "Find what makes a loader depend on its machine": 10,
            "Choose pandas, polars or SQL for a task, and measure": 15,
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
    ## Read on

    **For the ideas.** Breck and others, [Data validation for machine
    learning](https://mlsys.org/Conferences/2019/doc/2019/167.pdf) (2019), on how Google tests data · Schelter and others,
    [Automating large-scale data quality verification](http://www.vldb.org/pvldb/vol11/p1781-schelter.pdf) (2018), the paper
    behind Deequ · Sculley and others, [Hidden technical debt in machine learning
    systems](https://papers.nips.cc/paper/2015/hash/86df7dcfd896fcaf2674f757a2463eba-Abstract.html) (2015) · Chip Huyen,
    *Designing Machine Learning Systems*, the chapter on training data.

    **For the libraries.** pandera on [polars](https://pandera.readthedocs.io/en/stable/polars.html) and [lazy
    validation](https://pandera.readthedocs.io/en/stable/lazy_validation.html) · polars on [missing
    data](https://docs.pola.rs/user-guide/expressions/missing-data/) and the [lazy
    API](https://docs.pola.rs/user-guide/concepts/lazy-api/) · DuckDB on
    [Parquet](https://duckdb.org/docs/current/data/parquet/overview) · Python on
    [`PYTHONHASHSEED`](https://docs.python.org/3/using/cmdline.html#envvar-PYTHONHASHSEED).
    """)
    return


if __name__ == "__main__":
    app.run()
