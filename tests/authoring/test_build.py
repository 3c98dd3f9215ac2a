"""Exercises are what is left of solutions, and nothing else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.authoring.build import BuildError, build

SOLUTION = '''app = marimo.App()


@app.function
def helper(x):
    # TODO 1: think
    ### BEGIN SOLUTION
    y = x + 1
    ### END SOLUTION
    return y


@app.function
def answer(x):
    """Doc."""
    ### BEGIN SOLUTION
    x = helper(x)
    ### END SOLUTION
    # TODO 2: more
    ### BEGIN SOLUTION
    return x
    ### END SOLUTION


@app.cell
def _():
    ### SOLUTION ONLY
    print("secret")
    return


@app.cell
def _():
    print("kept")
    return
'''


def test_blocks_go_and_everything_else_stays():
    exercise = build(SOLUTION, {"answer": "1.1"})
    assert exercise.count('raise NotImplementedError("1.1")') == 2
    for gone in ("y = x + 1", "helper(x)\n    #", "return x\n    #", "secret", "### "):
        assert gone not in exercise
    for kept in ("# TODO 1: think", "# TODO 2: more", '"""Doc."""', "return y", 'print("kept")'):
        assert kept in exercise


def test_what_is_handed_out_stands_in_the_place_of_the_answer():
    repaired = """    ### BEGIN SOLUTION
    return x + 1
    ### HANDED OUT
    # return x - 1
    ### END SOLUTION
"""
    assert (
        build(f"@app.function\ndef answer(x):\n{repaired}", {"answer": "1"})
        == "@app.function\ndef answer(x):\n    return x - 1\n"
    )
    with pytest.raises(BuildError, match="commented"):
        build("@app.function\ndef answer(x):\n" + repaired.replace("# return", "return"), {"answer": "1"})


@given(st.text(alphabet=st.sampled_from("ab #\n@defapp.cell():"), max_size=300))
def test_text_without_marks_stays_as_it_is(text):
    assert build(text, {}) == text


@pytest.mark.parametrize("mark", ["### BEGIN SOLUTION", "### END SOLUTION"])
def test_a_mark_that_is_left_alone_is_refused(mark):
    with pytest.raises(BuildError):
        build(SOLUTION.replace(mark, "#", 1), {"answer": "1.1"})
