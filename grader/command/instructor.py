"""The instructor's commands."""

import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from queue import SimpleQueue
from typing import Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeElapsedColumn

from .grading import level
from .intake import HandIn, found
from .output import console, errors, show, stop, warn

app = typer.Typer()


@app.command()
def grade(
    paths: Annotated[list[Path], typer.Argument(help="Notebooks, or folders with notebooks.")],
    as_json: Annotated[
        bool, typer.Option("--json", help="For programs: an object, for several notebooks a list.")
    ] = False,
    isolation: Annotated[
        str | None, typer.Option(help="sandbox or process; the best there is if left out.")
    ] = None,
    jobs: Annotated[int, typer.Option(min=1, help="How many are graded at once.")] = 1,
) -> None:
    """Grade submissions with every check. Nothing is recorded."""
    from grader.engine import IsolationUnavailable

    wanted = level(isolation)
    notebooks = [notebook for path in paths for notebook in found(path)]
    results: list[dict] = []
    try:
        with _bar(
            len(notebooks), shown=errors.is_terminal and (as_json or not console.is_terminal)
        ) as advance:
            for result in _graded(notebooks, wanted, min(jobs, len(notebooks))):
                for task in result["tasks"]:
                    del task["remaining"]
                results.append(result)
                if not as_json:
                    show(result)
                advance()
    except IsolationUnavailable as error:
        stop(str(error))
    finally:  # what was done counts, whatever ended the rest
        if as_json and results:
            single = len(paths) == len(notebooks) == 1 and paths[0].is_file()
            print(json.dumps(results[0] if single else results, indent=2))
        if results and len(results) < len(notebooks):
            warn(f"{len(results)} of {len(notebooks)} were graded.")
    if len(results) < len(notebooks):
        raise typer.Exit(2)


@contextmanager
def _bar(notebooks: int, shown: bool) -> Iterator[Callable[[], None]]:
    """Count on standard error what is done, where the results themselves do not show it."""
    with Progress(
        "Grading",
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=errors,
        transient=True,
        redirect_stdout=False,
        disable=not shown,
    ) as progress:
        bar = progress.add_task("", total=notebooks)
        yield lambda: progress.advance(bar)


def _graded(notebooks: list[HandIn], isolation: str | None, jobs: int) -> Iterator[dict]:
    """Grade with `jobs` engines for each assignment, each engine one notebook at a time; in the given order.

    What cannot be graded is named on standard error and left out.
    """
    from grader.engine import BrokenChecks, Engine

    engines: dict[str, SimpleQueue] = {}
    every: list[Engine] = []
    for assignment in {notebook.assignment.name: notebook.assignment for notebook in notebooks}.values():
        engines[assignment.name] = SimpleQueue()
        for _ in range(jobs):
            every.append(Engine(assignment.engine(), isolation))
            engines[assignment.name].put(every[-1])

    def one(notebook: HandIn) -> dict | BrokenChecks:
        engine = engines[notebook.assignment.name].get()
        try:
            return engine.grade(notebook.text, name=notebook.name)
        except BrokenChecks as error:
            return error
        finally:
            engines[notebook.assignment.name].put(engine)

    pool = ThreadPoolExecutor(jobs)
    try:
        for notebook, result in zip(notebooks, pool.map(one, notebooks), strict=True):
            if isinstance(result, BrokenChecks):
                warn(f"Not graded: {notebook.name}: {result}.")
            else:
                yield result
    finally:
        for engine in every:
            engine.close()
        pool.shutdown(cancel_futures=True)
