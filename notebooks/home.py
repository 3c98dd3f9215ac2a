import marimo

__generated_with = "0.25.2"
app = marimo.App(width="full", app_title="ML Dojo")

with app.setup(hide_code=True):
    import marimo as mo
    from grader.page.front import HISTORY, pages
    from grader.page.weekly import Weekly


@app.cell(hide_code=True, expand_output=True)
def _(history):
    start, path = pages(history)
    mo.Html(start)
    return (path,)


@app.cell(hide_code=True, expand_output=True)
def _():
    # Not made again when the history changes: somebody may be writing in it.
    Weekly()
    return


@app.cell(hide_code=True, expand_output=True)
def _(path):
    mo.Html(path)
    return


@app.cell(hide_code=True)
def _():
    # A change of the file runs the page's cell again.
    history = mo.watch.file(HISTORY)
    return (history,)


if __name__ == "__main__":
    app.run()
