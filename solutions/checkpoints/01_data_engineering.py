import marimo

__generated_with = "0.25.2"
app = marimo.App(width="medium", app_title="Checkpoint: a new card set arrives")

with app.setup(hide_code=True):
    import re

    import altair as alt
    import marimo as mo
    import numpy as np
    import polars as pl
    from scipy import stats

    from cardshop import world
    from cardshop.quality import COMPARED, RULES
    from grader import check, title

    SEED = 1  # your own delivery: the number that your instructor gave you, or any other


@app.cell(hide_code=True)
def _():
    mo.md(f"""
    # {title("CP-1")}

    A supplier sends the cards of a new set. Tonight they are to go into the table from which the shop's models learn.
    You have the delivery and the catalogue so far, which is the **reference**. What you find decides whether the
    delivery goes in.

    The functions below are judged on deliveries that you have not seen: other columns are renamed, other values are
    damaged, other distributions have moved. Yours is for looking and trying. Take what you wrote in the exercises;
    there is no prize for writing it twice.
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

    A delivered column **is** one of ours if the two names are equal once they are in lower case and nothing but
    letters and digits is left of them: `weightKg` is our `weight_kg`, `weight_g` is not. No two delivered columns are
    the same one of ours. A helper of your own that finds the pairs will serve you in all the tasks of this checkpoint.
    """)
    return


@app.function
def matches(delivery: pl.DataFrame, reference: pl.DataFrame) -> dict[str, str]:
    """Return the delivered name of each column that is one of ours, and our name for it."""

    # TODO 1: bring both names into one form and pair them (about 3 lines)
    ### BEGIN SOLUTION
    def plain(name: str) -> str:
        return re.sub(r"[^a-z0-9]", "", name.lower())

    ours = {plain(name): name for name in reference.columns}
    return {name: ours[plain(name)] for name in delivery.columns if plain(name) in ours}
    ### END SOLUTION


@app.function
def schema_findings(delivery: pl.DataFrame, reference: pl.DataFrame) -> pl.DataFrame:
    """Return how the columns of the delivery differ from ours, as a table with `column` and `change`.

    - renamed: the column is ours, its name is spelled differently. `column` is our name.
    - retyped: the column is ours, its polars dtype is another one. `column` is our name.
    - added: the delivered column is none of ours. `column` is the delivered name.
    - removed: no delivered column is ours. `column` is our name.

    A column can be renamed and retyped: two rows. The order of the rows does not matter.
    """
    # TODO 2: one row for each finding (about 8 lines)
    ### BEGIN SOLUTION
    pairs = matches(delivery, reference)
    found = [(name, "added") for name in delivery.columns if name not in pairs]
    found += [(name, "removed") for name in reference.columns if name not in pairs.values()]
    for name, ours in pairs.items():
        if name != ours:
            found.append((ours, "renamed"))
        if delivery.schema[name] != reference.schema[ours]:
            found.append((ours, "retyped"))
    return pl.DataFrame(found, schema={"column": pl.String, "change": pl.String}, orient="row")
    ### END SOLUTION


@app.cell(hide_code=True)
def _():
    report_1a = check("CP-1a", lambda: schema_findings)
    report_1a
    return (report_1a,)


@app.cell(hide_code=True)
def _(delivery, reference, report_1a):
    report_1a.gate("The findings about your own delivery appear here when CP-1a passes.")
    mo.ui.table(
        schema_findings(delivery, reference), selection=None, label="What changed in your delivery's schema"
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md(f"""
    ## {title("CP-1b")}

    The rules are those of the exercises, `cardshop.quality.RULES`, for the columns that are ours, under our names and
    with our dtypes: every retyped value survives a plain `cast` back. Columns that were added or removed have no issue.
    """)
    return


@app.function
def restored(delivery: pl.DataFrame, reference: pl.DataFrame) -> pl.DataFrame:
    """Return the columns of the delivery that are ours, under our names and with our dtypes, rows as they were."""
    # TODO 3: select, rename, cast (about 4 lines)
    ### BEGIN SOLUTION
    return delivery.select(
        pl.col(name).cast(reference.schema[ours]).alias(ours)
        for name, ours in matches(delivery, reference).items()
    )
    ### END SOLUTION


@app.function
def quality_findings(delivery: pl.DataFrame, reference: pl.DataFrame) -> pl.DataFrame:
    """Return every issue of the delivery: `row` (its position in the delivery, from 0), `column` (our name), `issue`.

    The kinds are those of exercise 1.1b, with the same definitions. A duplicate is one within the delivery. The order
    of the rows does not matter.
    """
    # TODO 4: your rules of 1.1b, for the columns that are there (about 20 lines)
    ### BEGIN SOLUTION
    species = world.load("species").select(pl.col("number").alias("species_number"), "height_m", "weight_kg")
    cards = restored(delivery, reference)
    table = cards.with_row_index("row").join(species, on="species_number", how="left", suffix="_species")
    found = []

    def note(column: str, issue: str, wrong: pl.Expr) -> None:
        found.append(
            table.filter(wrong).select("row", pl.lit(column).alias("column"), pl.lit(issue).alias("issue"))
        )

    for name in cards.columns:
        rule, value = RULES[name], pl.col(name)
        if not rule.nullable:
            note(name, "missing", value.is_null())
        if rule.low is not None:
            note(name, "out_of_range", ~value.is_between(rule.low, rule.high))
        if rule.allowed is not None:
            note(name, "bad_category", ~value.is_in(rule.allowed))
        if rule.pattern is not None:
            note(name, "malformed", ~value.str.contains(rule.pattern))
        if rule.unique:
            note(name, "duplicate", value.is_not_null() & ~value.is_first_distinct())
        if rule.times_species is not None:
            too_much = rule.times_species * pl.col(f"{name}_species")
            note(name, "wrong_unit", (value > too_much) & (value <= rule.high))
    return pl.concat(found)
    ### END SOLUTION


@app.cell(hide_code=True)
def _():
    report_1b = check("CP-1b", lambda: quality_findings)
    report_1b
    return (report_1b,)


@app.cell(hide_code=True)
def _(delivery, reference, report_1b):
    report_1b.gate("The issues of your own delivery appear here when CP-1b passes.")
    mo.ui.table(
        quality_findings(delivery, reference), selection=None, label="What is damaged in your delivery"
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md(f"""
    ## {title("CP-1c")}

    The models were trained on the reference. A column has **drifted** if its distribution in the delivery is not the one
    they learned from. The deliveries are made so that nobody has to argue: where a column drifted, it moved far (the
    population stability index over ten bins at the reference's deciles is beyond `0.4`, the distance of the
    distribution functions beyond `0.2`); where it did not, neither reaches half of that. Damage is no drift, nor is what
    chance does to a few hundred rows; and a distribution can move without its mean.
    """)
    return


@app.cell(hide_code=True)
def _():
    column = mo.ui.dropdown(
        [name for name, rule in RULES.items() if rule.high is not None and name in COMPARED],
        value="hp",
        label="Look at",
    )
    column
    return (column,)


@app.cell(hide_code=True)
def _(column, delivery, reference, report_1b):
    report_1b.gate("The distribution functions of both tables appear here when CP-1b passes.")
    _ours = restored(delivery, reference)
    if column.value in _ours.columns:
        _sides = [
            pl.DataFrame({"value": _side, "share": _side.rank("max") / _side.len()}).with_columns(
                table=pl.lit(_name)
            )
            for _name, _side in (
                ("reference", reference[column.value].drop_nulls().cast(pl.Float64)),
                ("delivery", _ours[column.value].drop_nulls().cast(pl.Float64)),
            )
        ]
        _high = max(_table["value"].quantile(0.98) for _table in _sides)
        _picture = (
            alt.Chart(pl.concat(_sides).filter(pl.col("value") <= _high))
            .mark_line(interpolate="step-after")
            .encode(
                alt.X("value:Q", title=column.value),
                alt.Y("share:Q", title="share of cards up to there").axis(format="%"),
                alt.Color("table:N", title=None),
            )
            .properties(width="container", description="Lines: the distribution functions of both tables.")
        )
    else:
        _picture = mo.md(f"The delivery has no `{column.value}`.")
    _picture
    return


@app.function
def drift_findings(delivery: pl.DataFrame, reference: pl.DataFrame) -> pl.DataFrame:
    """Return a table with `column` and `drifted` (true or false), one row for each column that can be compared.

    Those are the columns of `cardshop.quality.COMPARED` that the delivery has, under our names. The order of the rows
    does not matter.
    """
    # TODO 5: a distance between two distributions of numbers, and between two of categories (about 6 lines)
    # TODO 6: one row for each column (about 4 lines)
    ### BEGIN SOLUTION
    ours = restored(delivery, reference)

    def distance(then: pl.Series, now: pl.Series) -> float:
        if then.dtype.is_numeric():  # Kolmogorov and Smirnov's: a few absurd values do not move it
            return stats.ks_2samp(then.drop_nulls().to_numpy(), now.drop_nulls().to_numpy()).statistic
        kinds = then.unique().drop_nulls()
        shares = [np.array([(side == kind).mean() for kind in kinds]) for side in (then, now.drop_nulls())]
        return float(np.abs(shares[0] - shares[1]).sum() / 2)

    compared = [name for name in COMPARED if name in ours.columns]
    return pl.DataFrame(
        {"column": compared, "drifted": [distance(reference[name], ours[name]) > 0.15 for name in compared]}
    )
    ### END SOLUTION


@app.cell(hide_code=True)
def _():
    report_1c = check("CP-1c", lambda: drift_findings)
    report_1c
    return (report_1c,)


@app.cell(hide_code=True)
def _(delivery, reference, report_1c):
    report_1c.gate("What has drifted in your own delivery appears here when CP-1c passes.")
    mo.ui.table(
        drift_findings(delivery, reference), selection=None, label="What has drifted in your delivery"
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md(f"""
    ## {title("CP-1d")}

    A finding that carries a number can be checked, and here it is: each **claim** is recomputed from the tables. It is a
    dict of five keys:

    ```python
    {{"statistic": "share_missing(hp)", "table": "delivery", "slice": {{}}, "value": 0.02, "tolerance": 0.001}}
    ```

    `table` is `"delivery"` (meant as `restored` returns it: our names, our dtypes) or `"reference"`. `slice` picks rows:
    `{{"rarity": "Holo"}}`, `{{"rarity": ["Holo", "Ultra"]}}`, `{{"hp": {{"min": 501}}}}`; `{{}}` takes all of them. The statistics:
    `rows`, `share` (of the table's rows), `share_missing(column)`, `unique(column)`, `mean(column)`, `median(column)`,
    `std(column)`, `min(column)`, `max(column)` (all of them without the nulls, `std` with `n - 1`), and against the
    reference `psi(column)` and `ks(column)`. `ks` is the greatest distance of the two distribution functions; `psi` cuts
    numbers at the nine deciles of the reference (those of `np.quantile`; a value on an edge belongs to the bin above),
    takes categories as they are, and counts an empty bin as `0.0001`. The tolerance is `0` for counts (`rows`, `unique`), at
    most `0.005` for shares and distances, at most two in a hundred of the value for the others.
    """)
    return


@app.function
def claims(delivery: pl.DataFrame, reference: pl.DataFrame) -> list[dict]:
    """Return what the reader of your report must know about this delivery, as claims with numbers.

    At least five claims, no two about the same number:

    - the size: `rows` of the whole delivery;
    - two or more about damage, each about other damaged cells: a `share_missing` above 0 of a column that must not be
      null, or `rows` or `share` of a slice that holds damaged rows alone (every row of it, and there is one, has an
      issue in a column that the slice names);
    - two or more about the drift of different columns: a `psi` or `ks`, without a slice, of a column that drifted.
    """
    # TODO 7: the size, then the damage, then the drift, from your findings (about 15 lines)
    ### BEGIN SOLUTION
    ours, issues = restored(delivery, reference), quality_findings(delivery, reference)

    def claim(statistic: str, value: float, tolerance: float, **where: object) -> dict:
        return {
            "statistic": statistic,
            "table": "delivery",
            "slice": where,
            "value": value,
            "tolerance": tolerance,
        }

    found = [claim("rows", ours.height, 0)]
    for name in issues.filter(pl.col("issue") == "missing")["column"].unique().sort():
        found.append(claim(f"share_missing({name})", ours[name].null_count() / ours.height, 0.0001))
    for name, rule in RULES.items():
        if rule.allowed and name in ours.columns:
            wrong = sorted(set(ours[name].drop_nulls()) - set(rule.allowed))
            if wrong:
                found.append(claim("rows", ours[name].is_in(wrong).sum(), 0, **{name: wrong}))
        if rule.high and name in ours.columns and (beyond := (ours[name] > rule.high).sum()):
            found.append(claim("rows", beyond, 0, **{name: {"min": rule.high + 0.5}}))
    for name in drift_findings(delivery, reference).filter("drifted")["column"]:
        if ours.schema[name].is_numeric():
            sides = [side[name].drop_nulls().to_numpy() for side in (reference, ours)]
            found.append(claim(f"ks({name})", float(stats.ks_2samp(*sides).statistic), 0.001))
    return found
    ### END SOLUTION


@app.cell(hide_code=True)
def _():
    report_1d = check("CP-1d", lambda: claims)
    report_1d
    return (report_1d,)


@app.cell(hide_code=True)
def _(delivery, reference, report_1d):
    report_1d.gate("The claims about your own delivery appear here when CP-1d passes.")
    mo.ui.table(
        [{_k: str(_v) for _k, _v in _claim.items()} for _claim in claims(delivery, reference)],
        selection=None,
        label="Your claims",
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md("""
    ## The report

    Half a page for the person who decides tonight: load the delivery, load a part of it, or send it back? Which findings
    decide that, who has to do what, what happens to the pipeline until then? A person reads it, beside the rubric;
    no program judges it.
    """)
    return


@app.function
def report() -> str:
    """Return your report, in Markdown."""
    # TODO 8: half a page
    ### BEGIN SOLUTION
    return """
    **Recommendation: do not load the delivery tonight; ask the supplier for it again, load the sound rows meanwhile.**

    The schema can be mapped without guessing (names and dtypes differ, every value survives the way back), except for
    the columns that are not there: whoever trains on them has to say whether they can be left out. Some values are in
    a wrong unit or out of range. They are few and known by row; they go to quarantine with their row numbers, the
    supplier gets the list, the data team owns it. What decides is the drift: the strengths of the new cards are
    distributed otherwise than those the models were trained on. Loading the rows is safe, serving predictions for them
    is not until somebody has measured the error on a labelled sample. If the supplier confirms that the new set is
    meant to be this strong, the recommendation changes to: load, and train again.
    """
    ### END SOLUTION


@app.cell(hide_code=True)
def _(report_1d):
    report_1d.gate("Your report is shown here when CP-1d passes.")
    mo.md(report())
    return


if __name__ == "__main__":
    app.run()
