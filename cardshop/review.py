"""A colleague's pull request: what it says of itself, and each file before and after.

What is wrong with it is recorded apart, in the part of the world that submissions cannot read.
"""

from difflib import SequenceMatcher
from typing import NamedTuple

KINDS = {
    "leak": "the model, or a choice about it, sees rows or labels that it is judged by",
    "skew": "the service computes a feature otherwise than the training does",
    "coercion": "a value that cannot be right is silently turned into one that can",
    "validation": "data from outside are used without a check",
    "seed": "two runs on the same data give different models",
    "untested": "a new branch that no test runs",
    "swallowed": "an error is hidden, and the caller gets an answer that looks right",
    "stale": "something is kept that may have changed since",
}
"""The faults that a review can name."""


class File(NamedTuple):
    """A file of a pull request: its name, and its lines before and after."""

    name: str
    before: list[str]
    after: list[str]


class Line(NamedTuple):
    """A line of a diff. `mark` is "+", "-" or a space; `number` is its number in the new file, 0 if it is gone."""

    mark: str
    number: int
    text: str


def pull_request(seed: int) -> list[File]:
    """Return the files of the pull request of a seed. Raises ModuleNotFoundError where submissions are graded."""
    from cardshop.world.truth.changes import change

    return change(seed).files


def diff(file: File) -> list[Line]:
    """Return the whole new file, with what was added and what is gone."""
    lines = []
    for kind, i, j, k, m in SequenceMatcher(None, file.before, file.after, autojunk=False).get_opcodes():
        if kind == "equal":
            lines += [Line(" ", at + 1, file.after[at]) for at in range(k, m)]
        else:
            lines += [Line("-", 0, text) for text in file.before[i:j]]
            lines += [Line("+", at + 1, file.after[at]) for at in range(k, m)]
    return lines


def notes(seed: int, name: str) -> dict[int, str]:
    """Return what each change of a file does, by the number of its last line in the new file."""
    from cardshop.world.truth.changes import change

    return {
        one.lines[-1]: f"{one.kinds[0].capitalize() if one.kinds else 'Right'}: {one.why}"
        for one in change(seed).findings
        if one.file == name
    }
