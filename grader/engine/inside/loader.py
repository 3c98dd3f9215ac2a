"""From the text of a marimo notebook to one of its definitions, without importing marimo.

The learner's editor saves a function either as `@app.function` or inside an `@app.cell`, depending on
details that nobody who learns should have to know; both are accepted. The text is split at marimo's
decorators before anything is parsed, so one broken cell costs only what depends on it; on the setup cell all do.
"""

import ast
import asyncio
import copy
import dis
import inspect
import linecache
import re
import sys
import textwrap
import types
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

_START = re.compile(
    r"^(?:@app\.|with app\.setup\b|app\._unparsable_cell\(|app\s*=\s*marimo\.App\(|if __name__\s*==)",
    re.MULTILINE,
)


class LoadError(Exception):
    """The notebook does not have the wanted definition in a usable form; the text says why."""


@dataclass
class Cell:
    """One cell. It is parsed and compiled when that is asked for: most of a notebook never is."""

    label: str  # the file name that a traceback shows
    text: str
    line: int = 0  # of the file, before the first of the cell
    wrapped: bool = True  # as marimo saves it; False: as it is typed
    error: SyntaxError | None = None  # why there is no tree

    @property
    def setup(self) -> bool:
        return self.wrapped and self.text.startswith("with app.setup")

    @cached_property
    def tree(self) -> ast.Module | None:
        """Its statements at the top level of a module."""
        try:
            tree = ast.parse(
                "\n" * self.line + self.text, self.label
            )  # so that its lines are those of the file
            return ast.Module(list(_statements(tree.body, self)), []) if self.wrapped else tree
        except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
            return self._fail(error)

    @cached_property
    def names(self) -> tuple[set[str], set[str]]:
        """What the cell defines and what it needs."""
        if self.tree is None:
            return set(), set()
        try:
            defines, needs = _names(self.tree, self.label)
            private = {name for name in defines if name.startswith("_") and not name.startswith("__")}
            if not private:
                return defines, needs
            prefix = re.sub(
                r"\W", "_", f"_cell_{self.line}_{self.label}"
            )  # private to the cell, as in marimo
            _Renaming({name: prefix + name for name in private}).visit(self.tree)
            return _names(self.tree, self.label)
        except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
            self.tree = self._fail(error)
            return set(), set()

    def _fail(self, error: Exception) -> None:
        self.error = (
            error
            if isinstance(error, SyntaxError)
            else SyntaxError(str(error) or "the cell is nested too deeply")
        )

    def mentions(self, name: str) -> bool:
        """Whether a cell that cannot be parsed looks as if it defined `name`."""
        return bool(
            re.search(rf"^\s*(?:(?:async\s+)?def|class)\s+{name}\b|^\s*{name}\s*=[^=]", self.text, re.M)
        )


class Notebook:
    """The cells of a notebook. `load` executes what one definition needs, and nothing else."""

    def __init__(self, cells: list[Cell]):
        self.cells = cells
        self._module = types.ModuleType("notebook")
        self._state: dict[int, BaseException | None] = {}  # cells that were executed, and what they raised

    @classmethod
    def parse(cls, text: str, label: str = "notebook.py") -> "Notebook":
        """Read the text of a notebook file."""
        text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "�")
        linecache.cache[label] = (len(text), None, text.splitlines(keepends=True), label)
        starts, lines = [match.start() for match in _START.finditer(text)], _statement_lines(text)
        if lines:  # what looks like a decorator may be a line of a text
            starts = [start for start in starts if text.count("\n", 0, start) + 1 in lines]
        cells = []
        for start, end in zip(starts, [*starts, len(text)][1:], strict=True):
            segment = text[start:end]
            if not segment.startswith(("app =", "app=", "if __name__")):
                cells.append(Cell(label, segment, text.count("\n", 0, start)))
        if not starts:  # a plain script: everything in it is one cell
            cells.append(Cell(label, text))
        return cls(cells)

    @classmethod
    def from_cells(cls, codes: list[str]) -> "Notebook":
        """Take the code of the cells as a running notebook has them, in its order."""
        cells = []
        for number, code in enumerate(codes, start=1):
            label = f"cell {number}"
            linecache.cache[label] = (len(code), None, code.splitlines(keepends=True), label)
            cells.append(Cell(label, code, wrapped=False))
        return cls(cells)

    def definition(self, name: str) -> ast.stmt | None:
        """Return the one function or class statement that defines `name`, or None."""
        found = [
            node
            for cell in self.cells
            if name in cell.text and cell.tree
            for node in cell.tree.body
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) and node.name == name
        ]
        return found[0] if len(found) == 1 else None

    def code(self, name: str) -> str:
        """Return the text of the cells that `name` needs. Raises as `load` does, without executing anything."""
        cell = self._defining(name)
        if cell is None:
            raise LoadError(f"the notebook has no `{name}`")
        return "\0".join(needed.text for needed in self._order(cell))

    def load(self, name: str) -> object:
        """Execute the cells that `name` needs and return it.

        Raises LoadError when it is missing or defined twice, SyntaxError when its cell cannot be
        parsed, and whatever the executed cells raise.
        """
        cell = self._defining(name)
        if cell is None:
            raise LoadError(f"the notebook has no `{name}`")
        for needed in self._order(cell):
            self._execute(needed)
        return vars(self._module)[name]

    def _defining(self, name: str) -> Cell | None:
        for setup in (True, False):  # an import of the setup cell that is repeated elsewhere does no harm
            found = [
                cell
                for cell in self.cells
                if cell.setup is setup and name in cell.text and name in cell.names[0]
            ]
            if len(found) > 1:
                raise LoadError(f"`{name}` is defined in {len(found)} cells; keep one of them")
            if found:
                return found[0]
        for cell in self.cells:
            if name in cell.text and cell.tree is None and cell.mentions(name):
                raise cell.error
        return None

    def _order(self, wanted: Cell) -> list[Cell]:
        """The cells to execute for `wanted`, dependencies first; the setup cell before all."""
        order: list[Cell] = []
        seen: set[int] = set()

        def visit(cell: Cell) -> None:
            if id(cell) in seen:
                return
            seen.add(id(cell))
            defines, needs = cell.names
            for name in sorted(needs - defines):
                needed = self._defining(name)
                if needed is not None:
                    visit(needed)
            order.append(cell)

        for cell in self.cells:
            if cell.setup:
                _ = cell.names  # what does not compile has no tree any more
                if cell.tree is None:
                    raise cell.error
                visit(cell)
        visit(wanted)
        return order

    def _execute(self, cell: Cell) -> None:
        if id(cell) not in self._state:
            sys.modules[self._module.__name__] = self._module  # dataclasses and pydantic look it up
            self._state[id(cell)] = None
            try:
                code = compile(
                    cell.tree, cell.label, "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT, dont_inherit=True
                )
                if code.co_flags & inspect.CO_COROUTINE:
                    asyncio.run(types.FunctionType(code, vars(self._module))())
                else:
                    exec(code, vars(self._module))  # noqa: S102 - this is what a worker is for
            except BaseException as error:
                self._state[id(cell)] = error
        if self._state[id(cell)] is not None:
            raise self._state[id(cell)]


def same(one: ast.AST | None, other: ast.AST | None) -> bool:
    """Whether two definitions are the same code: layout, comments, docstring and decorators aside."""
    return one is not None and other is not None and _bare(one) == _bare(other)


def _bare(node: ast.AST) -> str:
    node = copy.deepcopy(node)
    node.decorator_list = []
    if ast.get_docstring(node) is not None:
        node.body = node.body[1:]
    return ast.dump(node)


def _statement_lines(text: str) -> set[int]:
    """The lines on which the statements of a file begin, decorators included; none if it cannot be parsed whole."""
    try:
        body = ast.parse(text).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return set()
    return {part.lineno for node in body for part in (node, *getattr(node, "decorator_list", []))}


def _statements(body: list[ast.stmt], cell: Cell) -> Iterator[ast.stmt]:
    """Take marimo's wrapping off: yield what the learner wrote, as statements of a module."""
    for node in body:
        kind = _decorator(node)
        if kind == "cell":
            inner = node.body[:-1] if isinstance(node.body[-1], ast.Return) else node.body
            yield from inner
        elif kind in ("function", "class_definition"):
            node.decorator_list = node.decorator_list[:-1] if len(node.decorator_list) > 1 else []
            yield node
        elif isinstance(node, ast.With) and cell.setup:
            yield from node.body
        elif isinstance(node, ast.Expr) and ast.unparse(node).startswith("app._unparsable_cell("):
            cell.text = textwrap.dedent(node.value.args[0].value)
            ast.parse("\n" * cell.line + cell.text, cell.label)
            where = (cell.label, cell.line + 1, 1, cell.text.strip().split("\n")[0])
            raise SyntaxError("marimo could not parse this cell", where)
        else:
            yield node


def _decorator(node: ast.stmt) -> str | None:
    for decorator in getattr(node, "decorator_list", []):
        target = decorator.func if isinstance(decorator, ast.Call) else decorator
        if (
            isinstance(target, ast.Attribute)
            and isinstance(target.value, ast.Name)
            and target.value.id == "app"
        ):
            return target.attr
    return None


def _names(tree: ast.Module, label: str) -> tuple[set[str], set[str]]:
    """What the statements define and need at module level, as the compiler sees it."""
    code = compile(tree, label, "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT, dont_inherit=True)
    defines, needs = set(), set()
    pending = [code]
    while pending:
        block = pending.pop()
        for step in dis.get_instructions(block):
            if step.opname == "STORE_GLOBAL" or (step.opname == "STORE_NAME" and block is code):
                defines.add(step.argval)
            elif step.opname in ("LOAD_NAME", "LOAD_GLOBAL", "LOAD_FROM_DICT_OR_GLOBALS"):
                needs.add(step.argval)
        pending += [constant for constant in block.co_consts if isinstance(constant, types.CodeType)]
    return defines, needs


class _Renaming(ast.NodeTransformer):
    def __init__(self, names: dict[str, str]):
        self.names = names

    def visit_Name(self, node: ast.Name) -> ast.Name:
        node.id = self.names.get(node.id, node.id)
        return node

    def visit_alias(self, node: ast.alias) -> ast.alias:
        if (node.asname or node.name) in self.names:
            node.asname = self.names[node.asname or node.name]
        return node

    def visit_Global(self, node: ast.Global) -> ast.Global:
        node.names = [self.names.get(name, name) for name in node.names]
        return node

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.ClassDef:
        node.name = self.names.get(node.name, node.name)
        return self.generic_visit(node)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.FunctionDef:
        node.name = self.names.get(node.name, node.name)
        return self._inside(node)

    visit_AsyncFunctionDef = visit_FunctionDef

    def visit_Lambda(self, node: ast.Lambda) -> ast.Lambda:
        return self._inside(node)

    def _inside(self, node: ast.AST) -> ast.AST:
        """Rename inside a function, except what the function binds itself."""
        arguments = node.args
        local = {
            a.arg
            for a in [
                *arguments.posonlyargs,
                *arguments.args,
                *arguments.kwonlyargs,
                arguments.vararg,
                arguments.kwarg,
            ]
            if a
        }
        shared = {name for part in ast.walk(node) if isinstance(part, ast.Global) for name in part.names}
        local |= {
            part.id
            for part in ast.walk(node)
            if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store)
        }
        outer = self.names
        self.names = {name: new for name, new in outer.items() if name not in local - shared}
        self.generic_visit(node)
        self.names = outer
        return node
