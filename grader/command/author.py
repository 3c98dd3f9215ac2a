"""The author's commands."""

from typing import Annotated

import typer

from grader.course import manifest
from grader.course.manifest import Assignment

from .output import console, nearest, stop

app = typer.Typer(no_args_is_help=True, help="For those who write units.")
Unit = Annotated[str | None, typer.Argument(help="A unit or checkpoint; all if left out.")]


@app.command()
def build(unit: Unit = None) -> None:
    """Make the exercise notebooks from the solutions."""
    from grader.authoring.build import BuildError

    for assignment in _wanted(unit):
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
    unit: Unit = None,
    changed: Annotated[bool, typer.Option(help="Only what changed since its evidence was written.")] = False,
) -> None:
    """Prove that a unit is fair (solution, variants, misconceptions, mutants, seeds) and can be read in a browser."""
    from grader.authoring import evidence
    from grader.authoring.appearance import look
    from grader.authoring.proof import prove

    faults: list[str] = []
    for assignment in _wanted(unit):
        if not assignment.solution.exists() or not list(assignment.checks.glob("test_*.py")):
            faults.append(f"{assignment.name}: there is no solution or there are no checks yet.")
            continue
        for kind, proof in (("content", prove), ("pages", look)):
            if changed and evidence.is_current(assignment, kind):
                console.print(f"{assignment.name}, {kind}: nothing changed since the proof.")
            else:
                faults += proof(assignment, console.print)
    for fault in faults:
        console.print(f"- {fault}", markup=False)
    if faults:
        stop(f"{len(faults)} not proved.")
    console.print("Everything is proved.")


def _wanted(name: str | None) -> list[Assignment]:
    every = {assignment.name: assignment for assignment in manifest.assignments()}
    if name is None:
        return list(every.values())
    if name not in every:
        stop(f"There is no unit {name}. {nearest(name, list(every))}")
    return [every[name]]
