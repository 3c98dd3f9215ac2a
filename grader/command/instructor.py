"""The instructor's commands."""

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import SimpleQueue
from typing import Annotated

import typer

from .grading import graded, level
from .output import show
from .submissions import Notebook, found

app = typer.Typer()


@app.command()
def grade(
    paths: Annotated[list[Path], typer.Argument(help="Notebooks, or folders with notebooks.")],
    as_json: Annotated[
        bool, typer.Option("--json", help="For programs: an object, for several notebooks a list.")
    ] = False,
    isolation: Annotated[str | None, typer.Option(help="sandbox or process; the best there is if left out.")] = None,
    jobs: Annotated[int, typer.Option(min=1, help="How many are graded at once.")] = 1,
) -> None:
    """Grade submissions with every check. Nothing is recorded."""
    wanted = level(isolation)
    notebooks = [notebook for path in paths for notebook in found(path)]
    results = _grade_all(notebooks, wanted, min(jobs, len(notebooks)))
    for result in results:
        for task in result["tasks"]:
            del task["remaining"]
    if as_json:
        print(json.dumps(results[0] if len(paths) == len(results) == 1 and paths[0].is_file() else results, indent=2))
        return
    for result in results:
        show(result)


def _grade_all(notebooks: list[Notebook], isolation: str | None, jobs: int) -> list[dict]:
    """Grade with `jobs` engines for each assignment, each engine one notebook at a time; in the given order."""
    from grader.engine import Engine

    engines: dict[str, SimpleQueue] = {}
    every: list[Engine] = []
    for assignment in {notebook.assignment.name: notebook.assignment for notebook in notebooks}.values():
        engines[assignment.name] = SimpleQueue()
        for _ in range(jobs):
            every.append(Engine(assignment.engine(), isolation))
            engines[assignment.name].put(every[-1])

    def one(notebook: Notebook) -> dict:
        engine = engines[notebook.assignment.name].get()
        try:
            return graded(engine, notebook.text, notebook.name, None)
        finally:
            engines[notebook.assignment.name].put(engine)

    try:
        with ThreadPoolExecutor(jobs) as pool:
            return list(pool.map(one, notebooks))
    finally:
        for engine in every:
            engine.close()
