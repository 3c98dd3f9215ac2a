"""Mutants are valid, different from the original and from each other in what they do, and always the same."""

import ast

from grader.authoring.mutants import MOST, mutants

SOURCE = """
def shelf(cards, limit=3):
    '''Keep this sentence.'''
    kept = [card for card in cards if card < limit and card]
    print(kept, sep=";")
    return sorted(kept, reverse=True)
"""


def made(source=SOURCE):
    return mutants(ast.parse(source).body[0])


def test_each_mutant_is_python_and_changes_something():
    original = ast.unparse(ast.parse(SOURCE))
    for mutant in made():
        assert ast.unparse(ast.parse(mutant.code)) != original and mutant.change
        assert "Keep this sentence." in mutant.code
    assert len({mutant.code for mutant in made()}) == len(made())


def test_every_kind_of_fault_is_planted():
    changes = "\n".join(mutant.change for mutant in made())
    for change in (
        "card < limit -> card <= limit",
        "and card -> card < limit or card",
        "3 -> 4",
        "without sep=';'",
        "True -> False",
        "without return",
        "without print",
    ):
        assert change in changes, changes


def test_they_are_few_and_the_same_each_time():
    long = "def f(x):\n" + "    x = x + 1\n" * 100 + "    return x\n"
    assert len(made(long)) == MOST and made(long) == made(long)
