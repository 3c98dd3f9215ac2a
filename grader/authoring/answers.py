"""Stored answers to a task: right ones in another style (variants), and wrong ones that people give (misconceptions).

Each is a Python file that defines the task's entry function and whatever it needs. The first line of a variant's
docstring says what is different; that of a misconception occurs in the feedback that it earns.
"""

import ast
import textwrap
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from grader.course.manifest import Assignment, Task
from grader.engine.inside.notebook import Notebook, same

Kind = Literal["variants", "misconceptions"]
Definition = ast.FunctionDef | ast.ClassDef


@dataclass(frozen=True)
class Answer:
    """One stored answer; `summary` is the first line of its docstring."""

    task: Task
    path: Path
    code: str
    summary: str


def stored(assignment: Assignment, kind: Kind) -> list[Answer]:
    """Return the stored answers of an assignment, by file name `<task id>_<what it is>.py`."""
    tasks = {task.id: task for task in assignment.tasks}
    answers = []
    for path in sorted((assignment.checks / kind).glob("*.py")):
        task_id = path.stem.partition("_")[0]
        code = path.read_text(encoding="utf-8")
        summary = (ast.get_docstring(ast.parse(code)) or "").partition("\n")[0]
        if task_id not in tasks or not summary:
            raise ValueError(f"{path.name} needs a task id in front and a docstring")
        answers.append(Answer(tasks[task_id], path, code, summary))
    return answers


def trivial(solution: str, task: Task, value: str) -> str:
    """Return the code of an answer that always gives back `value`; ARGUMENT in it stands for what it is given."""
    arguments = Notebook.parse(solution).definition(task.entry).args
    given = arguments.args[0].arg if arguments.args else "None"
    return f"def {task.entry}({ast.unparse(arguments)}):\n    return {value.replace('ARGUMENT', given)}"


def written(solution: str, shipped: str, task: Task, covered: set[str]) -> list[tuple[str, Definition]]:
    """Return what a learner writes for a task, by name: its entry and the helpers of that which were not handed out.

    Names in `covered` are left out; what is found is added to them, so that a helper of two tasks counts once.
    """
    notebook, handed_out = Notebook.parse(solution), Notebook.parse(shipped)
    found, names = [], [task.entry]
    for name in names:  # grows while we go
        definition = notebook.definition(name)
        if definition is None or (name != task.entry and same(definition, handed_out.definition(name))):
            continue
        definition.decorator_list = []
        found.append((name, definition))
        needs = next(cell for cell in notebook.cells if name in cell.names[0]).names[1]
        names += sorted(needs - covered - set(names))
        covered |= needs
    return found


def submitted(solution: str, code: str, entry: str) -> str:
    """Return the text of the solution notebook with `code` in place of the definition of `entry`."""
    cells = Notebook.parse(solution).cells
    old = [cell for cell in cells if entry in cell.names[0]]
    if len(old) != 1:
        raise ValueError(f"the solution does not define `{entry}` once")
    before, _, after = solution.partition(old[0].text)
    return f"{before}@app.cell\ndef _():\n{textwrap.indent(code, '    ')}\n    return ({entry},)\n\n\n{after}"
