"""`dojo leaderboard`: the competition of the course, in held-out worlds."""

from pathlib import Path
from statistics import mean
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from grader.course import leaderboard, manifest, progress
from grader.course.leaderboard import Entry
from grader.course.manifest import Assignment, Competition
from grader.engine.inside.notebook import Notebook, same

from .files import read_text
from .grading import graded, level
from .intake import HandIn, take_in
from .output import console, line, stop, warn

app = typer.Typer()


@app.command("leaderboard")
def leaderboard_(
    paths: Annotated[
        list[Path] | None,
        typer.Argument(help="Notebooks of the competition, or folders with them; yours if left out."),
    ] = None,
    isolation: Annotated[
        str | None, typer.Option(help="sandbox or process; the best one available if left out.")
    ] = None,
) -> None:
    """Enter the feature competition, and see the ranking."""
    from grader.engine import Engine

    assignment = _contest()
    rules = assignment.competition
    hand_ins = _entries(paths, assignment)
    names = _names(hand_ins) if paths else ["you"]
    figures: dict = {}
    with Engine(assignment.engine(), level(isolation)) as engine:
        for hand_in, who in zip(hand_ins, names, strict=True):
            if not _attempted(hand_in):
                _off_the_board(who, f"{rules.task} was not attempted.")
                continue
            with console.status(f"Measuring {escape(line(who))} in held-out worlds"):
                task = graded(engine, hand_in.submitted(), str(hand_in.file), [rules.task])["tasks"][0]
            measured = [check["figures"]["competition"] for check in task["checks"] if "figures" in check]
            if measured:
                figures = measured[0]
                progress.record(
                    "competition", who=who, worlds=figures["worlds"], accuracy=figures["accuracy"]
                )
            else:
                wrong = [check for check in task["checks"] if check["verdict"] not in ("passed", "not_run")]
                _off_the_board(who, wrong[0]["message"] if wrong else f"{rules.task} was not attempted.")
    if not figures:
        stop("Nobody could be measured.")
    _show(leaderboard.standings(progress.history(), figures["worlds"], rules), figures, rules)


def _contest() -> Assignment:
    """The assignment with the course's competition; ends the command if there is none."""
    return next((one for one in manifest.assignments() if one.competition), None) or stop(
        "This course has no competition."
    )


def _entries(paths: list[Path] | None, assignment: Assignment) -> list[HandIn]:
    if not paths:
        return take_in(assignment.exercise).hand_ins
    intakes = [take_in(path) for path in paths]
    for intake in intakes:
        for remark in intake.remarks:
            warn(remark)
    hand_ins = [one for intake in intakes for one in intake.hand_ins]
    if strange := [one.file for one in hand_ins if one.assignment.name != assignment.name]:
        stop(f"{line(strange[0])} is not a notebook of {assignment.name}.")
    return hand_ins or stop(f"There is no notebook of {assignment.name} in {', '.join(map(line, paths))}.")


def _attempted(hand_in: HandIn) -> bool:
    """Whether the answer differs from what was handed out: no need to start the grader for one that does not."""
    assignment, task = manifest.tasks()[hand_in.assignment.competition.task]
    shipped = Notebook.parse(assignment.shipped()).definition(task.entry)
    return not same(Notebook.parse(read_text(hand_in.file)).definition(task.entry), shipped)


def _off_the_board(who: str, why: str) -> None:
    console.print(f"Not on the board: {line(who)}. {why}", markup=False)


def _names(hand_ins: list[HandIn]) -> list[str]:
    """A name for each: the folder where files are called as the checkpoint's, else the file; both where two agree."""
    paths = [hand_in.file.resolve() for hand_in in hand_ins]
    short = [
        path.parent.name if path.stem == hand_in.assignment.exercise.stem else path.stem
        for path, hand_in in zip(paths, hand_ins, strict=True)
    ]
    return [
        name if short.count(name) == 1 else f"{path.parent.name}/{path.stem}"
        for name, path in zip(short, paths, strict=True)
    ]


def _show(standings: list[Entry], figures: dict, rules: Competition) -> None:
    rows = [
        (
            standing.mean,
            f"{place}",
            escape(line(standing.who)),
            f"{standing.mean:.1%} ± {standing.error:.1%}",
            f"{sum(one >= rules.bar for one in standing.accuracy)}",
            f"{standing.tries}",
        )
        for place, standing in enumerate(standings, start=1)
    ]
    rows.append((mean(figures["given"]), "", "the given columns", f"{mean(figures['given']):.1%}", "", ""))
    if standings[0].mean >= rules.bar:  # what is possible is shown once somebody has passed
        rows.append(
            (mean(figures["limit"]), "", "the best possible", f"{mean(figures['limit']):.1%}", "", "")
        )
    table = Table(
        "",
        "who",
        "mean accuracy",
        f"worlds of {rules.worlds} above {rules.bar:.0%}",
        "tries",
        title="Feature competition, held-out worlds",
    )
    for _, *cells in sorted(rows, key=lambda row: -row[0]):
        table.add_row(*cells)
    console.print(table)
