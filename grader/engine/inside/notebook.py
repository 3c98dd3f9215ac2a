"""The one parser of marimo notebooks: the cells of a file or of an editor, what each of them defines and needs.

Nothing of a notebook is executed here. Workers have a copy of this module, so it uses the standard library only.

A file is split at marimo's decorators before anything is parsed, and a cell is parsed when somebody asks for it: one
broken cell costs only what depends on it, and the time grows with the size of the file. A cell of a file is first
taken out of marimo's wrapping, as marimo does when it opens the file. From there on, the code of a saved cell and
the code that the editor holds are the same.
"""

import ast
import builtins
import copy
import linecache
import re
import symtable
import sys
import textwrap
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

_START = re.compile(
    r"^(?:@app\.(cell|function|class_definition)\b|(?:async )?with app\.(setup)\b|app\.(_unparsable_cell)\("
    r"|(app)\s*=\s*\w+\.App\(|(if) __name__\s*==)",
    re.MULTILINE,
)
_CELLS = ("cell", "function", "class_definition", "setup", "_unparsable_cell")
MAX_CELLS = 5_000  # of a notebook that is read
_BROKEN = (SyntaxError, ValueError, RecursionError, MemoryError)  # what the parser and the compiler raise
_WORD = re.compile(r"[^\W\d]\w*")
_NEWER = re.compile(r"\s*(?:type\s+\w+\s*[\[=]|(?:async\s+)?(?:def|class)\s+\w+\s*\[)")  # of Python 3.12
_ASKS = {"sql", "execute", "query"}  # methods of marimo and DuckDB that take SQL
_QUOTING = re.compile(r"\.(?:sql|execute|query)\(|(?:->|:)[^\n=#]*[\"']|\b(?:globals|eval|exec)\(")
_READ = re.compile(r'\b(?:from|join)\s+((?:"?\w+"?(?:\s+(?:as\s+)?\w+)?\s*,\s*)*"?\w+)', re.IGNORECASE)
_CREATED = re.compile(
    r'\bcreate\b[\w\s]{0,40}?\b(?:table|view)\s+(?:if\s+not\s+exists\s+)?"?(\w+)', re.IGNORECASE
)


class LoadError(Exception):
    """The notebook does not have the wanted definition in a usable form; the text says why."""


@dataclass(eq=False)
class Cell:
    """One cell. It is parsed when that is asked for: most of a notebook never is."""

    label: str  # the file name that a traceback shows
    text: str  # as in the file, with marimo's wrapping; or as it was typed
    line: int = 0  # lines of the file before `text`
    kind: str = "cell"  # as what marimo saves it, one of _CELLS
    wrapped: bool = True  # whether `text` has marimo's wrapping
    error: SyntaxError | None = None  # why there is no tree, once somebody has asked

    @cached_property
    def tree(self) -> ast.Module | None:
        """What the learner wrote, as a module with the lines of the file; None if it cannot be parsed."""
        try:
            code, line = self._unwrapped
            tree = _parse(code, self.label, line)
            tree = ast.increment_lineno(tree, line) if line else tree
            if "import *" in code:
                _refuse_stars(tree, self.label)
        except SyntaxError as error:
            self.error = error
            return None
        return tree

    @cached_property
    def names(self) -> tuple[set[str], set[str]]:
        """What the cell defines and what it needs at the level of a module, as the compiler sees it."""
        if self.tree is None:
            return set(), set()
        code, line = self._unwrapped
        try:
            return _names(symtable.symtable(code, self.label, "exec"), self.tree)
        except _BROKEN as error:
            self.error, self.tree = _explained(error, code, self.label, line), None
            return set(), set()

    @cached_property
    def tables(self) -> set[str]:
        """The tables that the cell's SQL creates."""
        if not _CREATED.search(self.text):
            return set()
        return {name for text in self._queries for name in _CREATED.findall(text)}

    @cached_property
    def quoted(self) -> set[str]:
        """Names that the cell may need although they stand in texts: in SQL, annotations, and for `globals()`."""
        if self.tree is None or not _QUOTING.search(self.text):
            return set()
        texts = [part for text in self._queries for part in _READ.findall(text)]
        for node in ast.walk(self.tree):
            texts += _texts(getattr(node, "annotation", None)) + _texts(getattr(node, "returns", None))
        if self.names[1] & {"globals", "eval", "exec"}:
            texts += _texts(self.tree)
        return {word for text in texts for word in _WORD.findall(text)}

    @property
    def problem(self) -> SyntaxError | None:
        """Why the cell cannot be executed, if Python says so before it is."""
        _ = self.names
        return self.error

    @property
    def private(self) -> set[str]:
        """The names that marimo keeps to the cell."""
        return {name for names in self.names for name in names if is_private(name)}

    @property
    def code(self) -> str:
        """What the learner wrote. Raises SyntaxError."""
        return self._unwrapped[0]

    @cached_property
    def _unwrapped(self) -> tuple[str, int]:
        """What the learner wrote, without marimo's wrapping, and the number of lines before it."""
        if not self.wrapped:
            return self.text, self.line
        node, lines = _parse(self.text, self.label, self.line).body[0], self.text.split("\n")
        if self.kind == "_unparsable_cell":
            text = next((part for part in ast.walk(node) if isinstance(part, ast.Constant)), node)
            return textwrap.dedent(str(getattr(text, "value", ""))), self.line + text.lineno - 1
        if self.kind in ("function", "class_definition"):
            first = node.decorator_list[0].end_lineno
            return "\n".join(lines[first:]), self.line + first
        body = node.body[:-1] if isinstance(node.body[-1], ast.Return) else node.body
        first, last = (_first_line(body[0]) - 1, body[-1].end_lineno) if body else (node.end_lineno,) * 2
        rest = [""] * (node.end_lineno - last) + lines[node.end_lineno :]
        return "\n".join(_dedented(lines, body, first, last) + rest), self.line + first

    @cached_property
    def _queries(self) -> list[str]:
        """The SQL in the cell, without what an f-string fills in."""
        calls = (node for node in ast.walk(self.tree or ast.Module([])) if isinstance(node, ast.Call))
        asked = (call.args[0] for call in calls if getattr(call.func, "attr", "") in _ASKS and call.args)
        return [text for query in asked for text in _texts(query)]

    def mentions(self, name: str) -> bool:
        """Whether a cell that cannot be parsed looks as if it defined `name`."""
        return bool(
            re.search(rf"^[ \t]*(?:(?:(?:async +)?def|class) +{name}\b|{name} *=[^=])", self.text, re.M)
        )


class Notebook:
    """The cells of a notebook, and what depends on what."""

    def __init__(self, cells: list[Cell]):
        self.cells = cells if len(cells) <= MAX_CELLS else []
        self._count = len(cells)
        self._known: dict[str, list[Cell]] = {}  # the cells that define a name, for names that were looked up

    @classmethod
    def parse(cls, text: str, label: str = "notebook.py") -> "Notebook":
        """Read the text of a notebook file; all of a plain script is one cell."""
        text = _clean(text)
        _remember(label, text)
        cells, line = [], 0
        for kind, part in split(text):
            if kind in _CELLS:
                cells.append(Cell(label, part, line, kind))
            line += part.count("\n")
        return cls(cells or [Cell(label, split(text)[0][1], wrapped=False)])

    @classmethod
    def from_cells(cls, codes: list[str]) -> "Notebook":
        """Take the code of the cells as an editor has it; a setup or broken cell may be wrapped as in a file."""
        cells = []
        for number, code in enumerate(map(_clean, codes), start=1):
            label, start = f"cell {number}", _START.match(code)
            kind = start[start.lastindex] if start else ""
            if kind in ("setup", "_unparsable_cell"):
                with suppress(SyntaxError):
                    code = Cell(label, code, kind=kind).code.strip("\n")
            _remember(label, code)
            cells.append(Cell(label, code, kind="setup" if kind == "setup" else "cell", wrapped=False))
        return cls(cells)

    def definition(self, name: str) -> ast.stmt | None:
        """Return the one function or class statement that defines `name`, or None."""
        written = re.compile(rf"\b(?:def|class)\s+{re.escape(name)}\b")
        found = [
            node
            for cell in self.cells
            if written.search(cell.text) and cell.tree
            for node in cell.tree.body
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) and node.name == name
        ]
        return found[0] if len(found) == 1 else None

    def order(self, name: str) -> list[Cell]:
        """Return the cells to execute for `name`, dependencies first, the setup cell before all.

        Raises LoadError when `name` is missing or defined twice, SyntaxError when a needed cell cannot be parsed.
        """
        if self._count > MAX_CELLS:
            raise LoadError(f"the notebook has {self._count:,} cells; at most {MAX_CELLS:,} are read")
        wanted = self._defining(name)
        if wanted is None:
            raise LoadError(f"the notebook has no `{name}`")
        setup = [cell for cell in self.cells if cell.kind == "setup"]
        for cell in setup:
            if cell.problem:
                raise cell.problem
        order, seen = [], set()
        pending = [(cell, False) for cell in (wanted, *reversed(setup))]
        while pending:
            cell, ready = pending.pop()
            if ready:
                order.append(cell)
            elif cell not in seen:
                seen.add(cell)
                pending += [(cell, True), *((needed, False) for needed in reversed(self._needed(cell)))]
        return order

    def code(self, name: str) -> str:
        """Return the text of the cells that `name` needs. Raises as `order` does."""
        return "\0".join(cell.text for cell in self.order(name))

    def _needed(self, cell: Cell) -> list[Cell]:
        defines, needs = cell.names
        needed = [self._defining(name) for name in sorted(needs - defines) if not is_private(name)]
        for name in sorted(cell.quoted - defines - needs):  # a word in a text may mean something else
            found = self._candidates(name)
            needed += found if len(found) == 1 else []
        return [other for other in needed if other is not None]

    def _defining(self, name: str) -> Cell | None:
        found = self._candidates(name)
        if len(found) > 1:
            raise LoadError(f"`{name}` is defined in {len(found)} cells; keep one of them")
        if found:
            return found[0]
        for cell in self._mentioning.get(name, ()):
            if cell.tree is None and cell.mentions(name):
                raise cell.error
        if not (hasattr(builtins, name) or name.startswith("__")):
            for cell in self._stars:
                raise cell.error
        return None

    def _candidates(self, name: str) -> list[Cell]:
        """The cells that define `name`; a setup cell alone, as what another cell imports again does no harm."""
        if name not in self._known:  # each name is looked up once: many cells may need it
            self._known[name] = self._look_up(name)
        return self._known[name]

    def _look_up(self, name: str) -> list[Cell]:
        places = self._mentioning.get(name, ())
        for setup in (True, False):
            cells = [cell for cell in places if (cell.kind == "setup") is setup]
            if found := [cell for cell in cells if name in cell.names[0] or name in cell.tables]:
                return found
        return []

    @cached_property
    def _mentioning(self) -> dict[str, list[Cell]]:
        """The cells in which a word occurs: only those have to be parsed to find who defines it."""
        places: dict[str, list[Cell]] = {}
        for cell in self.cells:
            for word in set(_WORD.findall(cell.text)):
                places.setdefault(word, []).append(cell)
        return places

    @cached_property
    def _stars(self) -> list[Cell]:
        return [cell for cell in self.cells if "import *" in cell.text and cell.tree is None]


def split(text: str) -> list[tuple[str, str]]:
    """Return the parts of a notebook file with their kinds: what is before the first cell (kind ""), then each cell.

    Joined together, the parts are the text.
    """
    starts = list(_START.finditer(text))
    ends = [*(start.start() for start in starts), len(text)]
    open_texts = (text.count(quotes, *span) % 2 for span in pairwise(ends) for quotes in ('"""', "'''"))
    if any(open_texts) and (
        lines := _statement_lines(text)
    ):  # what looks like a decorator is a line of a text
        starts = [start for start, line in zip(starts, _lines_of(starts, text), strict=True) if line in lines]
        ends = [*(start.start() for start in starts), len(text)]
    kinds = (start[start.lastindex] for start in starts)
    return [
        ("", text[: ends[0]]),
        *((kind, text[a:b]) for kind, (a, b) in zip(kinds, pairwise(ends), strict=True)),
    ]


def same(one: ast.AST | None, other: ast.AST | None) -> bool:
    """Whether two definitions are the same code: layout, comments, docstring and decorators aside."""
    return one is not None and other is not None and _bare(one) == _bare(other)


def is_private(name: str) -> bool:
    """Whether marimo keeps a name to its cell."""
    return name.startswith("_") and not name.startswith("__") or name == "__"


def _bare(node: ast.AST) -> str:
    node = copy.copy(node)
    node.decorator_list = []
    if ast.get_docstring(node) is not None:
        node.body = node.body[1:]
    return ast.dump(node)


def _clean(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "\N{REPLACEMENT CHARACTER}")


def _remember(label: str, text: str) -> None:
    """Let tracebacks show lines of a text that no file has."""
    linecache.cache[label] = (len(text), None, text.splitlines(keepends=True), label)


def _statement_lines(text: str) -> set[int]:
    """The lines on which the statements of a file begin, decorators included; none if it cannot be parsed whole."""
    try:
        body = ast.parse(text).body
    except _BROKEN:
        return set()
    return {part.lineno for node in body for part in (node, *getattr(node, "decorator_list", []))}


def _lines_of(starts: list[re.Match], text: str) -> Iterator[int]:
    """The line of each match, in one pass."""
    line, place = 1, 0
    for start in starts:
        line, place = line + text.count("\n", place, start.start()), start.start()
        yield line


def _parse(code: str, label: str, line: int) -> ast.Module:
    """Parse `code`, which has `line` lines of its file before it. Raises SyntaxError, with the line of the file."""
    try:
        return ast.parse(code, label)
    except _BROKEN as error:
        raise _explained(error, code, label, line) from None


def _explained(error: Exception, code: str, label: str, line: int) -> SyntaxError:
    """The error with the line of the file, and with the grader's Python where a newer one may have no objection."""
    if not isinstance(error, SyntaxError):
        return SyntaxError(str(error) or "the cell is nested too deeply", (label, line + 1, 1, ""))
    number = error.lineno or 1
    text = error.text or "".join(code.split("\n")[number - 1 : number])
    message, runs = error.msg, f"the grader runs Python {sys.version_info[0]}.{sys.version_info[1]}"
    if sys.version_info < (3, 12) and _NEWER.match(text):
        message = f"this cell uses syntax of a newer Python; {runs}"
    elif sys.version_info < (3, 12) and message.startswith("f-string"):
        message = f"{message} (a newer Python may accept this f-string; {runs})"
    return SyntaxError(message, (label, line + number, error.offset, text))


def _refuse_stars(tree: ast.Module, label: str) -> None:
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.names[0].name == "*":
            what = f"from {'.' * node.level}{node.module or ''} import"
            message = f"marimo does not run `{what} *`: import the names that you use, as in `{what} a, b`"
            raise SyntaxError(message, (label, node.lineno, 1, f"{what} *"))


def _first_line(node: ast.stmt) -> int:
    return min(part.lineno for part in (node, *getattr(node, "decorator_list", [])))


def _dedented(lines: list[str], body: list[ast.stmt], first: int, last: int) -> list[str]:
    """Lines `first` to `last`, the statements of `body`, at the level of a module.

    As in marimo, the lines of a text go to the left with the code, but for a text whose lines begin left of it.
    """
    if not body:
        return []
    start, end = body[0], body[-1]
    lines = [*lines[:last]]
    lines[last - 1] = lines[last - 1].encode()[: end.end_col_offset].decode()
    if not lines[first][: start.col_offset].isspace():  # on the line of the `def`
        lines[first] = " " * start.col_offset + lines[first].encode()[start.col_offset :].decode()
    margin = start.col_offset
    fixed = {line for node in body for line in _fixed_lines(node, lines, margin)}
    return [
        line if number in fixed else line[min(margin, len(line) - len(line.lstrip(" \t"))) :]
        for number, line in enumerate(lines[first:], start=first)
    ]


def _fixed_lines(statement: ast.stmt, lines: list[str], margin: int) -> Iterator[int]:
    """The lines, from 0, of texts that begin left of the code around them."""
    if statement.lineno == statement.end_lineno:
        return
    for node in ast.walk(statement):
        if (
            isinstance(node, ast.JoinedStr)
            or isinstance(node, ast.Constant)
            and isinstance(node.value, str | bytes)
        ):
            inside = range(node.lineno, node.end_lineno)
            if any(lines[n].strip() and len(lines[n]) - len(lines[n].lstrip()) < margin for n in inside):
                yield from inside


def _texts(node: ast.AST | None) -> list[str]:
    """The texts in a piece of code."""
    parts = ast.walk(node) if node else ()
    return [part.value for part in parts if isinstance(part, ast.Constant) and isinstance(part.value, str)]


def _names(table: symtable.SymbolTable, tree: ast.Module) -> tuple[set[str], set[str]]:
    """What a module defines and what it needs, its inner functions and classes included."""
    defines, needs = set(), set()
    pending = [table]
    while pending:
        scope = pending.pop()
        pending += scope.get_children()
        for symbol in scope.get_symbols():
            bound = symbol.is_assigned() or symbol.is_imported()
            if bound and (scope is table or symbol.is_declared_global()):
                defines.add(symbol.get_name())
            late = (
                scope.get_type() == "class" and not symbol.is_free()
            )  # `class A: x = x` reads the outer `x`
            if symbol.is_referenced() and (symbol.is_global() or late):
                needs.add(symbol.get_name())
    return defines - _loop_names(tree), needs


def _loop_names(tree: ast.Module) -> set[str]:
    """What is bound by comprehensions alone: from Python 3.12 on, their names are among those of the module."""
    if sys.version_info < (3, 12):
        return set()
    stored = Counter(n.id for n in ast.walk(tree) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store))
    loops = (node.target for node in ast.walk(tree) if isinstance(node, ast.comprehension))
    inside = Counter(n.id for loop in loops for n in ast.walk(loop) if isinstance(n, ast.Name))
    return {name for name, times in inside.items() if times == stored[name]}
