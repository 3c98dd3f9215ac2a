"""Which modules a worker imports before it sees a submission: those that the notebook imports, as it was handed out."""

import ast
from collections.abc import Iterable, Iterator

from grader.engine.inside.notebook import Notebook

OURS = ("grader", "checks")
"""What workers do not have, or have as a stub."""
CARRIERS = {"pandas": "pyarrow", "polars": "pyarrow", "scipy": "scipy.sparse"}
"""What carries the values of a library across."""


def modules(notebook: str, uses: Iterable[str] = (), hidden: Iterable[str] = ()) -> tuple[str, ...]:
    """Return what a notebook imports at any place, and `uses`. `from a import b` counts as `a` and as `a.b`.

    Nothing of a package of which a task hides something: what was imported once can be found in memory.
    """
    closed = {name.partition(".")[0] for name in hidden}
    trees = [cell.tree for cell in Notebook.parse(notebook).cells if cell.tree is not None]
    names = {name for tree in trees for name in _imports(tree)} | set(uses)
    names |= {CARRIERS[name.partition(".")[0]] for name in names if name.partition(".")[0] in CARRIERS}
    return tuple(sorted(name for name in names if name.partition(".")[0] not in {*OURS, *closed}))


def _imports(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names if alias.name.islower())
