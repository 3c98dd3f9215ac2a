"""The learner's commands."""

import json
import platform
import shutil
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.markdown import Markdown

from grader.course import manifest, progress
from grader.course.manifest import ROOT, Assignment, Task

from .grading import graded, level
from .intake import read
from .output import console, nearest, show, stop

app = typer.Typer()
TaskId = Annotated[
    str, typer.Argument(help="A task (1.1a), a checkpoint (CP-1) or a unit (01_data_engineering).")
]
OneTask = Annotated[str, typer.Argument(help="A task: 1.1a")]
ATTEMPTS = 3  # different answers after which the solution is shown to those who ask


@app.command()
def start() -> None:
    """Open the course in the browser."""
    from grader.command.start import main

    main()


@app.command("list")
def list_(as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False) -> None:
    """List the units and their tasks."""
    units = [
        {
            "name": a.name,
            "title": a.title,
            "tasks": [
                {"id": t.id, "title": t.title, "entry": t.entry, "points": t.points, "needs": list(t.needs)}
                for t in a.tasks
            ],
        }
        for a in manifest.assignments()
    ]
    if as_json:
        print(json.dumps(units, indent=2))
        return
    done = progress.best()
    for unit in units:
        console.print(f"\n[bold]{unit['name']}[/bold]  {unit['title']}")
        for task in unit["tasks"]:
            entry = done.get(task["id"], {})
            mark = "x" if entry.get("verdict") in progress.DONE else " "
            console.print(
                f"  \\[{mark}] {task['id']:6} {task['title']}  ({task['points']:g} points, {task['entry']})"
            )


@app.command("next")
def next_() -> None:
    """Say what comes next."""
    task_id = progress.next_task()
    if task_id is None:
        console.print("Every task has passed.")
        return
    assignment, task = _task(task_id)
    console.print(
        f"[bold]{task.id}[/bold] {task.title}: `{task.entry}` in {_short(assignment.exercise)}, "
        f"about {task.design.minutes} minutes.\nOpen it with `dojo start`, check it with `dojo check {task.id}`."
    )


@app.command()
def check(
    id: Annotated[
        str | None, typer.Argument(help="A task, a checkpoint or a unit; all exercises if left out.")
    ] = None,
    isolation: Annotated[
        str | None, typer.Option(help="sandbox or process; the best there is if left out.")
    ] = None,
) -> None:
    """Check your notebook with every check, and record the result."""
    from grader.engine import Engine

    for assignment, tasks in _wanted(id):
        text = _own(assignment)
        what = f"Checking {', '.join(tasks or [assignment.name])} with every check"
        with Engine(assignment.engine(), level(isolation)) as engine, console.status(what):
            result = graded(engine, text, _short(assignment.exercise), tasks)
        show(result)
        entries = {task.id: task.entry for task in assignment.tasks}
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
                    code=progress.code_name(text, entries[task["id"]]),
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
            f"That was the last one. `dojo solution {task.id}` opens when it has passed, or after {ATTEMPTS} "
            "different attempts."
        )


@app.command()
def reset(id: TaskId) -> None:
    """Put a task or a whole notebook back to its start (a copy of yours is kept)."""
    for assignment, tasks in _wanted(id):
        file = assignment.exercise
        if tasks is None:
            text, what = assignment.shipped(), _short(file)
        else:
            text, what = _own(assignment), " and ".join(tasks)
            for task in assignment.tasks:
                if task.id in tasks:
                    text = _put_back(text, assignment, task)
        if file.exists() and file.read_bytes() != text.encode():
            kept = (
                progress.home()
                / ".dojo"
                / "copies"
                / f"{datetime.now():%Y%m%d-%H%M%S-%f}-{assignment.name}.py"
            )
            try:
                kept.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(file, kept)
            except OSError as error:
                stop(f"Nothing was changed: no copy could be kept in {kept.parent} ({error.strerror}).")
            console.print(f"Your notebook is kept as {_short(kept)}.")
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
        except OSError as error:
            stop(f"{_short(file)} cannot be written ({error.strerror}).")
        console.print(f"{what} {'is' if tasks is None or len(tasks) == 1 else 'are'} as handed out.")


def _put_back(text: str, assignment: Assignment, task: Task) -> str:
    """Return the notebook with the function of one task as it was handed out."""
    from grader.engine.inside.notebook import Notebook

    shipped = next(cell for cell in Notebook.parse(assignment.shipped()).cells if cell.mentions(task.entry))
    text = text.replace("\r\n", "\n")
    own = [cell for cell in Notebook.parse(text).cells if cell.mentions(task.entry)]
    if len(own) != 1:
        stop(
            f"`{task.entry}` stands in {len(own)} cells of {_short(assignment.exercise)}, so it is not clear what to "
            f"put back. `dojo reset {assignment.name}` puts back the whole notebook."
        )
    return text.replace(own[0].text, shipped.text)


@app.command()
def solution(id: OneTask) -> None:
    """Show the solution, after a pass or after honest attempts."""
    assignment, task = _task(id)
    tried = {entry.get("code") for entry in progress.attempts(task.id)} - {None}
    passed = progress.best().get(task.id, {}).get("verdict") in progress.DONE
    if not passed and len(tried) < ATTEMPTS:
        stop(
            f"The solution of {task.id} opens when it has passed, or after {ATTEMPTS} different attempts; so far there "
            f"{'is 1' if len(tried) == 1 else f'are {len(tried)}'}. `dojo hint {task.id}` helps."
        )
    from grader.engine.inside.notebook import Notebook

    cells = Notebook.parse(assignment.solution.read_text(encoding="utf-8")).cells
    text = next(cell.text for cell in cells if task.entry in cell.names[0])
    console.print(
        "\n".join(line for line in text.rstrip().splitlines() if not line.strip().startswith("### ")),
        markup=False,
    )
    _record("solution", key=task.id, task=task.id)


@app.command("progress")
def progress_() -> None:
    """Show your points, and make progress.md anew."""
    try:
        progress.refresh()
    except OSError as error:
        stop(str(error))
    text = progress.view(manifest.course(), progress.best())
    text = text.replace(progress.BEGIN, "").replace(progress.END, "").strip()
    console.print(
        Markdown(text) if console.is_terminal else text, markup=False, soft_wrap=not console.is_terminal
    )


@app.command()
def doctor() -> None:
    """Look for what may be wrong with this machine or this installation."""
    from importlib.metadata import PackageNotFoundError, version

    from grader.engine.pool import GraderBroken, IsolationUnavailable, WorkerPool

    console.print(f"Python {platform.python_version()} on {platform.system()} {platform.machine()}")
    faults = []
    lock = [
        line.split(" ")[0].split("==")
        for line in (ROOT / "requirements.lock").read_text().splitlines()
        if "==" in line and "sys_platform" not in line and "platform_" not in line
    ]
    for name, wanted in lock:
        try:
            if version(name) != wanted:
                faults.append(
                    f"{name} {version(name)} is installed, the course was tried with {wanted}: run `make setup`."
                )
        except PackageNotFoundError:
            faults.append(f"{name} is not installed: run `make setup`.")
    try:
        workers = WorkerPool(None, (), (), ())
        console.print(f"Submissions run at the isolation level `{workers.level}`.")
        workers.close()
    except (IsolationUnavailable, GraderBroken) as error:
        faults.append(str(error))
    free = shutil.disk_usage(ROOT).free / 1e9
    console.print(f"{free:.0f} GB of disk are free.")
    if free < 1:
        faults.append("There is less than 1 GB of disk left.")
    try:
        progress.history()
        (progress.home() / ".dojo").mkdir(parents=True, exist_ok=True)
        (progress.home() / ".dojo" / "probe").touch()
        (progress.home() / ".dojo" / "probe").unlink()
    except OSError as error:
        faults.append(f"Progress cannot be kept in {progress.home()} ({error.strerror or error}).")
    for fault in faults:
        console.print(f"- {fault}", markup=False)
    console.print("Nothing is wrong." if not faults else f"{len(faults)} to repair.")
    if faults:
        raise typer.Exit(1)


@app.command()
def report(id: OneTask) -> None:
    """Write your code, the verdict and the versions into one file, to dispute a check with."""
    from importlib.metadata import version

    from grader.engine import Engine

    assignment, task = _task(id)
    text = _own(assignment)
    with Engine(assignment.engine()) as engine, console.status("Checking"):
        result = graded(engine, text, _short(assignment.exercise), [task.id])
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
        f"Written to {_short(file)}. It holds your whole notebook; look through it before you send it."
    )


def _task(task_id: str) -> tuple[Assignment, Task]:
    known = manifest.tasks()
    if task_id not in known:
        stop(f"There is no task {task_id}. {nearest(task_id, list(known))}")
    return known[task_id]


def _wanted(id: str | None) -> list[tuple[Assignment, list[str] | None]]:
    """The assignments that an id names, each with the tasks that are meant (None: all)."""
    every = manifest.assignments()
    if id is None:
        return [
            (a, None)
            for a in every
            if a.exercise.exists() and a.exercise.read_text(errors="replace") != a.shipped()
        ] or stop("You have changed no exercise yet. `dojo next` says where to begin.")
    for assignment in every:
        if id in (assignment.name, *(task.id for task in assignment.tasks)):
            return [(assignment, None if id == assignment.name else [id])]
        grouped = [task.id for task in assignment.tasks if task.id.rstrip("abcdefgh") == id]
        if grouped:
            return [(assignment, grouped)]
    known = [name for a in every for name in (a.name, *(task.id for task in a.tasks))]
    stop(f"There is no task or unit {id}. {nearest(id, known)}")


def _own(assignment: Assignment) -> str:
    try:
        return read(assignment.exercise)
    except FileNotFoundError:
        stop(f"{_short(assignment.exercise)} is not there. `dojo reset {assignment.name}` puts it back.")
    except OSError as error:
        stop(f"{_short(assignment.exercise)} cannot be read ({error.strerror}).")


def _record(kind: str, **fields: object) -> None:
    try:
        progress.record(kind, **fields)
    except OSError as error:
        console.print(f"Not recorded: {error}", markup=False)


def _short(path: Path) -> str:
    return str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) else str(path)
