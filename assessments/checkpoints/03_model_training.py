import marimo

__generated_with = "0.25.2"
app = marimo.App(
    width="medium", app_title="Checkpoint: debug the failing model [CP-3]"
)

with app.setup(hide_code=True):
    import marimo as mo
    import numpy as np
    import polars as pl
    from cardshop.training import casebook
    from cardshop.training.casebook import (
        CAUSES,
        COLUMNS,
        Model,
        code,
        measure,
        score,
    )
    from grader import check, small_table, title
    from sklearn.ensemble import RandomForestClassifier
    from sklearn.linear_model import LogisticRegression
    from sklearn.neighbors import KNeighborsClassifier
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler
    from sklearn.tree import DecisionTreeClassifier

    SEED = (
        1  # your own cases: the number that your instructor gave you, or any other
    )


@app.cell(hide_code=True)
def _():
    mo.md(f"""
    # {title("CP-3")}

    Five teams ask you for help: each has a model that predicts whether an offer will be sold within a week. Some of these models fail
    in production, and one may be as good as its data allow.

    **Start here:** choose a case below and read its story, its code and its log. What would you compute first?

    - Your functions are judged on cases that you have not seen. Your own five are there to look at and to try things on.
    - Another `SEED` in the setup cell gives you five other cases, and `casebook.example("leak", 7)` a case whose cause you know.
    - A reviewer reads what you write about one case at the end.
    """)
    return


@app.cell
def _():
    cases = casebook.cases(SEED)
    return (cases,)


@app.cell(hide_code=True)
def _(cases):
    chosen_case = mo.ui.dropdown(
        {f"case {_at}": _at for _at in range(len(cases))},
        value="case 0",
        label="Look at",
    )
    chosen_case
    return (chosen_case,)


@app.cell(hide_code=True)
def _(cases, chosen_case):
    _case = cases[chosen_case.value]
    mo.vstack(
        [
            mo.md(_case["story"]),
            mo.ui.tabs(
                {
                    "code": mo.md(f"```python\n{_case['code']}```"),
                    "log": small_table(_case["log"]),
                    "history": small_table(_case["history"].head(8)),
                    "production": small_table(_case["production"].head(8)),
                    "metrics": small_table(
                        [
                            {"score": _name, "value": f"{_value:.3f}"}
                            for _name, _value in _case["metrics"].items()
                        ]
                    ),
                }
            ),
        ]
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md("""
    A **case** is a dict.

    | key | what it holds |
    |---|---|
    | `story`, `code` | texts. `code(case)` runs the code and returns its `prepare` and `model` (not fitted) |
    | `goal` | the metric by which the shop judges the model: `accuracy` or `balanced_accuracy` |
    | `history` | labelled offers. `sold` is the label, `side` is `train` or `validation`, and `predicted` is what the model said. For some offers a second person looked up the label: `second_look` |
    | `production` | last week's offers, as the shop sends them to the model. Their labels are not known yet |
    | `metrics` | the team's `train` and `validation` score by its own metric, and the `production` score by the goal |
    | `log` | each setting that the team tried, where a larger `flexibility` is a more flexible model: its scores by the team's metric, and the score on the validation rows by the `goal`. `runs` marks the setting that runs in production |

    The seven columns that a model may know are in `COLUMNS`. Some teams give them in their own units, others as *z-scores*: minus the mean, divided by
    the standard deviation.
    """)
    return


@app.cell(hide_code=True)
def _():
    _rows = "\n    ".join(
        f"| `{_name}` | {_meaning} |" for _name, _meaning in CAUSES.items()
    )
    mo.md(f"""
    ## {title("CP-3a")}

    Name the cause of each case, and one number that shows it. The same code can be right for one case and wrong for another.

    | cause | what it means |
    |---|---|
    {_rows}
    """)
    return


@app.cell(hide_code=True)
def _():
    _rows = "\n    ".join(
        f"| `{_name}{'(column)' if _name in casebook.OF_COLUMN else ''}` | {' '.join(_one.__doc__.split())} |"
        for _name, _one in casebook.STATISTICS.items()
    )
    mo.md(f"""
    The **evidence** is a statistic of the case, computed with `measure(case, "order")` or `measure(case, "alone(visits)")`. Every score
    in this table is by the goal.

    | statistic | what it is |
    |---|---|
    {_rows}

    Not every statistic is evidence: some are large in healthy cases too, and some are large for several causes. The answers for two cases look like this:

    ```python
    {{"cause": "skew", "statistic": "moved(visits)", "value": 0.97}}
    {{"cause": "healthy", "statistic": None, "value": None}}
    ```
    """)
    return


@app.cell(hide_code=True)
def _(cases):
    small_table(
        [
            {
                "statistic": _name,
                **{
                    f"case {_at}": largest(_case, _name)
                    for _at, _case in enumerate(cases)
                },
            }
            for _name in casebook.STATISTICS
        ],
        label="The statistics of your cases; of those that need a column, the largest value",
    )
    return


@app.function
def diagnosis(case: dict) -> dict:
    """Return the `cause` of one case, and the `statistic` and `value` that show
    it.

    - `cause` is a key of `CAUSES`.
    - `statistic` is a text that `measure` understands, and `value` is what it
      returns, within 0.005. Both are None if the cause is healthy.
    - The statistic shows the cause: no healthy case has such a value, and the
      column is the one that is at fault.
    """
    # TODO 1: for each cause, the statistic that shows it, and from which value
    #   on it does. If two causes show the same signs, which one do you ask
    #   about first? (about 12 lines)
    # TODO 2: compute them one after the other (about 12 lines)
    raise NotImplementedError("CP-3a")


@app.cell(hide_code=True)
def _():
    report_3a = check("CP-3a", lambda: diagnosis)
    report_3a
    return (report_3a,)


@app.cell(hide_code=True)
def _(cases, report_3a):
    report_3a.gate("The diagnoses of your own cases appear here when CP-3a passes.")
    small_table(
        [
            {
                "case": _at,
                "cause": _one["cause"],
                "statistic": _one["statistic"] or "",
                "value": "" if _one["value"] is None else f"{_one['value']:.3f}",
            }
            for _at, _one in enumerate(map(diagnosis, cases))
        ],
        label="Your cases",
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md(f"""
    ## {title("CP-3b")}

    A diagnosis is worth what its repair wins back. Return a fitted model that does better in production than the given one.

    `Model(prepare, estimator, threshold)` puts the three parts together. `prepare` gets the rows and returns the columns that the `estimator` sees; the
    model answers `True` if the probability of a sale reaches the `threshold`:

    ```python
    model = Model(code(case).prepare, RandomForestClassifier(), threshold=0.5)
    model.fit(case["history"])
    model.predict(case["production"])  # an array of True and False
    ```

    The grader asks your model about {casebook.JUDGED:,} offers in production, and scores its answers by the goal of the case. A repair counts if it
    wins back at least {casebook.WON:.0%} of what our own repair does. A healthy case counts if your model loses at most {casebook.LOST}.
    """)
    return


@app.function
def selected(case: dict, prepare, history: pl.DataFrame) -> Model:
    """Return a model that is fitted on `history` and was selected by the goal
    of the case, without the rows in production.
    """
    # TODO 3: a few estimators and thresholds, fitted on one part of the history
    #   and compared on the other (about 14 lines)
    raise NotImplementedError("CP-3b")


@app.function
def repair(case: dict) -> Model:
    """Return a fitted model for the case that does well in production.

    Its method `predict(rows)` returns one boolean for each row: True if the
    offer will be sold. `rows` has the columns of `case["production"]` without
    `predicted`, as the shop sends them. The answer about a row does not depend
    on the other rows.
    """
    # TODO 4: mend what your diagnosis says: the labels, the rows, the columns,
    #   or what production sends (about 20 lines)
    raise NotImplementedError("CP-3b")


@app.cell(hide_code=True)
def _():
    report_3b = check("CP-3b", lambda: repair)
    report_3b
    return (report_3b,)


@app.cell(hide_code=True)
def _(report_3b):
    report_3b.gate("Two good ways to repair a model appear here when CP-3b passes.")
    mo.md("""
    **Two good ways to repair.** You can change *only what the diagnosis names* and keep the team's estimator. The change is small, the team
    understands it, and a comparison shows what the flaw cost. Or you can mend the data and *select the model again*. That wins more where the old
    setting was chosen on flawed scores: after copies are removed, another setting is best.

    **What you can do now:** find the cause of a failing model by a number that shows it, and repair the model so that production gets better.
    """)
    return


@app.cell(hide_code=True)
def _():
    mo.md(f"""
    ## {title("CP-3c")}

    Choose one of your cases in which something is wrong. Write half a page for the team that owns the model: what is the cause, which other cause looked
    possible, and what do they have to change so that it does not happen again? A reviewer marks what you write in the cell `reasoning` (keep its name), with
    two questions.

    **Does the evidence decide between the cause and its nearest rival?**

    | points | for example |
    |---|---|
    | none | “The model overfits, because production is worse than validation.” |
    | half | “Half of the validation rows are copies of training rows, so the score is too high.” |
    | all | “Half of the validation rows are copies of training rows. The drop could also come from a change over time; but without the copies, random and ordered split give the same score.” |

    **Can the team act on it, and would they notice the next time?**

    | points | for example |
    |---|---|
    | none | “The data should be cleaned.” |
    | half | “Remove the copies before the split and train again.” |
    | all | “Remove the copies before the split and select the depth again; expect four offers in five to be right in production, not nineteen in twenty as in your report. A test in the training job fails when a validation row equals a training row.” |
    """)
    return


@app.cell
def reasoning():
    # TODO 5: half a page of Markdown between the quotation marks
    written = mo.md("""
    *Your text appears here.*
    """)
    written
    return (written,)


@app.cell(hide_code=True)
def _(written):
    report_3c = check("CP-3c", lambda: written)
    report_3c
    return


@app.function(hide_code=True)
def largest(case: dict, name: str) -> str:
    """Return a statistic of a case in words; where it needs a column, the largest value and its column."""
    if name not in casebook.OF_COLUMN:
        return f"{measure(case, name):.2f}"
    value, column = max(
        (measure(case, f"{name}({column})"), column) for column in COLUMNS
    )
    return f"{value:.2f} {column}"


if __name__ == "__main__":
    app.run()
