"""What every notebook of the course keeps to, read off its text. (`rehearsal` runs it, `browser` looks at it.)

Each rule takes a `Draft` and yields sentences; `RULES` lists them. Run them on a file with

    python -m grader.authoring.contract notebooks/01_data_engineering.py

The rules, beyond what their names say:

- **Digits in prose.** A number in prose goes stale unseen, so the text of `mo.md` and of the face's
  prose (questions, answers, prompts, lists) has none. Not counted: interpolated values (`{rows}` in an
  f-string); code spans and blocks; formulas (`$…$`); links' targets and HTML tags; ids that begin with a letter
  (`KND-004`, `CP-1`, `UTF-8`, `p95`, `Int32`) and tasks (`1.1a`, `exercise 1.3`, `module 2`); dates, years from
  1900 to 2099, times, and durations (`10 min`, `2 hours`); versions after a name (`Python 3.11`, `marimo 0.25`);
  the number of a heading or list item. Any other number that is a fact and not a result is marked:
  `<span data-literal>151</span>`.
- **Controls.** A control (`mo.ui.…`) is bound to a global of its cell, and another cell reads its
  `.value`. A table or chart that is only looked at has `selection=None` or is plain.
- **Cards.** A card of the face (`quiz`, `predict`, …) redraws the whole output of its cell, so its call is a
  statement by itself, and its key is a literal used once in the course.
- **Gates.** A cell that calls a function which the learner writes stops first (`report.gate(…)` or
  `mo.stop(…)`): a hang there would hang the kernel.
- **Sizes.** A visible code cell of a lesson has at most 26 lines of code, a lesson at most 1350 lines, not counting
  blank ones and those that marimo wraps around a cell.
"""

import ast
import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from grader.engine.inside.notebook import Cell, Notebook

CARDS = {"predict", "quiz", "reveal", "rate", "aha", "mastery", "journal"}
PROSE = {"predict", "reveal", "rate", "aha", "mastery", "journal"}
CELL_LINES, LESSON_LINES = 26, 1350  # as the formatter lays them out, as narrow as on the page
_WRAPPING = re.compile(r"\s*$|@app\.|def _\(|    return( \(|$)")
_LOOKED_AT = {"data_explorer", "refresh", "tabs"}  # views, and what works by being there
_HIDES = re.compile(r"@app\.\w+\([^)]*\bhide_code=True")


@dataclass
class Draft:
    """A notebook as its author has it. `entries` are the functions that its learner writes."""

    label: str
    text: str
    cells: list[Cell] = field(default_factory=list)
    entries: frozenset[str] = frozenset()

    @classmethod
    def parse(cls, text: str, label: str = "notebook.py", entries: frozenset[str] = frozenset()) -> "Draft":
        """Read the text of a notebook. Raises SyntaxError."""
        cells = Notebook.parse(text, label).cells
        for cell in cells:
            if cell.problem:
                raise cell.problem
        return cls(label, text, cells, entries)

    @property
    def is_lesson(self) -> bool:
        return bool(re.search(r"notebooks[/\\](labs[/\\])?\d", self.label))


Rule = Callable[[Draft], Iterator[str]]


def faults(notebook: Draft) -> list[str]:
    """Every violation of every rule, as sentences that begin with the file's name and line."""
    return [f"{notebook.label}{fault}" for rule in RULES for fault in rule(notebook)]


def setup_is_cheap(notebook: Draft) -> Iterator[str]:
    """The setup cell holds imports and constants only: every worker executes it."""
    for cell in notebook.cells:
        for node in cell.tree.body if cell.kind == "setup" else ():
            if (
                isinstance(node, ast.Assign | ast.AnnAssign)
                and node.value is not None
                and _is_constant(node.value)
            ):
                continue
            docstring = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
            if not (docstring or isinstance(node, ast.Import | ast.ImportFrom)):
                yield f":{node.lineno}: the setup cell holds more than imports and constants: {_start(node)}"


def cells_are_short(notebook: Draft) -> Iterator[str]:
    """Code that is shown can be taken in at a glance."""
    if not notebook.is_lesson:
        return
    lines = notebook.text.splitlines()
    written = sum(not _WRAPPING.match(line) for line in lines)
    if written > LESSON_LINES:
        yield f":{len(lines)}: the lesson has {written} written lines, more than {LESSON_LINES}"
    for cell in notebook.cells:
        if _HIDES.match(cell.text) or not cell.tree.body or cell.kind == "setup" or any(_prose_calls(cell)):
            continue
        shown = _code_lines(cell, lines)
        if shown > CELL_LINES:
            yield f":{cell.line + 1}: a visible cell has {shown} lines of code (at most {CELL_LINES}); hide or split it"


def controls_are_read(notebook: Draft) -> Iterator[str]:
    """A control that no cell reads does nothing when it is moved."""
    for cell in notebook.cells:
        bound: dict[int, str] = {}
        for node in cell.tree.body:
            if (
                isinstance(node, ast.Assign)
                and len(node.targets) == 1
                and isinstance(node.targets[0], ast.Name)
            ):
                bound |= {id(part): node.targets[0].id for part in ast.walk(node.value)}
        for call in ast.walk(cell.tree):
            if not _is_control(call):
                continue
            name = bound.get(id(call))
            if name is None or name.startswith("_"):
                if cell.kind == "cell" and not _within_function(cell, call):
                    yield f":{call.lineno}: {_start(call)} is bound to no global, so no cell can read it"
            elif not any(_reads(other, name) for other in notebook.cells if other is not cell):
                yield f":{call.lineno}: no other cell reads `{name}.value`"


def cards_stand_alone(notebook: Draft) -> Iterator[str]:
    """A card redraws the output of its cell: what stands beside it would vanish."""
    for cell in notebook.cells:
        alone = {id(node.value) for node in cell.tree.body if isinstance(node, ast.Assign | ast.Expr)}
        for call in ast.walk(cell.tree):
            if not (isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in CARDS):
                continue
            if id(call) not in alone:
                yield f":{call.lineno}: {call.func.id}(…) is part of something larger; give it a cell of its own"
            if call.func.id != "quiz" and _key(call) is None:
                yield f':{call.lineno}: {call.func.id}(…) needs key="…", a literal'


def calls_are_gated(notebook: Draft) -> Iterator[str]:
    """No cell calls the learner's code before it has passed."""
    for cell in notebook.cells:
        if cell.kind != "cell" or cell.names[0] & notebook.entries:
            continue
        called = {
            node.func.id
            for node in ast.walk(cell.tree)
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
        }
        gated = any(
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr in ("gate", "stop")
            for node in ast.walk(cell.tree)
        )
        for name in sorted(called & notebook.entries):
            if not gated:
                yield f":{cell.line + 1}: calls {name}() without a gate; begin the cell with report.gate(…)"


def checks_name_a_value(notebook: Draft) -> Iterator[str]:
    """What a check depends on has a value. A cell's own name has none: its card said that Python cannot read it."""
    defined = {name for cell in notebook.cells for name in cell.names[0]}
    for cell in notebook.cells:
        for call in ast.walk(cell.tree):
            if not (
                isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "check"
            ):
                continue
            for part in (part for part in call.args if isinstance(part, ast.Lambda)):
                named = {node.id for node in ast.walk(part.body) if isinstance(node, ast.Name)}
                for name in sorted(named - defined):
                    yield f":{call.lineno}: {_start(call)} names `{name}`, which no cell defines"


def prose_has_no_bare_digits(notebook: Draft) -> Iterator[str]:
    """A number in prose is interpolated, so that it cannot go stale."""
    for cell in notebook.cells:
        for call in _prose_calls(cell):
            for text, line in _texts(call):
                for found in bare_digits(text):
                    yield f":{line}: a bare number in prose: “{found}”"


def bare_digits(text: str) -> list[str]:
    """The numbers in a Markdown text that are neither marked nor excepted, with the words around them."""
    for pattern in _EXCEPTED:
        text = pattern.sub(lambda match: " ~ " if "\n" not in match.group() else "\n~\n", text)
    found = []
    for match in re.finditer(r"\d[\d.,]*", text):
        around = text[max(0, match.start() - 25) : match.end() + 25]
        found.append(" ".join(around.split()))
    return found


def keys(notebook: Draft) -> list[str]:
    """The keys of the notebook's cards, in order."""
    calls = (
        call
        for cell in notebook.cells
        for call in ast.walk(cell.tree)
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in CARDS - {"quiz"}
    )
    return [f"{call.func.id} {key}" for call in calls if (key := _key(call)) is not None]


RULES: tuple[Rule, ...] = (
    setup_is_cheap,
    cells_are_short,
    controls_are_read,
    cards_stand_alone,
    calls_are_gated,
    checks_name_a_value,
    prose_has_no_bare_digits,
)

_UNITS = r"(s|ms|h|sec(onds?)?|min(utes?)?|hours?|days?|weeks?|months?|years?)"
_MONTHS = r"(January|February|March|April|May|June|July|August|September|October|November|December)"
_EXCEPTED = [
    re.compile(pattern, flags)
    for pattern, flags in (
        (r"\x00[^\x00]*\x00", re.DOTALL),  # what stood in braces
        (r"```.*?```|~~~.*?~~~", re.DOTALL),
        (r"<span data-literal>.*?</span>", re.DOTALL),
        (r"`[^`]+`", 0),
        (r"\$\$.*?\$\$|\$[^$\n]+\$", re.DOTALL),
        (r"(?<=\])\([^)\s]+\)", 0),
        (r"https?://\S+", 0),
        (r"</?[a-zA-Z][^>]*>", 0),
        (r"^\s*\d+\.\s", re.MULTILINE),
        (r"^\s*#+\s+\d+(\.\d+)*\.?\s", re.MULTILINE),
        (r"\b\d{4}-\d{2}(-\d{2})?\b|\b\d{1,2}:\d{2}(:\d{2})?\b", 0),
        (rf"\b(\d{{1,2}} )?{_MONTHS}( \d{{1,2}})?(,? \d{{4}})?\b", 0),
        (rf"\b\d+([.,–-]\d+)?[\s-]?{_UNITS}\b", 0),
        (
            r"\b[A-Z][\w-]*[A-Za-z] v?\d+(\.\d+)+\b|\b(Python|pandas|polars|marimo|DuckDB|ISO) \d+(\.\d+)*\b",
            0,
        ),
        (r"(?<![\w.])[A-Za-z][\w-]*\d[\w-]*(\.\d+)*\b|\b\d\.\d[a-z]\b", 0),  # ids
        (r"\b([Ee]xercise|[Tt]ask|[Uu]nit|[Mm]odule|[Ll]esson|[Ss]ection)s? \d+(\.\d+)*\b", 0),
        (r"\b(19|20)\d{2}\b", 0),
    )
]


def _is_constant(node: ast.expr) -> bool:
    for part in ast.walk(node):
        if isinstance(part, ast.Call) and not ast.unparse(part.func).endswith(
            ("Path", "date", "datetime", "notebook_dir")
        ):
            return False
        if isinstance(
            part, ast.Lambda | ast.ListComp | ast.DictComp | ast.SetComp | ast.GeneratorExp | ast.Await
        ):
            return False
    return True


def _is_control(node: ast.AST) -> bool:
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
        return False
    parent = node.func.value
    if not (
        isinstance(parent, ast.Attribute)
        and parent.attr == "ui"
        and ast.unparse(parent.value) in ("mo", "marimo")
    ):
        return False
    unselectable = any(
        item.arg in ("selection", "chart_selection")
        and isinstance(item.value, ast.Constant)
        and not item.value.value
        for item in node.keywords
    )
    return node.func.attr not in _LOOKED_AT and not unselectable


def _within_function(cell: Cell, wanted: ast.AST) -> bool:
    functions = (node for node in ast.walk(cell.tree) if isinstance(node, ast.FunctionDef | ast.Lambda))
    return any(part is wanted for function in functions for part in ast.walk(function))


def _reads(cell: Cell, name: str) -> bool:
    return any(
        isinstance(node, ast.Attribute)
        and node.attr == "value"
        and any(isinstance(part, ast.Name) and part.id == name for part in ast.walk(node.value))
        for node in ast.walk(cell.tree)
    )


def _prose_calls(cell: Cell) -> Iterator[ast.Call]:
    for node in ast.walk(cell.tree):
        if isinstance(node, ast.Call) and (
            ast.unparse(node.func) == "mo.md" or isinstance(node.func, ast.Name) and node.func.id in PROSE
        ):
            yield node


def _texts(call: ast.Call) -> Iterator[tuple[str, int]]:
    """The literal texts in a call's positional arguments, what stands in braces masked."""
    pending: list[ast.AST] = list(call.args)
    while pending:
        node = pending.pop(0)
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value, node.lineno
        elif isinstance(node, ast.JoinedStr):
            yield (
                "".join(part.value if isinstance(part, ast.Constant) else "\0{}\0" for part in node.values),
                node.lineno,
            )
        elif (
            isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "format"
        ):
            pending.insert(0, node.func.value)
        elif isinstance(node, ast.List | ast.Tuple):
            pending[:0] = node.elts
        elif isinstance(node, ast.Dict):
            pending[:0] = [key for key in node.keys if key is not None]
        elif isinstance(node, ast.BinOp):
            pending[:0] = [node.left, node.right]


def _key(call: ast.Call) -> str | None:
    value = next((item.value for item in call.keywords if item.arg == "key"), None)
    return value.value if isinstance(value, ast.Constant) and isinstance(value.value, str) else None


def _code_lines(cell: Cell, lines: list[str]) -> int:
    first, last = cell.tree.body[0].lineno, cell.tree.body[-1].end_lineno or 0
    quiet = {
        number
        for node in ast.walk(cell.tree)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        for number in range(node.lineno, (node.end_lineno or 0) + 1)
    }  # docstrings
    return sum(
        1
        for number in range(first, last + 1)
        if number not in quiet and lines[number - 1].strip() and not lines[number - 1].strip().startswith("#")
    )


def _start(node: ast.AST) -> str:
    text = ast.unparse(node).splitlines()[0]
    return text if len(text) <= 60 else text[:57] + "…"


def main() -> int:
    """Check the files named on the command line; 1 when there is anything to say."""
    said = [
        fault
        for name in sys.argv[1:]
        for fault in faults(Draft.parse(Path(name).read_text(encoding="utf-8"), name))
    ]
    print("\n".join(said) or "clean")
    return int(bool(said))


if __name__ == "__main__":
    sys.exit(main())
