"""The learner's commands."""

import json
import platform
from datetime import datetime
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from grader.course import manifest, progress
from grader.course import solution as answers
from grader.course.handin import submitted
from grader.course.manifest import Assignment, Task
from grader.engine.scoring import DONE

from .grading import graded, level, wanted
from .intake import own
from .output import WORDS, console, dojo, nearest, short, show, stop, warn

app = typer.Typer()
OneTask = Annotated[str, typer.Argument(help="A task: 1.1a")]


@app.command()
def start() -> None:
    """Open the course in the browser."""
    from grader.command.start import main

    main()


@app.command("list")
def list_(as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False) -> None:
    """List the units and their tasks."""
    if as_json:
        fields = {"id", "title", "entry", "points", "needs"}
        units = [
            {
                "name": one.name,
                "title": one.title,
                "tasks": [task.model_dump(include=fields) for task in one.tasks],
            }
            for one in manifest.assignments()
        ]
        print(json.dumps(units, indent=2))
        return
    done = progress.best()
    for assignment in manifest.assignments():
        console.print(f"[bold]{assignment.name}[/bold]  {escape(assignment.title)}")
        if missing := assignment.missing():
            console.print(f"  {missing}", style="yellow", markup=False)
        for task in assignment.tasks:
            mark = "x" if done.get(task.id, {}).get("verdict") in DONE else " "
            console.print(
                f"  [{mark}] {task.id:6} {task.title}  ({task.points:g} points, {task.entry})", markup=False
            )
        console.print()


@app.command("next")
def next_() -> None:
    """Show the next task, and where to find it."""
    from .start import running

    task_id = progress.next_task()
    if task_id is None:
        console.print("You have passed every task.")
        return
    assignment, task = _task(task_id)
    server = running()
    where = server.address(assignment.exercise) if server else f"Start the course with `{dojo('start')}`."
    console.print(f"[bold]{task.id}[/bold] {escape(task.title)}, about {task.design.minutes} minutes")
    is_file = task.answer in ("file", "artifact")
    entry = f"`{task.entry}` in {short(assignment.exercise)}"
    console.print(
        f"{short(assignment.folder / task.entry) if is_file else entry}. {where}\n"
        f"`{dojo(f'check {task.id}')}` checks it in full.",
        markup=False,
    )


@app.command()
def check(
    id: Annotated[
        str | None, typer.Argument(help="A task, a checkpoint or a unit; every changed exercise if left out.")
    ] = None,
    isolation: Annotated[
        str | None, typer.Option(help="sandbox or process; the best one available if left out.")
    ] = None,
) -> None:
    """Check your notebook with every check, and record the result.

    The exit code is 0 when everything has passed, and 1 otherwise.
    """
    everything_passed = True
    for assignment, tasks in [wanted(id)] if id else _changed():
        if not id and (missing := assignment.missing()):
            warn(f"{assignment.name} was not checked. {missing}")
            everything_passed = False
            continue
        everything_passed &= check_in_full(assignment, tasks, level(isolation))
    if not everything_passed:
        raise typer.Exit(1)


def check_in_full(assignment: Assignment, tasks: list[str] | None, isolation: str | None) -> bool:
    """Check the learner's answers to these tasks (None: all), show and record the result; return whether all passed."""
    from grader.engine import Engine

    text = own(assignment)
    what = f"Checking {', '.join(tasks or [assignment.name])} with every check"
    with Engine(assignment.engine(), isolation) as engine, console.status(what):
        given = submitted(assignment, engine.assignment, text)
        result = graded(engine, given, short(assignment.exercise), tasks)
    show(result)
    _record_attempts(assignment, result, text)
    return all(task["verdict"] in DONE for task in result["tasks"])


def _changed() -> list[tuple[Assignment, None]]:
    """The exercises that differ from what was handed out, all of their tasks; ends the command if none does."""
    return [
        (one, None) for one in manifest.assignments() if one.exercise.exists() and _is_changed(one)
    ] or stop(f"You have not changed any exercise yet. `{dojo('next')}` says where to begin.")


def _is_changed(one: Assignment) -> bool:
    given = {one.exercise: one.shipped()}
    given |= {one.folder / name: text for name, text in one.shipped_files().items()}
    return any(file.exists() and file.read_text(errors="replace") != text for file, text in given.items())


def _record_attempts(assignment: Assignment, result: dict, text: str) -> None:
    tasks = {task.id: task for task in assignment.tasks}
    for task in result["tasks"]:
        if task["verdict"] not in ("not_attempted", "blocked"):
            _record(
                "attempt",
                key=task["id"],
                task=task["id"],
                verdict=task["verdict"],
                score=task["score"],
                max_score=task["max_score"],
                live=False,
                code=progress.answer_name(assignment, tasks[task["id"]], text),
            )


@app.command()
def hint(id: OneTask) -> None:
    """Show the next hint for a task."""
    _, task = _task(id)
    taken = max(
        [
            entry["rung"]
            for entry in progress.history()
            if entry.get("kind") == "hint"
            and entry.get("task") == task.id
            and isinstance(entry.get("rung"), int)
        ],
        default=0,
    )
    rung = min(taken + 1, len(task.hints))
    for number, text in enumerate(task.hints[:rung], start=1):
        console.print(f"Hint {number} of {len(task.hints)}: {text}", markup=False)
    if rung > taken:
        _record("hint", key=task.id, task=task.id, rung=rung)
    else:
        console.print(
            f"That was the last hint. `{dojo(f'solution {task.id}')}` opens when the task has passed, or after "
            f"{answers.ATTEMPTS} different attempts.",
            markup=False,
        )


@app.command()
def solution(id: OneTask) -> None:
    """Show the solution, once the task has passed or after three different attempts."""
    assignment, task = _task(id)
    if left := answers.attempts_left(progress.attempts(task.id)):
        stop(
            f"The solution of {task.id} opens when the task has passed, or after {answers.ATTEMPTS} different "
            f"attempts. So far you have made {answers.ATTEMPTS - left}. `{dojo(f'hint {task.id}')}` shows a hint."
        )
    try:
        console.print(answers.text(assignment, task), markup=False)
    except LookupError as error:
        stop(error.args[0])
    _record("solution", key=task.id, task=task.id)


@app.command("progress")
def progress_() -> None:
    """Show your points, and rebuild the table in progress.md."""
    done = progress.best()
    try:
        progress.refresh()
    except OSError as error:
        stop(str(error))
    for assignment in manifest.assignments():
        earned = sum(progress.points(done.get(task.id, {})) for task in assignment.tasks)
        table = Table(
            title=f"{assignment.name}: {earned:g} of {assignment.points:g} points",
            title_justify="left",
            title_style="bold",
            show_header=False,
            box=None,
        )
        for task in assignment.tasks:
            entry = done.get(task.id, {})
            word, style = WORDS.get(str(entry.get("verdict", "not_attempted")), ("unknown", "dim"))
            table.add_row(
                task.id,
                escape(task.title),
                f"[{style}]{word}[/{style}]",
                f"{progress.points(entry):g} of {task.points:g}",
            )
        console.print(table)
        console.print()


@app.command()
def report(id: OneTask) -> None:
    """Report a check that is wrong: write your notebook, the verdict and the versions into one file."""
    from importlib.metadata import version

    from grader.engine import Engine

    assignment, task = _task(id)
    text = own(assignment)
    with Engine(assignment.engine()) as engine, console.status("Checking"):
        given = submitted(assignment, engine.assignment, text)
        result = graded(engine, given, short(assignment.exercise), [task.id])
    packages = {name: version(name) for name in ("marimo", "polars", "pandas", "hypothesis", "pytest")}
    file = progress.home() / ".dojo" / "reports" / f"{datetime.now():%Y%m%d-%H%M%S}-{task.id}.json"
    content = {
        "task": task.id,
        "python": platform.python_version(),
        "platform": platform.platform(),
        "packages": packages,
        "result": result,
        "notebook": text,
    }
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(content, indent=2), encoding="utf-8")
    except OSError as error:
        stop(f"{file} cannot be written ({error.strerror}).")
    console.print(
        f"Written to {short(file)}. It contains your whole notebook, so look through it before you send it.",
        markup=False,
    )


def _task(task_id: str) -> tuple[Assignment, Task]:
    known = manifest.tasks()
    if task_id not in known:
        stop(f"There is no task {task_id}. {nearest(task_id, list(known))}")
    return known[task_id]


def _record(kind: str, **fields: object) -> None:
    try:
        progress.record(kind, **fields)
    except OSError as error:
        console.print(f"Not recorded: {error}", markup=False)
