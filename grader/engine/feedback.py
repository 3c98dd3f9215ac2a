"""Turning values and failures into sentences for a learner."""

import pprint
import textwrap
from collections.abc import Mapping
from pathlib import Path

from .declarations import Mismatch, Raised
from .pool import WorkerLost
from .submission import Call, Handle

WIDTH = 100  # characters of a line
ROWS = 8  # rows of a table that are shown
CELL = 24  # characters of one value in a table


def failure(
    call: Call, error: Exception, public: bool, parameters: list[str], repeats: bool | None
) -> dict[str, str]:
    """Say what went wrong in one check, by parts: the cause, what was expected, the call, what came back.

    `repeats`: whether the same call gives the same answer in a fresh process, where that is known.
    """
    parts = {}
    if repeats is False:
        parts["repeats"] = (
            "The same call in a fresh process gives another answer: your answer depends on earlier calls "
            "(something global is changed or cached) or on chance."
        )
    if isinstance(error, Raised):
        parts["raised"] = raised(error, public)
    elif isinstance(error, Mismatch):
        parts |= _mismatch(error, public)
    else:
        parts["cause"] = "The check could not interpret what your function returned" + (
            f" ({type(error).__name__}: {error})." if public else "."
        )
    if public and call.name:
        parts["called"] = _called(call, parameters)
        if call.error is None and not isinstance(error, Raised):
            parts["returned"] = _returned(call)
    if isinstance(error, Mismatch) and error.reread:
        parts["reread"] = f"Reread “{error.reread}” in the lesson."
    return parts


def _mismatch(error: Mismatch, public: bool) -> dict[str, str]:
    if not public:
        return {"cause": error.because or "The answer is wrong on data that is not shown."}
    said = {"cause": "Likely cause: ", "expected": "Expected: ", "got": "Got: "}
    texts = {"cause": error.because, "expected": error.expected, "got": error.got}
    return {kind: said[kind] + text for kind, text in texts.items() if text}


def lost(call: Call, error: WorkerLost, public: bool, parameters: list[str]) -> dict[str, str]:
    """Say that a call did not come back."""
    parts = {"lost": error.sentence[:1].upper() + error.sentence[1:] + "."}
    return parts | ({"called": _called(call, parameters)} if public and call.name else {})


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
    kind = type(value)
    module = kind.__module__.partition(".")[0]
    if value is None or isinstance(value, bool | int | float):
        return repr(value)
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
            f"{key!r}: {describe(part).partition(chr(10))[0]}" for key, part in list(value.items())[:12]
        )
    if isinstance(value, str):
        return _short(repr(value), 600)
    return _short(pprint.pformat(value, width=WIDTH - 8, compact=True, sort_dicts=False), room)


def _table(frame: object) -> str:
    """The first rows; a wide table is turned, one line a column."""
    rows = min(len(frame), ROWS)
    columns = [str(name) for name in frame.columns]
    if type(frame).__module__.startswith("polars"):
        dtypes = [str(dtype) for dtype in frame.dtypes]
        cells = [[_cell(value) for value in frame[:, i].head(rows).to_list()] for i in range(len(columns))]
    else:
        dtypes = [str(dtype) for dtype in frame.dtypes]
        cells = [[_cell(value) for value in frame.iloc[:rows, i].tolist()] for i in range(len(columns))]
    width = sum(
        max(map(len, [name, dtype, *column])) + 2
        for name, dtype, column in zip(columns, dtypes, cells, strict=True)
    )
    if width <= WIDTH - 8:
        lines = _aligned(
            [[name, dtype, *column] for name, dtype, column in zip(columns, dtypes, cells, strict=True)],
            turned=False,
        )
        note = f"… {len(frame) - rows:,} more rows" if len(frame) > rows else ""
    else:
        shown = max(1, min(rows, 4))
        lines = _aligned(
            [
                [name, dtype, *column[:shown]]
                for name, dtype, column in zip(columns, dtypes, cells, strict=True)
            ],
            turned=True,
        )
        note = (
            f"(one line a column; {len(frame) - shown:,} more rows)"
            if len(frame) > shown
            else "(one line a column)"
        )
    return "\n".join([*lines, note] if note else lines)


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
    return _short(repr(value) if isinstance(value, str) else str(value), CELL).replace("\n", " ")


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def _short(text: str, room: int) -> str:
    return text if len(text) <= room else text[: room - 1] + "…"


def _indented(text: str) -> str:
    return textwrap.indent(text, "    ")
