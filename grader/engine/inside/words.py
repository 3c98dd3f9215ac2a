"""The words of a named cell, as people read and judge them."""

import ast
import inspect
import re

from .notebook import Cell, LoadError, Notebook


def named(notebook: Notebook, name: str) -> Cell | None:
    """Return the cell of this name, as marimo saves it: the name of its function."""
    heading = re.compile(rf"^(?:async )?def {re.escape(name)}\(", re.MULTILINE)
    return next(
        (cell for cell in notebook.cells if cell.text.startswith("@app.cell") and heading.search(cell.text)),
        None,
    )


def words(notebook: Notebook, name: str) -> str:
    """Return the text that a cell shows with `mo.md`, or its code where it shows something else. Raises LoadError."""
    cell = named(notebook, name)
    if cell is None:
        raise LoadError(f"the notebook has no cell named `{name}`")
    if cell.tree is None:
        return cell.text
    for node in reversed(cell.tree.body):
        if (
            isinstance(node, ast.Expr)
            and isinstance(node.value, ast.Call)
            and ast.unparse(node.value.func) == "mo.md"
        ):
            return _markdown(node.value.args[0])
    return ast.unparse(cell.tree)


def is_among(cell: Cell, notebook: Notebook) -> bool:
    """Whether a notebook still has a cell with the same code, layout and comments aside."""
    wanted = ast.dump(cell.tree)
    return any(other.tree is not None and ast.dump(other.tree) == wanted for other in notebook.cells)


def _markdown(argument: ast.expr) -> str:
    if isinstance(argument, ast.Constant):
        return inspect.cleandoc(str(argument.value))
    if isinstance(argument, ast.JoinedStr):
        parts = (
            part.value if isinstance(part, ast.Constant) else f"{{{ast.unparse(part.value)}}}"
            for part in argument.values
        )
        return inspect.cleandoc("".join(parts))
    return ast.unparse(argument)
