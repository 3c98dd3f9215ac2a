"""From the cells of a notebook to one of its definitions, without importing marimo.

Cells share the namespace of one module, as in marimo. A name with an underscore belongs to its cell: where two cells
use the same one, the second is executed in a module of its own, which has what other cells define. Nothing is renamed,
so texts, tracebacks and messages have the names that the learner wrote.
"""

import ast
import asyncio
import inspect
import sys
import types

from .notebook import Cell, LoadError, Notebook


class Loader:
    """Executes what a definition needs, each cell at most once, and nothing else."""

    def __init__(self, notebook: Notebook, name: str = "notebook", file: str | None = None):
        """`name` and `file` are what the cells see as `__name__` and `__file__`."""
        self.notebook = notebook
        self._name, self._file = name, file
        self._modules: list[tuple[types.ModuleType, set[str]]] = []  # with the private names in use
        self._public: dict[str, object] = {}
        self._raised: dict[Cell, BaseException | None] = {}  # of the cells that were executed

    def code(self, name: str) -> str:
        """Return the text of the cells that `name` needs. Raises as `load` does, without executing anything."""
        cell = self._defining(name)
        if cell is None:
            raise LoadError(f"the notebook has no `{name}`")
        return "\0".join(needed.text for needed in self._order(cell))

    def load(self, name: str) -> object:
        """Execute the cells that `name` needs and return it.

        Raises LoadError when it is missing or defined twice, SyntaxError when a needed cell cannot be
        parsed, and whatever the executed cells raise.
        """
        for cell in self.notebook.order(name):
            if cell not in self._raised:
                self._raised[cell] = self._execute(cell)
            if (error := self._raised[cell]) is not None:
                raise error
        if name not in self._public:
            raise LoadError(
                f"the notebook does not keep `{name}`: it is deleted, or defined only under a condition"
            )
        return self._public[name]

    def _execute(self, cell: Cell) -> BaseException | None:
        module = self._module(cell)
        first = self._modules[0][0]
        sys.modules[self._name] = module  # dataclasses and pydantic look names up there
        try:
            if "mo.sql(" in cell.text:
                _show_frames_to_duckdb()
            flags = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
            code = compile(cell.tree, cell.label, "exec", flags=flags, dont_inherit=True)
            if code.co_flags & inspect.CO_COROUTINE:
                asyncio.run(types.FunctionType(code, vars(module))())
            else:
                exec(code, vars(module))  # noqa: S102 - this is what a worker is for
        except BaseException as error:
            return error
        finally:
            sys.modules[self._name] = first
        names = cell.names[0] - cell.private
        self._public |= {name: vars(module)[name] for name in names if name in vars(module)}
        for other, _ in self._modules:
            vars(other).update({name: self._public[name] for name in names if name in self._public})
        return None

    def _module(self, cell: Cell) -> types.ModuleType:
        """The first module in which none of the cell's private names is another's."""
        for module, taken in self._modules:
            if taken.isdisjoint(cell.private):
                taken |= cell.private
                return module
        module = types.ModuleType(self._name)
        vars(module).update(self._public)
        if self._file:
            module.__file__ = self._file
        self._modules.append((module, set(cell.private)))
        return module


def _show_frames_to_duckdb() -> None:
    """Let `mo.sql` find the notebook's tables, although marimo's own function stands between them and DuckDB."""
    import duckdb

    duckdb.execute("SET python_scan_all_frames = true")
