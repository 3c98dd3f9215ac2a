"""Exercises from solutions: what a learner has to write is taken out, everything else stays.

Inside a function the lines from `### BEGIN SOLUTION` to `### END SOLUTION` go; where the first such block
of a function stood, NotImplementedError is raised with the id of the task. A block can end with
`### HANDED OUT` and commented lines: these are handed out in its place (code to be repaired). A cell
that contains `### SOLUTION ONLY` goes as a whole.
"""

import re
from collections.abc import Mapping

from grader.engine.inside.notebook import split

BEGIN, END, ONLY = "### BEGIN SOLUTION", "### END SOLUTION", "### SOLUTION ONLY"
INSTEAD = "### HANDED OUT"


class BuildError(ValueError):
    """The solution is not marked as it should be; the text says where."""


def build(source: str, task_of: Mapping[str, str]) -> str:
    """Return the exercise that belongs to a solution notebook.

    `task_of` gives the task of each entry function; a marked function that is none belongs to the task
    whose entry follows next, or stands before where none follows. Raises BuildError.
    """
    head, *cells = (text for _, text in split(source))
    tasks = [_first_task(cell, task_of) for cell in cells]
    return "".join(
        [
            head,
            *(
                _emptied(cell, next((task for task in tasks[place:] + tasks[place::-1] if task), None))
                for place, cell in enumerate(cells)
                if ONLY not in cell
            ),
        ]
    )


def build_file(source: str) -> str:
    """Return a text file as it is handed out: without what the same marks enclose. Raises BuildError."""
    return _emptied(source, "")


def _emptied(cell: str, task: str | None) -> str:
    """Take the marked lines out; `task` "" leaves nothing in their place."""
    if BEGIN in cell and task is None:
        raise BuildError(f"no task belongs to this marked cell:\n{cell[:300]}")
    kept: list[str] = []
    inside, instead, raised = False, False, INSTEAD in cell or task == ""
    for line in cell.splitlines(keepends=True):
        match line.strip():
            case mark if mark == BEGIN:
                if inside:
                    raise BuildError(f"two `{BEGIN}` in a row:\n{cell[:300]}")
                inside = True
                if not raised:
                    indent = line[: len(line) - len(line.lstrip())]
                    kept.append(f'{indent}raise NotImplementedError("{task}")\n')
                raised = True
            case mark if mark == END:
                if not inside:
                    raise BuildError(f"`{END}` without `{BEGIN}`:\n{cell[:300]}")
                inside = instead = False
            case mark if mark == INSTEAD:
                if not inside:
                    raise BuildError(f"`{INSTEAD}` outside of a solution:\n{cell[:300]}")
                instead = True
            case _ if instead:
                if not line.lstrip().startswith("# "):
                    raise BuildError(f"what is handed out has to be commented:\n{cell[:300]}")
                kept.append(line.replace("# ", "", 1))
            case _ if not inside:
                kept.append(line)
    if inside:
        raise BuildError(f"`{BEGIN}` without `{END}`:\n{cell[:300]}")
    return "".join(kept)


def _first_task(cell: str, task_of: Mapping[str, str]) -> str | None:
    names = re.findall(r"^\s*(?:async )?def (\w+)", cell, re.MULTILINE)
    return next((task_of[name] for name in names if name in task_of), None)
