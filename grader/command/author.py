"""The author's commands."""

from functools import partial
from typing import Annotated

import typer

from grader.course import manifest
from grader.course.manifest import Assignment, Task

from .output import console, nearest, stop

app = typer.Typer(no_args_is_help=True, help="Commands for authors of units.")
Unit = Annotated[str | None, typer.Argument(help="A unit or checkpoint; all if left out.")]
Name = Annotated[str | None, typer.Argument(help="A unit, a checkpoint or a task; all if left out.")]


@app.command()
def new(name: Annotated[str, typer.Argument(help="Two digits and a name: 03_model_training.")]) -> None:
    """Lay out the skeleton of a unit: every file it has, ready to run, with WRITE: where you have to write."""
    from grader.authoring.new import lay_out

    try:
        files = lay_out(name)
    except ValueError as error:
        stop(str(error))
    for file in files:
        _say(f"{file.relative_to(manifest.ROOT)}")
    _say("course.toml and README.md have its entry.")
    _say(f"`dojo author check {name} --quick` says what is still to be written.")


@app.command()
def build(unit: Unit = None) -> None:
    """Make the exercise notebooks from the solutions."""
    from grader.authoring.build import BuildError

    for assignment in dict.fromkeys(assignment for assignment, _ in _wanted(unit)):
        try:
            text, files = assignment.shipped(), assignment.shipped_files()
        except (BuildError, OSError) as error:
            stop(f"{assignment.solution.name}: {error}")
        assignment.exercise.parent.mkdir(parents=True, exist_ok=True)
        assignment.exercise.write_text(text, encoding="utf-8")
        for name, content in files.items():
            file = assignment.folder / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(content, encoding="utf-8")
        console.print(f"{assignment.exercise.relative_to(manifest.ROOT)} is built.")


@app.command()
def check(
    name: Name = None,
    quick: Annotated[bool, typer.Option(help="What takes seconds: built, tidy, the solution live.")] = False,
    changed: Annotated[
        bool, typer.Option(help="What is not proved as it is now; samples of the rest.")
    ] = False,
    jobs: Annotated[
        int | None, typer.Option(min=1, help="Processes at once; one a core if left out.")
    ] = None,
) -> None:
    """Prove that tasks are fair (solution, variants, misconceptions, mutants, seeds) and that pages can be read."""
    from grader.authoring import campaign

    wanted = _wanted(name)
    campaign_of = campaign.quick if quick else partial(campaign.prove, changed=changed)
    faults = campaign_of(wanted, _say, jobs)
    for fault in faults:
        console.print(f"- {fault}", markup=False)
    if faults:
        stop("1 fault." if len(faults) == 1 else f"{len(faults)} faults.")
    console.print("No faults found." if quick else "All proofs hold.")


@app.command()
def status(name: Name = None) -> None:
    """Show what is proved and under which behaviour of the engine, how often it was sampled since, what is stale."""
    from grader.authoring import evidence, housekeeping

    wanted = _wanted(name)
    for assignment in dict.fromkeys(assignment for assignment, _ in wanted):
        console.print(f"[bold]{assignment.name}[/bold]")
        for task in (task for one, task in wanted if one == assignment):
            _say(f"  {task.id}: {evidence.describe(assignment, task)}")
        for page in housekeeping.notebooks(assignment):
            _say(f"  {page.relative_to(manifest.ROOT)}: {evidence.describe_page(page)}")
    _say(f"engine: {evidence.describe_engine()}")


def _say(sentence: str) -> None:
    console.print(sentence, markup=False)


def _wanted(name: str | None) -> list[tuple[Assignment, Task]]:
    """The tasks that `name` means, each with its assignment."""
    every = [(assignment, task) for assignment in manifest.assignments() for task in assignment.tasks]
    chosen = [pair for pair in every if name in (None, pair[0].name, pair[1].id)]
    if not chosen:
        known = [assignment.name for assignment in manifest.assignments()]
        stop(f"There is no unit or task {name}. {nearest(name, [*known, *manifest.tasks()])}")
    return chosen
