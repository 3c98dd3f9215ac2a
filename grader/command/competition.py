"""`dojo leaderboard`: the feature competition, in held-out worlds."""

from pathlib import Path
from statistics import mean
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from grader.course import leaderboard, manifest, progress
from grader.course.leaderboard import TASK, Entry

from .grading import graded, level
from .intake import HandIn, found
from .output import console, stop

app = typer.Typer()
PASSED = 0.75


@app.command("leaderboard")
def leaderboard_(
    paths: Annotated[
        list[Path] | None, typer.Argument(help="Notebooks of CP-2, folders; else yours.")
    ] = None,
    isolation: Annotated[
        str | None, typer.Option(help="sandbox or process; the best there is if left out.")
    ] = None,
) -> None:
    """Enter the feature competition of CP-2, and see who stands where."""
    from grader.engine import Engine

    assignment, _ = manifest.tasks()[TASK]
    notebooks = [notebook for path in paths or [assignment.exercise] for notebook in found(path)]
    if strange := [notebook.name for notebook in notebooks if notebook.assignment.name != assignment.name]:
        stop(f"{strange[0]} is no notebook of {assignment.name}.")
    figures: dict = {}
    names = _names(notebooks) if paths else ["you"]
    with Engine(assignment.engine(), level(isolation)) as engine:
        for notebook, who in zip(notebooks, names, strict=True):
            with console.status(f"Measuring {escape(who)} in held-out worlds"):
                task = graded(engine, notebook.text, notebook.name, [TASK])["tasks"][0]
            measured = [check["figures"]["competition"] for check in task["checks"] if "figures" in check]
            if measured:
                figures = measured[0]
                progress.record(
                    "competition", who=who, worlds=figures["worlds"], accuracy=figures["accuracy"]
                )
            else:
                wrong = [check for check in task["checks"] if check["verdict"] not in ("passed", "not_run")]
                why = wrong[0]["message"] if wrong else f"{TASK} was not attempted."
                console.print(f"Not on the board: {who}. {why}", markup=False)
    if not figures:
        stop("Nobody could be measured.")
    _show(leaderboard.standings(progress.history(), figures["worlds"]), figures)


def _names(notebooks: list[HandIn]) -> list[str]:
    """A name for each: the folder where files are called as the checkpoint's, else the file; both where two agree."""
    paths = [Path(notebook.name).resolve() for notebook in notebooks]
    short = [
        path.parent.name if path.stem == notebook.assignment.exercise.stem else path.stem
        for path, notebook in zip(paths, notebooks, strict=True)
    ]
    return [
        name if short.count(name) == 1 else f"{path.parent.name}/{path.stem}"
        for name, path in zip(short, paths, strict=True)
    ]


def _show(standings: list[Entry], figures: dict) -> None:
    rows = [
        (
            standing.mean,
            f"{place}",
            escape(standing.who),
            f"{standing.mean:.1%} ± {standing.error:.1%}",
            f"{sum(one >= PASSED for one in standing.accuracy)}",
            f"{standing.tries}",
        )
        for place, standing in enumerate(standings, start=1)
    ]
    rows.append((mean(figures["given"]), "", "the given columns", f"{mean(figures['given']):.1%}", "", ""))
    if standings[0].mean >= PASSED:  # what is possible is told to those who have passed
        rows.append(
            (mean(figures["limit"]), "", "nobody can do better", f"{mean(figures['limit']):.1%}", "", "")
        )
    table = Table(
        "",
        "who",
        "mean accuracy",
        f"worlds of {len(figures['given'])} above {PASSED:.0%}",
        "tries",
        title="Feature competition, held-out worlds",
    )
    for _, *cells in sorted(rows, key=lambda row: -row[0]):
        table.add_row(*cells)
    console.print(table)
