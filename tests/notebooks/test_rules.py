"""Each rule of the contract catches what it is there for, and lets its neighbours pass."""

from pathlib import Path

import pytest

from grader.authoring import contract, rehearsal

HEAD = "import marimo\n\napp = marimo.App()\n\nwith app.setup:\n    import marimo as mo\n"


def notebook(*cells: str, setup: str = "", arguments: str = "") -> str:
    """A notebook with these cells; each is the body of one."""
    text = HEAD + "".join(f"    {line}\n" for line in setup.splitlines())
    for cell in cells:
        body = "\n".join(f"    {line}" for line in cell.splitlines())
        text += f"\n\n@app.cell{arguments}\ndef _():\n{body}\n    return\n"
    return text


def said(text: str, label: str = "notebooks/01_x.py", entries: frozenset[str] = frozenset()) -> str:
    return "\n".join(contract.faults(contract.Draft.parse(text, label, entries)))


@pytest.mark.parametrize(
    ("cells", "fault"),
    [
        (["x = mo.ui.slider(0, 9)\nx"], "no other cell reads `x.value`"),
        (["x = mo.ui.run_button()\nx", "mo.hstack([x])"], "no other cell reads `x.value`"),
        (["mo.md(f'{mo.ui.slider(0, 9)}')"], "bound to no global"),
        (["_x = mo.ui.slider(0, 9)"], "bound to no global"),
        (["mo.vstack([quiz('01', 'a'), 1])"], "part of something larger"),
        (["predict('?', options=['a'], key=name)"], "needs key"),
        (
            ["mo.md('It depends')", "check('CP-1', lambda: decision)"],
            "names `decision`, which no cell defines",
        ),
        (["mo.md('There are 151 species')"], "151 species"),
        (["mo.md(f'There are {n} of 151')"], "of 151"),
        (["mo.md('ten ' + '10x faster')"], "10x faster"),
        (["reveal('Why?', 'Because 3 of 4 fail', key='k')"], "3 of 4"),
        (["aha(['Polars took 2 of them'], key='k')"], "took 2 of"),
        (["\n".join(f"x{n} = {n}" for n in range(30))], "30 lines of code"),
    ],
)
def test_a_fault_is_found(cells: list[str], fault: str) -> None:
    assert fault in said(notebook(*cells))


@pytest.mark.parametrize(
    "cells",
    [
        ["x = mo.ui.slider(0, 9)\nx", "x.value + 1"],
        ["x = mo.ui.array([mo.ui.slider(0, 9)])\nx", "x[0].value"],
        ["mo.ui.table(cards, selection=None)"],
        ["def row(n):\n    return mo.ui.slider(0, n)"],
        ["guess = predict('?', options=['a'], key='k')\nguess"],
        ["quiz('01', 'a')"],
        ["decision = mo.md('It depends')", "check('CP-1', lambda: decision)"],
        ["mo.md(f'There are {len(species)} species, {share:.1%} of `151`, see KND-004, exercise 1.3, p95')"],
        ["mo.md('It takes 10 min, since 2024, at 10:30, on 2024-05-03, with Python 3.11: $x^2$')"],
        ["mo.md('# 2 Contracts\\n\\n1. one\\n2. two\\n\\n```python\\nx = 3\\n```')"],
        ["mo.md('The first generation has <span data-literal>151</span> species')"],
    ],
)
def test_what_is_right_passes(cells: list[str]) -> None:
    assert said(notebook(*cells)) == ""


def test_hidden_code_may_be_long() -> None:
    body = "\n".join(f"x{n} = {n}" for n in range(30))
    assert said(notebook(body, arguments="(hide_code=True)")) == ""


@pytest.mark.parametrize(
    ("setup", "right"),
    [
        ("import polars as pl\nSEED = 7\nROOT = Path('x') / 'y'", True),
        ("cards = load('cards')", False),
        ("print(1)", False),
        ("for n in []:\n    pass", False),
    ],
)
def test_setup(setup: str, right: bool) -> None:
    assert (said(notebook("1", setup=setup)) == "") is right


def test_a_gate_is_asked_for() -> None:
    entries = frozenset({"find_issues"})
    assert "without a gate" in said(notebook("find_issues(cards)"), entries=entries)
    assert said(notebook("report.gate()\nfind_issues(cards)"), entries=entries) == ""
    assert said(notebook("check('1.1b', find_issues)"), entries=entries) == ""


def test_keys_are_collected() -> None:
    found = contract.keys(contract.Draft.parse(notebook("rate('?', key='a')", "aha([], key='b')")))
    assert found == ["rate a", "aha b"]


def run(tmp_path: Path, *cells: str) -> str:
    path = tmp_path / "bad.py"
    path.write_text(notebook(*cells), encoding="utf-8")
    return "\n".join(rehearsal.rehearse(path))


def test_an_extreme_that_divides_by_zero(tmp_path: Path) -> None:
    found = run(tmp_path, "share = mo.ui.slider(0, 9, value=3)", "part = 1 / share.value")
    assert "with share at 0: ZeroDivisionError" in found


def test_an_option_that_nobody_tried(tmp_path: Path) -> None:
    found = run(tmp_path, "kind = mo.ui.dropdown(['a', 'b'], value='a')", "{'a': 1}[kind.value]")
    assert found.startswith("with kind at 'b': KeyError")


def test_a_stop_is_no_fault(tmp_path: Path) -> None:
    cells = [
        "share = mo.ui.slider(0, 9, value=3)",
        "mo.stop(share.value == 0)\npart = 1 / share.value",
        "part + 1",
    ]
    assert run(tmp_path, *cells) == ""


def test_another_host(tmp_path: Path) -> None:
    found = run(tmp_path, "import socket\nsocket.create_connection(('192.0.2.1', 80), 1)")
    assert "wanted to reach 192.0.2.1" in found


def test_too_slow(tmp_path: Path) -> None:
    path = tmp_path / "slow.py"
    path.write_text(notebook("while True: pass"), encoding="utf-8")
    assert rehearsal.rehearsed(path, seconds=1) == ["slow.py: it does not run within 1 seconds"]
