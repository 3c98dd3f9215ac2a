"""Stored answers to a task: right ones in another style (variants), and wrong ones that people give (misconceptions).

A stored answer is a Python file `<task>_<name>.py` that defines the task's entry function and whatever it needs. The
first line of a variant's docstring says what is different; that of a misconception is part of the feedback it earns.
Where one line is wrong, a misconception is an edit instead: an entry of `misconceptions.toml` that says what is
replaced in the solution, or in a variant.

Where files belong to the answer, a folder beside the Python file has those that differ from the solution's:
`<task>_<name>/`.

An answer to a task that asks for a file is a folder `<task>_<name>/` with what somebody hands in
(`alerts/service.yaml`). The first line of the task's file is a comment, and says what that of a docstring says.
"""

import ast
import textwrap
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from grader.course.manifest import Assignment, Task
from grader.engine import Submitted
from grader.engine.inside.notebook import Notebook, same

_parsed = cache(Notebook.parse)
Kind = Literal["variants", "misconceptions"]
Definition = ast.FunctionDef | ast.ClassDef


@dataclass(frozen=True)
class Answer:
    """One stored answer: `notebook` is the solution with the answer in it, or the solution together with files.

    `summary` says what is different about a variant; for a misconception it is part of the feedback.
    """

    task: Task
    name: str
    summary: str
    notebook: str | Submitted


class Edit(BaseModel):
    """A misconception as an edit: each `old` text of `edits` occurs once and is replaced by the `new` one."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    task: str
    name: str
    says: str  # part of the feedback
    edits: Annotated[tuple[tuple[str, str], ...], Field(min_length=1)]
    variant: str = ""  # what is edited: this variant; the solution when empty
    cell: str = (
        ""  # of the solution: the cell that defines this name, or the file; the task's entry when empty
    )


def load_answers(assignment: Assignment, kind: Kind) -> list[Answer]:
    """Return the stored answers of an assignment, sorted by name.

    Raises ValueError for a file or an edit that does not fit.
    """
    solution = assignment.solution.read_text(encoding="utf-8")
    files = [_file(path, assignment, solution) for path in (assignment.checks / kind).glob("*.py")]
    files += [
        _folder(path, assignment, solution)
        for path in (assignment.checks / kind).glob("[!_]*_*/")
        if not path.with_name(f"{path.name}.py").exists()
    ]
    files.sort(key=lambda answer: answer.name)
    if kind == "variants":
        return files
    edited = [_edited(edit, assignment, solution) for edit in _edits(assignment)]
    names = [answer.name for answer in [*files, *edited]]
    if twice := {name for name in names if names.count(name) > 1}:
        raise ValueError(f"two misconceptions are called {min(twice)}")
    return sorted([*files, *edited], key=lambda answer: answer.name)


def solution_files(assignment: Assignment) -> dict[str, str]:
    """Return the texts beside the solution, by the names that they have for the notebook."""
    return _texts(assignment.solution.with_suffix(""), assignment.file_names)


def notebook_with(solution: str, code: str, entry: str) -> str:
    """Return the text of the solution notebook with `code` in place of the cell that defines `entry`."""
    before, _, after = solution.partition(_cell(solution, entry))
    return f"{before}@app.cell\ndef _():\n{textwrap.indent(code, '    ')}\n    return ({entry},)\n\n\n{after}"


def constant_answer(solution: str, task: Task, value: str) -> str:
    """Return the code of an answer that always returns `value`; ARGUMENT in it stands for the first argument."""
    arguments = Notebook.parse(solution).definition(task.entry).args
    given = arguments.args[0].arg if arguments.args else "None"
    return f"def {task.entry}({ast.unparse(arguments)}):\n    return {value.replace('ARGUMENT', given)}"


def definitions_to_write(
    solution: str, shipped: str, task: Task, covered: set[str]
) -> list[tuple[str, Definition]]:
    """Return what a learner writes for a task, by name: its entry, and the entry's helpers that were not handed out.

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


def _file(path: Path, assignment: Assignment, solution: str) -> Answer:
    code = path.read_text(encoding="utf-8")
    task = _task(assignment, path.stem.partition("_")[0], path.name)
    summary = (ast.get_docstring(ast.parse(code)) or "").partition("\n")[0]
    if not summary:
        raise ValueError(f"{path.name} needs a docstring")
    notebook = notebook_with(solution, code, task.entry)
    if (beside := path.with_suffix("")).is_dir():
        return Answer(
            task,
            path.stem,
            summary,
            Submitted(notebook, contents=solution_files(assignment) | _texts(beside)),
        )
    return Answer(task, path.stem, summary, notebook)


def _folder(path: Path, assignment: Assignment, solution: str) -> Answer:
    task = _task(assignment, path.name.partition("_")[0], path.name)
    files = _texts(path)
    first = files.get(task.entry, "").partition("\n")[0]
    summary = first.removeprefix("#").strip()
    if not first.startswith("#") or not summary:
        raise ValueError(f"{path.name}/{task.entry} has to begin with a comment that says what is different")
    return Answer(task, path.name, summary, Submitted(solution, contents=files))


def _texts(folder: Path, names: Iterable[str] | None = None) -> dict[str, str]:
    """Texts of a folder by their path in it, all of them where no names are given."""
    if names is None:
        names = [file.relative_to(folder).as_posix() for file in sorted(folder.rglob("*")) if file.is_file()]
    return {name: (folder / name).read_text(encoding="utf-8") for name in names}


def _edits(assignment: Assignment) -> list[Edit]:
    file = assignment.checks / "misconceptions.toml"
    if not file.exists():
        return []
    return [Edit(**entry) for entry in tomllib.loads(file.read_text(encoding="utf-8"))["misconceptions"]]


def _edited(edit: Edit, assignment: Assignment, solution: str) -> Answer:
    name = f"{edit.task}_{edit.name}"
    task = _task(assignment, edit.task, name)
    if task.answer == "file":
        return Answer(
            task, name, edit.says, Submitted(solution, contents=_edited_files(edit, assignment, task))
        )
    if edit.variant:
        variant = assignment.checks / "variants" / f"{edit.task}_{edit.variant}.py"
        code = _replace(variant.read_text(encoding="utf-8"), edit, name)
        return Answer(task, name, edit.says, notebook_with(solution, code, task.entry))
    cell = _cell(solution, edit.cell or task.entry)
    return Answer(task, name, edit.says, solution.replace(cell, _replace(cell, edit, name)))


def _edited_files(edit: Edit, assignment: Assignment, task: Task) -> dict[str, str]:
    files = solution_files(assignment)
    if edit.variant:
        variant = assignment.checks / "variants" / f"{edit.task}_{edit.variant}"
        files |= _texts(variant)
    file = edit.cell or task.entry
    return files | {file: _replace(files[file], edit, f"{edit.task}_{edit.name}")}


def _replace(text: str, edit: Edit, name: str) -> str:
    for old, new in edit.edits:
        if text.count(old) != 1:
            raise ValueError(f"{name} replaces {old!r}, which occurs {text.count(old)} times")
        text = text.replace(old, new)
    return text


def _cell(solution: str, name: str) -> str:
    cells = [cell for cell in _parsed(solution).cells if name in cell.names[0]]
    if len(cells) != 1:
        raise ValueError(f"the solution does not define `{name}` once")
    return cells[0].text


def _task(assignment: Assignment, task_id: str, name: str) -> Task:
    for task in assignment.tasks:
        if task.id == task_id:
            return task
    raise ValueError(f"{name} is not about a task of {assignment.name}")
