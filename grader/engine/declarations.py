"""What a check file imports: how a check declares itself, and how it says that an answer is wrong."""

import pickle
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, wraps

import pytest

from .inside import bounds, wire


@dataclass(frozen=True)
class Declaration:
    """What a check says of itself (see `checks`)."""

    task: str
    weight: float
    public: bool
    live: bool
    cold: bool
    timed: bool
    examples: tuple[int, int]


def checks(
    task: str,
    weight: float = 1,
    *,
    public: bool = True,
    live: bool = True,
    cold: bool = False,
    timed: bool = False,
    examples: tuple[int, int] = (25, 200),
) -> Callable:
    """Declare a pytest test to be a check of `task`; the outermost decorator.

    weight: its share of the task's points; 0 makes it a gate that must pass before any check scores.
    public: whether its counterexamples may be shown. live: whether it runs in the notebook too.
    cold: it starts workers of its own; timed: it measures, so nothing else may run. Neither is live.
    examples: how many inputs hypothesis tries live and in full; fewer where one call is slow.
    The first line of the test's docstring is what the learner reads as its name.
    """
    if weight < 0:
        raise ValueError(f"a check of {task} has a negative weight")
    return pytest.mark.dojo(
        Declaration(task, weight, public, live and not (cold or timed), cold, timed, examples)
    )


ask: Callable[[str, tuple, dict], bytes] | None = None
"""In a referee: how it asks for what is remembered (see `referee.py`)."""

_remembered: dict[str, Callable] = {}


def remembered(function: Callable) -> Callable:
    """Remember what a function returns, like functools.cache, for all submissions of a session.

    For truths that are expensive. It gets plain arguments (numbers, texts, truth values), its value can be
    pickled, and nobody changes it. Where submissions have a process each, it is computed in one that sees none.
    """
    name = f"{function.__module__}.{function.__qualname__}"
    _remembered[name] = function

    @cache
    @wraps(function)
    def known(*args: object, **named: object) -> object:
        plain = all(isinstance(arg, int | float | str | bool) for arg in (*args, *named.values()))
        if ask is not None and plain and (answer := ask(name, args, named)):
            return pickle.loads(answer)  # noqa: S301 - it comes from our own process
        return function(*args, **named)

    return known


def computed(name: str, args: list, named: dict) -> bytes:
    """Return the pickled value of a function that is `remembered`."""
    return pickle.dumps(_remembered[name](*args, **named), protocol=pickle.HIGHEST_PROTOCOL)


Text = str | Callable[[], str]
"""A text, or a function that makes it: then nothing is put into words for an answer that is right."""


class Mismatch(AssertionError):
    """The answer is wrong; raised by `expect`, `as_table` and `speedup`. Its fields are those of `expect`."""

    def __init__(self, expected: str, because: str = "", reread: str = "", got: str = ""):
        super().__init__(expected)
        self.expected, self.because, self.reread, self.got = expected, because, reread, got


def expect(ok: bool, expected: Text, *, because: Text = "", reread: str = "", got: Text = "") -> None:
    """Fail the check unless `ok`.

    expected: the right answer in words, shown only by public checks, as is `got`: the part of the answer
    that is wrong. because: the likely cause. reread: the section of the lesson to go back to. What was
    called and what came back is added by the runner.
    """
    if not ok:
        raise Mismatch(_words(expected), _words(because), reread, _words(got))


def _words(text: Text) -> str:
    return text() if callable(text) else text


class Raised(Exception):  # noqa: N818 - it is not an error of ours
    """The submission raised. `types` are the names of the exception's class and its bases."""

    def __init__(self, described: dict):
        self.types = wire.texts(described.get("types"))
        self.type = wire.text(described.get("type"), bounds.NAME)
        self.message = wire.text(described.get("message"))
        self.missing = described.get("missing") is True
        self.trace = _steps(described.get("trace"))
        super().__init__(f"{self.type}: {self.message}" if self.message else self.type)


def _steps(trace: object) -> list[tuple[str, int, str, str]]:
    """The innermost calls: file, line, function, code."""
    if not isinstance(trace, list):
        return []
    return [
        (wire.text(step[0], bounds.NAME), step[1], wire.text(step[2], bounds.NAME), wire.text(step[3], 500))
        for step in trace[:4]
        if isinstance(step, list) and len(step) == 4 and type(step[1]) is int
    ]


def as_table(result: object):
    """Return any kind of table as a polars DataFrame, so that every library's answer is equally right.

    Takes polars, pandas (a meaningful index becomes columns), Arrow, a list of mappings and a mapping of
    columns. Raises Mismatch with a sentence for everything else.
    """
    import pandas as pd
    import polars as pl
    import pyarrow as pa

    kind = type(result).__name__
    if (width := _width(result)) > bounds.COLUMNS:
        raise Mismatch("a table", because=f"what came back has {width:,} columns")
    try:
        if isinstance(result, pl.DataFrame):
            return result
        if isinstance(result, pl.Series | pd.Series):
            raise Mismatch("a table", because=f"a single column ({kind}) came back")
        if isinstance(result, pd.DataFrame):
            if any(name is not None for name in result.index.names):
                result = result.reset_index()
            return pl.from_pandas(result)
        if isinstance(result, pa.Table):
            return pl.from_arrow(result)
        if isinstance(result, list) and all(isinstance(row, dict) for row in result):
            return pl.DataFrame(result, infer_schema_length=None)
        if isinstance(result, dict) and all(isinstance(column, list | tuple) for column in result.values()):
            return pl.DataFrame({str(name): list(column) for name, column in result.items()}, strict=False)
    except Mismatch:
        raise
    except Exception as error:
        why = str(error)[: bounds.NAME]
        raise Mismatch("a table", because=f"what came back could not be read as one: {why}") from None
    raise Mismatch(
        "a table (a data frame)",
        because=f"{'nothing' if result is None else f'a value of type {kind}'} came back",
    )


def _width(result: object) -> int:
    """The columns of what may be a table."""
    if isinstance(result, list) and all(isinstance(row, dict) for row in result):
        return len(set().union(*result))
    if isinstance(result, dict):
        return len(result)
    return len(getattr(result, "columns", ()))
