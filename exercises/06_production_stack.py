import marimo

__generated_with = "0.25.2"
app = marimo.App(width="medium", app_title="Exercises: WRITE: the unit's title [06_production_stack]")

with app.setup(hide_code=True):
    import marimo as mo
    import polars as pl

    from cardshop import world
    from grader import check, title


@app.cell(hide_code=True)
def _():
    mo.md("""
    # Exercises: WRITE: the unit's question

    WRITE: what is to be done here, in two sentences.
    """)
    return


@app.cell(hide_code=True)
def _():
    mo.md(f"""
    ## {title("6.1")}

    WRITE: the story in two sentences.
    """)
    return


@app.cell(hide_code=True)
def _():
    # WRITE: a sample input and its output
    world.load("cards").head(3)
    return


@app.function
def count_rows_6(cards: pl.DataFrame) -> int:
    """Return the number of rows of `cards`. WRITE: every rule that a check enforces."""
    # TODO 1: count the rows (1 line)
    raise NotImplementedError("6.1")


@app.cell(hide_code=True)
def _():
    report_6_1 = check("6.1", lambda: count_rows_6)
    report_6_1
    return (report_6_1,)


@app.cell(hide_code=True)
def _(report_6_1):
    report_6_1.gate("Two ways to do it are compared here when 6.1 passes.")
    mo.md("""
    **Two good ways.** WRITE: compare them: when is which better?
    """)
    return


if __name__ == "__main__":
    app.run()
