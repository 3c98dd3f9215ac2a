import marimo

__generated_with = "0.25.2"
app = marimo.App(width="medium", app_title="Checkpoint: a new card set arrives [CP-1]")

with app.setup(hide_code=True):
    import re

    import altair as alt
    import marimo as mo
    import numpy as np
    import polars as pl
    from cardshop import world
    from cardshop.quality import COMPARED, RULES
    from grader import check, title
    from scipy import stats

    SEED = 1  # your own delivery: the number that your instructor gave you, or any other


@app.cell(hide_code=True)
def _():
    mo.md(f"""
    # {title("CP-1")}

    A supplier sends the cards of a new set, and you decide whether they go into the table from which the shop's models
    learn.

    **Start here:** look at your delivery below. Which of its columns have other names than ours?

    - `delivery` is what the supplier sent. `reference` is the catalogue so far: our columns, our dtypes, our values.
    - Four functions and a report are judged. The functions run on deliveries that you have not seen, with other columns
      renamed, other values wrong and other distributions moved. Your delivery is there to look at and to try things on.
    - A reviewer reads the report at the end.
    - Use what you wrote in the exercises.
    """)
    return


@app.cell
def _():
    delivery, reference = world.delivery(SEED), world.load("cards", SEED)
    mo.ui.tabs({"delivery": delivery, "reference": reference})
    return delivery, reference


@app.cell(hide_code=True)
def _():
    mo.md(f"""
    ## {title("CP-1a")}

    The supplier spells names differently and uses other dtypes. **Two names match** if they are equal after lower-casing
    and removing everything but letters and digits:

    | delivered | ours | finding |
    |---|---|---|
    | `weightKg`, `Float64` | `weight_kg`, `Float64` | `weight_kg` is renamed |
    | `HP`, `String` | `hp`, `Int32` | `hp` is renamed, and `hp` is retyped |
    | `artist` | | `artist` is added |
    | | `speed` | `speed` is removed |
    | `weight_g` | `weight_kg` | no match: `weight_g` is added, `weight_kg` is removed |

    Write `matches` first. All tasks of this checkpoint need the pairs.
    """)
    return


@app.function
def matches(delivery: pl.DataFrame, reference: pl.DataFrame) -> dict[str, str]:
    """Return the pairs of matching columns, as a dict from the delivered name
    to our name.

    Two names match if they are equal after lower-casing and removing
    everything but letters and digits. No two delivered columns match the same
    column of ours.
    """

    # TODO 1: bring all names into one form, and pair those that are equal
    #   (about 3 lines)
    raise NotImplementedError("CP-1a")


@app.function
def schema_findings(
    delivery: pl.DataFrame, reference: pl.DataFrame
) -> pl.DataFrame:
    """Return how the columns of the delivery differ from ours: a table with
    the columns `column` and `change`.

    - renamed: a delivered column matches ours and its name differs. `column`
      is our name.
    - retyped: a delivered column matches ours and its polars dtype differs.
      `column` is our name.
    - added: a delivered column matches none of ours. `column` is the
      delivered name.
    - removed: no delivered column matches ours. `column` is our name.

    A column that is renamed and retyped has two rows. The rows may come in
    any order.
    """
    # TODO 2: one row for each finding (about 8 lines)
    raise NotImplementedError("CP-1a")


@app.cell(hide_code=True)
def _():
    report_1a = check("CP-1a", lambda: schema_findings)
    report_1a
    return (report_1a,)


@app.cell(hide_code=True)
def _(delivery, reference, report_1a):
    report_1a.gate(
        "The findings about your own delivery appear here when CP-1a passes."
    )
    mo.ui.table(
        schema_findings(delivery, reference),
        selection=None,
        show_download=False,
        show_column_summaries=False,
        label="What changed in your delivery's schema",
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md(f"""
    ## {title("CP-1b")}

    Apply the rules of the exercises, `cardshop.quality.RULES`, to the columns that match ours. If a delivery calls our
    `hp` `HP` and has the text `"-5"` in it, the finding is

    | `row` | `column` | `issue` |
    |---|---|---|
    | `3` | `hp` | `out_of_range` |

    First bring the delivery into our shape: our names, our dtypes. Every retyped value survives a plain `cast`. Columns that
    were added or removed have no issues.
    """)
    return


@app.function
def restored(delivery: pl.DataFrame, reference: pl.DataFrame) -> pl.DataFrame:
    """Return the columns of the delivery that match ours, with our names and
    dtypes and all of their rows.
    """
    # TODO 3: select, rename, cast (about 4 lines)
    raise NotImplementedError("CP-1b")


@app.function
def quality_findings(
    delivery: pl.DataFrame, reference: pl.DataFrame
) -> pl.DataFrame:
    """Return one row for each issue of the delivery, with the columns `row`,
    `column` and `issue`.

    `row` is the position in the delivery, counted from 0; `column` is our
    name. The kinds of issues and their definitions are those of exercise
    1.1b. A duplicate is a `card_id` that an earlier row of the delivery
    already has; the reference does not count. The rows may come in any order.
    """
    # TODO 4: your checks of 1.1b, for the columns that are there (about 20
    #   lines)
    raise NotImplementedError("CP-1b")


@app.cell(hide_code=True)
def _():
    report_1b = check("CP-1b", lambda: quality_findings)
    report_1b
    return (report_1b,)


@app.cell(hide_code=True)
def _(delivery, reference, report_1b):
    report_1b.gate("The issues of your own delivery appear here when CP-1b passes.")
    mo.ui.table(
        quality_findings(delivery, reference),
        selection=None,
        show_download=False,
        show_column_summaries=False,
        label="The issues of your delivery",
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md(f"""
    ## {title("CP-1c")}

    The models learned from the reference. A column has **drifted** if its distribution in the delivery is no longer the one
    they learned from. The lesson's section “Drift” has two distances: `KS`, the largest gap between the two distribution
    functions, and `PSI`, the population stability index.

    | | PSI | KS, for numbers |
    |---|---|---|
    | a column that drifted | above `0.4` | above `0.2` |
    | a column that did not | below `0.2` | below `0.1` |

    No column lies in between. Issues are not drift: a few absurd values can move a mean, and distributions can differ while
    the means agree. Chance is not drift either: with a few hundred rows no two samples are equal. And a p-value is not a
    distance: in a delivery of many thousand rows the difference of a column that did not drift is significant too.
    """)
    return


@app.cell(hide_code=True)
def _():
    column = mo.ui.dropdown(
        [
            name
            for name, rule in RULES.items()
            if rule.high is not None and name in COMPARED
        ],
        value="hp",
        label="Look at",
    )
    column
    return (column,)


@app.cell(hide_code=True)
def _(column, delivery, reference, report_1b):
    report_1b.gate(
        "The distribution functions of both tables appear here when CP-1b passes: CP-1c needs `restored`."
    )
    _ours = restored(delivery, reference)
    if column.value in _ours.columns:
        _sides = [
            pl.DataFrame(
                {"value": _side, "share": _side.rank("max") / _side.len()}
            ).with_columns(table=pl.lit(_name))
            for _name, _side in (
                (
                    "reference",
                    reference[column.value].drop_nulls().cast(pl.Float64),
                ),
                ("delivery", _ours[column.value].drop_nulls().cast(pl.Float64)),
            )
        ]
        _high = max(_table["value"].quantile(0.98) for _table in _sides)
        _picture = (
            alt.Chart(pl.concat(_sides).filter(pl.col("value") <= _high))
            .mark_line(interpolate="step-after")
            .encode(
                alt.X("value:Q", title=column.value),
                alt.Y("share:Q", title="share of cards up to this value").axis(
                    format="%"
                ),
                alt.Color("table:N", title=None),
            )
            .properties(
                width="container",
                description="Lines: the distribution functions of both tables.",
            )
        )
    else:
        _picture = mo.md(f"The delivery has no `{column.value}`.")
    _picture
    return


@app.function
def drift_findings(delivery: pl.DataFrame, reference: pl.DataFrame) -> pl.DataFrame:
    """Return a table with `column` (our name) and `drifted` (true or false).

    It has one row for each column of `cardshop.quality.COMPARED` that the
    delivery has. The rows may come in any order.
    """
    # TODO 5: a distance between two distributions of numbers, and between two
    #   of categories (about 6 lines)
    # TODO 6: one row for each column (about 4 lines)
    raise NotImplementedError("CP-1c")


@app.cell(hide_code=True)
def _():
    report_1c = check("CP-1c", lambda: drift_findings)
    report_1c
    return (report_1c,)


@app.cell(hide_code=True)
def _(delivery, reference, report_1c):
    report_1c.gate(
        "What has drifted in your own delivery appears here when CP-1c passes."
    )
    mo.ui.table(
        drift_findings(delivery, reference),
        selection=None,
        show_download=False,
        show_column_summaries=False,
        label="What has drifted in your delivery",
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md(f"""
    ## {title("CP-1d")}

    A finding with a number can be checked, and here the grader recomputes each number from the tables. A **claim** is a dict:

    ```python
    {{"statistic": "share_missing(hp)", "table": "delivery", "slice": {{}}, "value": 0.02, "tolerance": 0.001}}
    {{"statistic": "rows", "table": "delivery", "slice": {{"rarity": ["holo", "RARE"]}}, "value": 4, "tolerance": 0}}
    {{"statistic": "ks(attack)", "table": "delivery", "slice": {{}}, "value": 0.31, "tolerance": 0.001}}
    ```

    | key | what it holds |
    |---|---|
    | `statistic` | one of the names below |
    | `table` | `"delivery"`, as `restored` returns it, or `"reference"` |
    | `slice` | the rows: `{{}}` for all, `{{"rarity": "Holo"}}`, `{{"rarity": ["Holo", "Ultra"]}}`, `{{"hp": {{"min": 501}}}}` |
    | `value` | your number |
    | `tolerance` | `0` for counts; at most `0.005` for shares and distances |

    | statistic | what it is |
    |---|---|
    | `rows` | the number of rows in the slice |
    | `share` | those rows, divided by all rows of the table |
    | `share_missing(column)` | the nulls of the column, divided by the rows of the slice |
    | `ks(column)` | the largest gap to the reference's distribution function, without nulls; numbers only |
    | `psi(column)` | the population stability index against the reference, as in the lesson: ten bins at the deciles of the reference (`np.quantile`; a value on an edge belongs to the bin above), or the categories; an empty bin counts as `0.0001` |
    """)
    return


@app.function
def claims(delivery: pl.DataFrame, reference: pl.DataFrame) -> list[dict]:
    """Return what the reader of your report must know about this delivery, as
    a list of claims.

    At least five claims, no two about the same number:

    - One states the size: `rows` of the whole delivery.
    - Two or more state issues, each about other cells: a `share_missing`
      above 0 of a column that must not be null, or `rows` or `share` of a
      slice that holds nothing but issues. In each of its rows, and there is
      at least one, a column that the slice names has an issue.
    - Two or more state drift, each of another column that drifted: `psi` or
      `ks`, without a slice.
    """
    # TODO 7: the size, then the issues, then the drift, from your findings
    #   (about 15 lines)
    raise NotImplementedError("CP-1d")


@app.cell(hide_code=True)
def _():
    report_1d = check("CP-1d", lambda: claims)
    report_1d
    return (report_1d,)


@app.cell(hide_code=True)
def _(delivery, reference, report_1d):
    report_1d.gate(
        "The claims about your own delivery appear here when CP-1d passes."
    )
    mo.ui.table(
        [
            {_k: str(_v) for _k, _v in _claim.items()}
            for _claim in claims(delivery, reference)
        ],
        selection=None,
        label="Your claims",
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md("""
    ## The report

    Half a page for the person who decides tonight: load the delivery, load a part of it, or send it back? A reviewer marks
    what you write in the cell `recommendation` (keep its name), with two questions.

    **Does the recommendation follow from the findings?**

    | points | for example |
    |---|---|
    | none | “There are several problems with the delivery.” |
    | half | “We should not load it. The quality is not good enough.” |
    | all | “We load all rows but those in quarantine, because no column has drifted. If `hp` had drifted, we would not.” |

    **Can somebody who was not there act on it?**

    | points | for example |
    |---|---|
    | none | “Some values are missing.” |
    | half | “`hp` is null in six rows, `rarity` is misspelled in four.” |
    | all | “`hp` is null in six rows. They wait in quarantine; the supplier gets their numbers today, and training runs without them.” |
    """)
    return


@app.cell
def recommendation():
    # TODO 8: half a page of Markdown between the quotation marks
    mo.md("""
    *Your report appears here.*
    """)
    return


@app.cell(hide_code=True)
def _(report_1d):
    report_1d.gate(
        "What you can do after this checkpoint appears here when CP-1d passes."
    )
    mo.md("""
    **Two good ways to find drift.** *KS* needs no bins and shows the same gap that you see in the picture, but it knows only
    numbers. *PSI* works for categories too and weighs what happens in the tails, but its value depends on the bins.

    **What you can do now:** receive data in an unknown shape, say what changed, what is wrong and what has drifted, and
    defend a recommendation with numbers that anybody can recompute.
    """)
    return


if __name__ == "__main__":
    app.run()
