"""Which modules a worker imports before it sees a submission: those that the notebook imports, as it was handed out."""

import ast
import sys
from collections.abc import Iterable, Iterator
from functools import cache
from importlib.machinery import PathFinder
from pathlib import Path

from grader.engine.inside.loader import Notebook

from .manifest import HIDDEN, PACKAGES, ROOT

OURS = ("grader", "checks")
"""What workers do not have, or have as a stub."""
CARRIERS = {"pandas": "pyarrow", "polars": "pyarrow", "scipy": "scipy.sparse"}
"""What carries the values of a library across."""


def modules(notebook: str, uses: Iterable[str] = (), hidden: Iterable[str] = ()) -> tuple[str, ...]:
    """Return the modules that a notebook imports at any place, and those in `uses`.

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
            yield from (alias.name for alias in node.names if _exists(alias.name))
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            if _exists(node.module):
                yield node.module
            inner = (f"{node.module}.{alias.name}" for alias in node.names)
            yield from (name for name in inner if _exists(name))


@cache
def _exists(module: str) -> bool:
    """Whether there is such a module that workers may see, without importing anything."""
    place = [str(ROOT)] if module.partition(".")[0] in PACKAGES else None
    for name in module.split("."):
        spec = PathFinder.find_spec(name, place)
        if spec is None:
            return module in sys.builtin_module_names
        place = list(spec.submodule_search_locations or ())
    return not any(Path(spec.origin or "").is_relative_to(ROOT / path) for path in HIDDEN)
