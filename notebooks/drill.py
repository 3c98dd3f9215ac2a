import marimo

__generated_with = "0.25.2"
app = marimo.App(width="medium", app_title="Drill")

with app.setup(hide_code=True):
    import marimo as mo
    from grader.page.drill import practice, stopwatch


@app.cell(hide_code=True)
def _():
    mo.md("""
    # A few minutes of practice

    You forget what you don't use. A question that you got wrong returns at once, one that you got right after a day,
    then after three, then after a week. In a terminal, `dojo drill` asks the same ones.
    """)
    return


@app.cell(hide_code=True)
def _():
    practice()
    return


@app.cell(hide_code=True)
def _():
    mo.md("""
    ## Against the clock

    Take paper or an empty notebook, start the clock, and do it without looking anything up.
    """)
    return


@app.cell(hide_code=True)
def _():
    stopwatch()
    return


if __name__ == "__main__":
    app.run()
