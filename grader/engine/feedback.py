"""Turning values and failures into sentences for a learner."""

import pprint
import re
import textwrap
from collections.abc import Mapping
from itertools import islice
from pathlib import Path

from .declarations import Mismatch, Raised
from .inside import bounds
from .likeness import Likeness
from .submission import Call, Handle
from .worker import WorkerLost

WIDTH = 100  # characters of a line
ROWS = 8  # rows of a table that are shown
COLUMNS = 24  # columns of a table that are shown
CELL = 24  # characters of one value in a table
VALUES = 400  # values inside of a value that are shown
REPEATS = {
    "other": "The same call in a fresh process gives another answer: your answer depends on earlier calls "
    "(something global is changed or cached) or on chance.",
    "reordered": "The same call in a fresh process gives the same rows in another order: sort them where it counts.",
}
_UNSEEN = re.compile(r"[\0-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]")


def failure(
    call: Call, error: Exception, public: bool, parameters: list[str], repeats: Likeness | None
) -> dict[str, str]:
    """Say what went wrong in one check, by parts: the cause, what was expected, the call, what came back.

    `repeats`: how like its answer that of the same call is in a fresh process, where that is known.
    """
    parts = {}
    if repeats in REPEATS:
        parts["repeats"] = REPEATS[repeats]
    if isinstance(error, Raised):
        parts["raised"] = raised(error, public)
    elif isinstance(error, Mismatch):
        parts |= _mismatch(error, public)
    elif isinstance(error, MemoryError):
        parts["cause"] = "Your answer is too large: there was not enough memory to check it."
    else:
        parts["cause"] = "The check could not interpret what your function returned" + (
            f" ({type(error).__name__}: {_short(str(error), 300)})." if public else "."
        )
    if public and call.name:
        parts["called"] = _called(call, parameters)
        if call.error is None and not isinstance(error, Raised | MemoryError):
            parts["returned"] = _returned(call)
    if isinstance(error, Mismatch) and error.reread:
        parts["reread"] = f"Reread “{error.reread}” in the lesson."
    return cut(parts)


def cut(parts: Mapping[str, str]) -> dict[str, str]:
    """Return parts that together are as long as a message may be: the longest lose what is too much.

    What would draw on a terminal, or turn a line around, is written out.
    """
    parts = {name: _UNSEEN.sub(lambda one: repr(one[0])[1:-1], text) for name, text in parts.items()}
    left, room = bounds.SAID, {}
    for done, (name, text) in enumerate(sorted(parts.items(), key=lambda part: len(part[1]))):
        room[name] = min(len(text), left // (len(parts) - done))
        left -= room[name]
    return {name: _short(text, room[name]) for name, text in parts.items()}


def _mismatch(error: Mismatch, public: bool) -> dict[str, str]:
    if not public:
        return {"cause": error.because or "The answer is wrong on data that is not shown."}
    said = {"cause": "Likely cause: ", "expected": "Expected: ", "got": "Got: "}
    texts = {"cause": error.because, "expected": error.expected, "got": error.got}
    return {kind: said[kind] + text for kind, text in texts.items() if text}


def lost(call: Call, error: WorkerLost, public: bool, parameters: list[str]) -> dict[str, str]:
    """Say that a call did not come back."""
    parts = {"lost": error.sentence[:1].upper() + error.sentence[1:] + "."}
    return cut(parts | ({"called": _called(call, parameters)} if public and call.name else {}))


def raised(error: Raised, public: bool = True) -> str:
    """Say what a submission raised, and where; its text only where the input may be known too."""
    if error.missing:
        return error.message[:1].upper() + error.message[1:] + "."
    text = f"{error.type}: {error.message}" if public and error.message else error.type
    if error.type == "NotImplementedError" and error.trace:
        text = f"{text}: a TODO is still open"
    place = ""
    if error.trace:
        label, line, _, code = error.trace[-1]
        place = f"\n    {label}, line {line}" + (f": {code}" if code else "")
    if "SyntaxError" in error.types:
        return f"Python cannot read this cell. {text}{place}"
    return f"Your code raised {_short(text, 1500)}{place}"


def _called(call: Call, parameters: list[str]) -> str:
    names = [
        *parameters[: len(call.args)],
        *(f"argument {n + 1}" for n in range(len(parameters), len(call.args))),
    ]
    given = [*zip(names, call.args, strict=True), *call.kwargs.items()]
    lines = (
        [f"Called {call.name}({', '.join(name for name, _ in given)}) with"]
        if given
        else [f"Called {call.name}()"]
    )
    for name, value in given:
        lines.append(_indented(f"{name} = {describe(value)}"))
        if isinstance(value, Path) and value in call.files:
            lines.append(_indented(_indented(_file(call.files[value]))))
    return "\n".join(lines)


def _file(content: object) -> str:
    """What lies in a file or folder that the check has made."""
    if isinstance(content, Mapping):
        return "\n".join(f"{name}\n{_indented(_file(part))}" for name, part in list(content.items())[:4])
    if isinstance(content, str | bytes):
        lines = (
            content if isinstance(content, str) else content.decode(errors="backslashreplace")
        ).splitlines()
        more = [f"… {len(lines) - ROWS:,} more lines"] if len(lines) > ROWS else []
        return "\n".join([*(_short(line, WIDTH) for line in lines[:ROWS]), *more])
    return describe(content)


def _returned(call: Call) -> str:
    text = describe(call.value)
    return f"It returned {text}" if "\n" not in text else "It returned\n" + _indented(text)


def describe(value: object, room: int = 1200) -> str:
    """Describe a value: its kind and shape, and what is in it as far as there is room."""
    try:
        return _described(value, room)
    except Exception:  # it has a library's own idea of how to be shown
        return f"a {type(value).__name__} that cannot be shown"


def _described(value: object, room: int) -> str:
    kind = type(value)
    module = kind.__module__.partition(".")[0]
    if value is None or isinstance(value, bool | int | float):
        return _short(repr(value), room)
    if isinstance(value, Handle):
        return f"an object of type {value.type}"
    if module in ("polars", "pandas") and kind.__name__ == "DataFrame":
        shape = f"a {module} table of {_count(value.shape[0], 'row')} and {_count(value.shape[1], 'column')}"
        return shape + ("\n" + _table(value) if value.shape[0] and value.shape[1] else "")
    if module in ("polars", "pandas", "numpy", "pyarrow", "scipy"):
        shape = f" of shape {value.shape}" if hasattr(value, "shape") else ""
        return f"a {module} {kind.__name__}{shape}\n{_short(str(value), 600)}"
    if (
        isinstance(value, Mapping)
        and value
        and any(type(part).__name__ == "DataFrame" for part in value.values())
    ):
        return f"a dict of {len(value)}:\n" + "\n".join(
            f"{_short(repr(key), CELL)}: {describe(part).partition(chr(10))[0]}"
            for key, part in islice(value.items(), 12)
        )
    if isinstance(value, str):
        return repr(_short(value, 600))
    return _short(pprint.pformat(_excerpt(value), width=WIDTH - 8, compact=True, sort_dicts=False), room)


class _More:
    """What an excerpt leaves out."""

    def __repr__(self) -> str:
        return "…"


def _excerpt(value: object) -> object:
    """The first values of nested containers, as many as can be shown: to print them all may take for ever."""
    left = VALUES

    def part(value: object, depth: int) -> object:
        nonlocal left
        left -= 1
        if isinstance(value, str | bytes):
            return value if len(value) <= 200 else value[:200] + ("…" if isinstance(value, str) else b"...")
        if not isinstance(value, Mapping | list | tuple | set | frozenset):
            return value
        if value and (left <= 0 or depth > 8):
            return _More()
        shown = []
        for item in value.items() if isinstance(value, Mapping) else value:
            if left <= 0:
                break
            shown.append(
                (part(item[0], depth + 1), part(item[1], depth + 1))
                if isinstance(value, Mapping)
                else part(item, depth + 1)
            )
        if len(shown) < len(value):
            shown.append((_More(), _More()) if isinstance(value, Mapping) else _More())
        return dict(shown) if isinstance(value, Mapping) else type(value)(shown)

    return part(value, 0)


def _table(frame: object) -> str:
    """The first rows; a wide table is turned, one line a column."""
    rows, width = min(len(frame), ROWS), min(frame.shape[1], COLUMNS)
    dtypes = [_short(str(dtype), CELL) for dtype in frame.dtypes[:width]]
    columns = [_short(str(name), 2 * CELL) for name in frame.columns[:width]]
    picked = (
        [frame[:, i].head(rows) for i in range(width)]
        if type(frame).__module__.startswith("polars")
        else [frame.iloc[:rows, i].tolist() for i in range(width)]
    )
    shown = [
        [name, dtype, *map(_cell, column)]
        for name, dtype, column in zip(columns, dtypes, picked, strict=True)
    ]
    across = sum(max(map(len, column)) + 2 for column in shown)
    notes = [f"{frame.shape[1] - width:,} more columns"] if frame.shape[1] > width else []
    if across <= WIDTH - 8 and not notes:
        lines = _aligned(shown, turned=False)
    else:
        rows = max(1, min(rows, 4))
        lines = _aligned([column[: 2 + rows] for column in shown], turned=True)
        notes.insert(0, "one line a column")
    if len(frame) > rows:
        notes.append(f"{len(frame) - rows:,} more rows")
    return "\n".join([*lines, f"(… {'; '.join(notes)})"] if notes else lines)


def _aligned(columns: list[list[str]], turned: bool) -> list[str]:
    rows = columns if turned else [list(row) for row in zip(*columns, strict=True)]
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    return [
        "  ".join(part.ljust(width) for part, width in zip(row, widths, strict=True)).rstrip() for row in rows
    ]


def _cell(value: object) -> str:
    if value is None:
        return "null"
    if isinstance(value, float):
        return f"{value:.6g}"
    if type(value).__name__ == "Series":  # a list inside of a polars table
        return _short(f"[{', '.join(map(_cell, value.head(4)))}{', …' if len(value) > 4 else ''}]", CELL)
    return _short(repr(_excerpt(value)) if isinstance(value, str) else str(_excerpt(value)), CELL).replace(
        "\n", " "
    )


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def _short(text: str, room: int) -> str:
    return text if len(text) <= room else text[: room - 1] + "…"


def _indented(text: str) -> str:
    return textwrap.indent(text, "    ")
