"""Small faults planted into a solution: a check that is worth its points sees (nearly) all of them."""

import ast
import copy
import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass

MOST = 40  # mutants of one definition

_COMPARISONS = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
}
_OPERATORS = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd,
    ast.FloorDiv: ast.Div,
    ast.Mod: ast.Mult,
}


@dataclass(frozen=True)
class Mutant:
    """A changed definition as source text. `change` says what was done: `line, old -> new`."""

    code: str
    change: str


def mutants(definition: ast.FunctionDef | ast.ClassDef) -> list[Mutant]:
    """Return at most MOST mutants of a definition, spread evenly over all that there are, always the same ones."""
    places = [
        (place, number)
        for place, node in enumerate(ast.walk(definition))
        for number in range(sum(1 for _ in _changes(node)))
    ]
    step = max(1, len(places) / MOST)
    chosen = [places[int(at * step)] for at in range(min(len(places), MOST))]
    return [_mutant(definition, place, number) for place, number in chosen]


def _mutant(definition: ast.FunctionDef | ast.ClassDef, place: int, number: int) -> Mutant:
    """The definition with fault `number` of the node that stands at `place` when it is walked."""
    changed = copy.deepcopy(definition)
    node = next(itertools.islice(ast.walk(changed), place, None))
    before = _shown(node)
    dropped, change = next(itertools.islice(_changes(node), number, None))
    change()
    what = f"without {dropped}" if dropped else f"{before} -> {_shown(node)}"
    return Mutant(ast.unparse(ast.fix_missing_locations(changed)), what)


def _changes(node: ast.AST) -> Iterator[tuple[str, Callable[[], None]]]:
    """Every fault that this node can get: what is left out, if that is the fault, and how to plant it."""
    match node:
        case ast.Compare(ops=[op]) if type(op) in _COMPARISONS:
            yield "", lambda: setattr(node, "ops", [_COMPARISONS[type(op)]()])
        case ast.BinOp(op=op) if type(op) in _OPERATORS:
            yield "", lambda: setattr(node, "op", _OPERATORS[type(op)]())
        case ast.BoolOp(op=op):
            yield "", lambda: setattr(node, "op", ast.Or() if isinstance(op, ast.And) else ast.And())
        case ast.UnaryOp(op=(ast.Not() | ast.Invert()) as op):
            yield "", lambda: setattr(node, "operand", ast.UnaryOp(op, node.operand))
        case ast.Constant(value=bool(value)):
            yield "", lambda: setattr(node, "value", not value)
        case ast.Constant(value=int(value)) | ast.Constant(value=float(value)):
            yield "", lambda: setattr(node, "value", value + 1)
        case ast.Constant(value=str(value)) if len(value) < 60 and "\n" not in value:  # no docstring
            yield "", lambda: setattr(node, "value", value + "x")
        case ast.Call(keywords=keywords):
            for keyword in range(len(keywords)):
                yield ast.unparse(keywords[keyword]), lambda keyword=keyword: node.keywords.pop(keyword)
        case ast.comprehension(ifs=[_, *_]):
            yield "", lambda: node.ifs.clear()
        case ast.FunctionDef() | ast.For() | ast.If() | ast.With():
            for at, statement in enumerate(node.body):
                if isinstance(statement, ast.Assign | ast.AugAssign | ast.Return) or _acts(statement):
                    yield _shown(statement), lambda at=at: node.body.__setitem__(at, ast.Pass())


def _acts(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Expr) and not isinstance(statement.value, ast.Constant)


def _shown(node: ast.AST) -> str:
    text = (
        " ".join(ast.unparse(node).split())
        if not isinstance(node, ast.comprehension)
        else ast.unparse(node).strip()
    )
    return text if len(text) <= 90 else text[:89] + "…"
