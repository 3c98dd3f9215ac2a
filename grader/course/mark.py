"""Which assignment a notebook belongs to: it says so itself, in the title of marimo's app.

`dojo author build` writes the mark, as in `marimo.App(app_title="Checkpoint: a new card set [CP-1]")`; marimo
keeps it when it saves. Where it is gone, the functions that the notebook defines decide.
"""

import re
from collections.abc import Sequence

from .manifest import Assignment, course

_TITLE = re.compile(
    r'(app_title\s*=\s*)(?P<quote>["\'])(?P<title>(?:(?!(?P=quote)).)*?)(?: ?\[(?P<name>[\w./-]+)\])?(?P=quote)'
)


def write_mark(notebook: str, name: str) -> str:
    """Return the text of a notebook with the name of its assignment in the title of its app."""
    found = _TITLE.search(notebook)
    if found is None:
        return notebook.replace("marimo.App(", f'marimo.App(app_title="[{name}]", ', 1).replace(", )", ")", 1)
    title = f"{found['title']} [{name}]".strip()
    return f"{notebook[: found.start()]}{found[1]}{found['quote']}{title}{found['quote']}{notebook[found.end() :]}"


def read_mark(notebook: str) -> str:
    """Return the name in the mark of a notebook, whether or not there is such an assignment; else nothing."""
    found = _TITLE.search(notebook)
    return (found["name"] or "") if found else ""


def recognise(notebook: str, among: Sequence[Assignment] | None = None) -> list[Assignment]:
    """Return the assignment that a notebook belongs to; several where it is not clear, none where none is likely.

    By its mark; without one, by the number of graded functions that it defines.
    """
    among = course().assignments if among is None else among
    name = read_mark(notebook)
    if named := [assignment for assignment in among if assignment.name == name]:
        return named
    defined = set(re.findall(r"^[ \t]*(?:async[ \t]+)?def[ \t]+(\w+)", notebook, re.MULTILINE))
    counts = [sum(task.entry in defined for task in assignment.tasks) for assignment in among]
    most = max(counts, default=0)
    return [assignment for assignment, count in zip(among, counts, strict=True) if count == most > 0]
