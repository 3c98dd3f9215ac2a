"""From the text of a notebook to one function, whatever marimo or the learner did to the rest."""

import pytest

from grader.engine.inside.loader import LoadError, Notebook, same

NOTEBOOK = '''# /// script
# dependencies = ["nothing"]
# ///
import marimo

__generated_with = "0.25.2"
app = marimo.App(width="medium")

with app.setup:
    import math

    LIMIT = 3


@app.function
def top(x: int) -> int:
    return helper(x) + LIMIT


@app.cell
def _():
    factor = 10
    _hidden = 1
    return (factor,)


@app.cell(hide_code=True)
def _(factor):
    """a cell, with a private name"""
    _hidden = 2

    def helper(x):
        return x * factor * _hidden

    return (helper,)


@app.cell
def _():
    raise RuntimeError("a cell that nobody needs")
    return


app._unparsable_cell(
    r"""
    def broken(x:
        return x
    """,
    name="_"
)


@app.class_definition
class Box:
    size: int = 2


@app.cell
async def _():
    import asyncio

    await asyncio.sleep(0)
    slept = True
    return (slept,)


@app.function
def after(x):
    return slept


if __name__ == "__main__":
    app.run()
'''


def test_a_function_comes_with_the_cells_that_it_needs_and_no_others():
    notebook = Notebook.parse(NOTEBOOK)
    assert notebook.load("top")(1) == 1 * 10 * 2 + 3
    assert notebook.load("helper")(2) == 40
    assert notebook.load("Box").size == 2
    assert notebook.load("after")(0) is True


def test_what_cannot_be_loaded_says_why():
    with pytest.raises(SyntaxError):
        Notebook.parse(NOTEBOOK).load("broken")
    with pytest.raises(LoadError, match="no `nothing`"):
        Notebook.parse(NOTEBOOK).load("nothing")
    with pytest.raises(LoadError, match="2 cells"):
        Notebook.parse(NOTEBOOK + "\n@app.function\ndef top(x):\n    return 1\n").load("top")


def test_what_looks_like_a_decorator_in_a_text_is_text():
    told = 'TEXT = """\n@app.cell\nif __name__ == "__main__":\n"""'
    notebook = Notebook.parse(NOTEBOOK.replace("factor = 10", f"factor = 10\n    {told}"))
    assert notebook.load("top")(1) == 23


def test_a_broken_cell_costs_only_what_depends_on_it():
    notebook = Notebook.parse(NOTEBOOK.replace("factor = 10", "factor = = 10"))
    assert notebook.load("Box").size == 2
    with pytest.raises(SyntaxError):
        notebook.load("top")


def test_the_cells_of_a_kernel_give_the_same_functions():
    notebook = Notebook.from_cells(
        ["import math", "def area(r):\n    return math.pi * r * scale", "scale = 2"]
    )
    assert notebook.load("area")(1) == pytest.approx(6.283, abs=1e-3)


def test_layout_is_no_difference_and_code_is():
    one = Notebook.parse(NOTEBOOK).definition("top")
    again = '"""Doc."""\n    # why\n    return (helper(x)\n        + LIMIT)'
    reformatted = NOTEBOOK.replace("return helper(x) + LIMIT", again)
    assert same(one, Notebook.parse(reformatted).definition("top"))
    assert not same(one, Notebook.parse(NOTEBOOK.replace("+ LIMIT", "- LIMIT")).definition("top"))
