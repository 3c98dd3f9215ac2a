"""Which modules a worker imports before it sees a submission: those that the notebook imports, as it was handed out."""

import ast
from collections.abc import Iterable, Iterator
from functools import cache

from grader.engine.inside.notebook import Notebook

from .manifest import ROOT

OURS = ("grader", "checks")
"""What workers do not have, or have as a stub."""
CARRIERS = {"pandas": "pyarrow", "polars": "pyarrow", "scipy": "scipy.sparse"}
"""What carries the values of a library across."""


def modules(notebook: str, uses: Iterable[str] = (), hidden: Iterable[str] = ()) -> tuple[str, ...]:
    """Return what a notebook imports at any place, and `uses`. `from a import b` counts as `a` and as `a.b`.

    Nothing that a task hides, nor a module that imports such a thing: what was imported once can be found in memory.
    """
    closed = frozenset(hidden)
    trees = [cell.tree for cell in Notebook.parse(notebook).cells if cell.tree is not None]
    names = {name for tree in trees for name in _imports(tree)} | set(uses)
    names |= {CARRIERS[name.partition(".")[0]] for name in names if name.partition(".")[0] in CARRIERS}
    return tuple(
        sorted(name for name in names if name.partition(".")[0] not in OURS and not _reached(name) & closed)
    )


@cache
def _reached(name: str) -> frozenset[str]:
    """The modules of the project that are imported with this one, itself and its packages included."""
    reached: set[str] = set()
    pending = [name]
    while pending:
        one = pending.pop()
        parts = one.split(".")
        file = ROOT.joinpath(*parts).with_suffix(".py")
        if not file.is_file():
            file = ROOT.joinpath(*parts, "__init__.py")
        if one in reached or not file.is_file():
            continue
        reached.add(one)
        pending += [".".join(parts[:-1])] if parts[1:] else []
        pending += _imports(ast.parse(file.read_text(encoding="utf-8")))
    return frozenset(reached)


def _imports(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names if alias.name.islower())
