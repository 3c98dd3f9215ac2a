import marimo

__generated_with = "0.25.2"
app = marimo.App(width="medium", app_title="Checkpoint: WRITE: its title [CP-6]")

with app.setup(hide_code=True):
    import marimo as mo
    import polars as pl

    from cardshop import world
    from grader import check, title


@app.cell(hide_code=True)
def _():
    mo.md(f"""
    # {title("CP-6")}

    WRITE: what is to be done here, in two sentences.
    """)
    return


@app.cell(hide_code=True)
def _():
    mo.md(f"""
    ## {title("CP-6a")}

    WRITE: the story in two sentences.
    """)
    return


@app.cell(hide_code=True)
def _():
    # WRITE: a sample input and its output
    world.load("cards").head(3)
    return


@app.function
def count_new_rows_6(cards: pl.DataFrame) -> int:
    """Return the number of rows of `cards`. WRITE: every rule that a check enforces."""
    # TODO 1: count the rows (1 line)
    raise NotImplementedError("CP-6a")


@app.cell(hide_code=True)
def _():
    report_CP_6 = check("CP-6a", lambda: count_new_rows_6)
    report_CP_6
    return


if __name__ == "__main__":
    app.run()
