"""From the text of a notebook to one function, whatever marimo or the learner did to the rest."""

import sys
import time
import typing

import pytest

from grader.engine.inside.loader import Loader
from grader.engine.inside.notebook import LoadError, Notebook, same, split

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


def load(text: str | list[str], name: str) -> object:
    notebook = Notebook.parse(text) if isinstance(text, str) else Notebook.from_cells(text)
    return Loader(notebook).load(name)


def test_a_function_comes_with_the_cells_that_it_needs_and_no_others():
    loader = Loader(Notebook.parse(NOTEBOOK))
    assert loader.load("top")(1) == 1 * 10 * 2 + 3
    assert loader.load("helper")(2) == 40
    assert loader.load("Box").size == 2
    assert loader.load("after")(0) is True


def test_what_cannot_be_loaded_says_why():
    with pytest.raises(SyntaxError) as raised:
        load(NOTEBOOK, "broken")
    assert NOTEBOOK.splitlines()[raised.value.lineno - 1].strip() == "def broken(x:"
    with pytest.raises(LoadError, match="no `nothing`"):
        load(NOTEBOOK, "nothing")
    with pytest.raises(LoadError, match="2 cells"):
        load(NOTEBOOK + "\n@app.function\ndef top(x):\n    return 1\n", "top")
    with pytest.raises(LoadError, match="does not keep `f`"):
        load(["def f(x):\n    return x\ndel f"], "f")


def test_what_looks_like_a_decorator_in_a_text_is_text():
    told = 'TEXT = """\n@app.cell\nif __name__ == "__main__":\n"""'
    assert load(NOTEBOOK.replace("factor = 10", f"factor = 10\n    {told}"), "top")(1) == 23


def test_a_broken_cell_costs_only_what_depends_on_it():
    text = NOTEBOOK.replace("factor = 10", "factor = = 10")
    assert load(text, "Box").size == 2
    with pytest.raises(SyntaxError):
        load(text, "top")


def test_the_parts_of_a_file_are_the_file():
    parts = split(NOTEBOOK)
    assert "".join(text for _, text in parts) == NOTEBOOK
    kinds = "app setup function cell cell cell _unparsable_cell class_definition cell function if"
    assert [kind for kind, _ in parts] == ["", *kinds.split()]


def test_a_plain_script_is_one_cell_without_what_it_does_when_it_is_run():
    text = (
        "LIMIT = 3\n\ndef top(x):\n    return x + LIMIT\n\nif __name__ == '__main__':\n    raise SystemExit\n"
    )
    assert load(text, "top")(1) == 4


def test_the_time_grows_with_the_size():
    head = "import marimo\napp = marimo.App()\n"
    broken = head + "@app.cell\ndef _():\n    x = = 1\n    return\n" * 60_000
    deep = head + "@app.function\ndef top():\n    return " + "-" * 300_000 + "1\n"
    blank = head + "@app.cell\ndef top(:\n" + "\n" * 500_000
    for text in (broken, deep, blank):
        start = time.process_time()
        notebook = Notebook.parse(text)
        assert notebook.definition("top") is None
        with pytest.raises((LoadError, SyntaxError)):
            notebook.order("top")
        assert time.process_time() - start < 2


def test_private_names_belong_to_their_cells_and_keep_their_names():
    cells = [
        "_rate = 2\n\nclass Rate:\n    _rate = _rate + 1\n    twin: '_Twin'\n\nclass _Twin: pass",
        "_rate = 10\n\ndef top(x):\n    return x * _rate * globals()['_rate'] + Rate._rate + other(0)",
        "_rate = 0\nfor _ in range(3):\n    _rate += 1\n\ndef other(x):\n    return [_n + _rate for _n in [x]][0]",
        "def lost():\n    return _rate",
    ]
    loader = Loader(Notebook.from_cells(cells))
    assert loader.load("top")(1) == 100 + 3 + 3
    with pytest.raises(NameError, match="name '_rate' is not defined"):
        loader.load("lost")()
    assert (
        typing.get_type_hints(loader.load("Rate"), vars(sys.modules["notebook"]))["twin"].__name__ == "_Twin"
    )


def test_names_in_texts_are_needed_too():
    cells = ["def hidden():\n    return 3", "def top():\n    return globals()['hidden']() + len(CREATED)"]
    cells += ["class Card: pass", "def typed(card: 'Card | None' = None):\n    return card", "CREATED = 'x'"]
    assert load(cells, "top")() == 4
    assert typing.get_type_hints(load(cells, "typed"))


def test_layout_is_no_difference_and_code_is():
    one = Notebook.parse(NOTEBOOK).definition("top")
    again = '"""Doc."""\n    # why\n    return (helper(x)\n        + LIMIT)'
    reformatted = NOTEBOOK.replace("return helper(x) + LIMIT", again)
    assert same(one, Notebook.parse(reformatted).definition("top"))
    assert not same(one, Notebook.parse(NOTEBOOK.replace("+ LIMIT", "- LIMIT")).definition("top"))
