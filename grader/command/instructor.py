"""The instructor's commands."""

import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from itertools import groupby
from pathlib import Path
from queue import SimpleQueue
from typing import Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeElapsedColumn

from grader.course import seeds

from .files import Unusable
from .grading import end_in_order, level, wanted
from .intake import HandIn, people, take_in
from .output import console, errors, line, show, stop, warn

app = typer.Typer()


@app.command()
def grade(
    paths: Annotated[list[Path], typer.Argument(help="Notebooks, or folders with notebooks.")],
    as_json: Annotated[
        bool, typer.Option("--json", help="Print JSON: an object for one file, a list otherwise.")
    ] = False,
    isolation: Annotated[
        str | None, typer.Option(help="sandbox or process; the best one available if left out.")
    ] = None,
    jobs: Annotated[int, typer.Option(min=1, help="How many notebooks are graded at once.")] = 1,
    task: Annotated[str | None, typer.Option(help="Grade only this task (1.1a) or unit.")] = None,
    by_seed: Annotated[
        bool, typer.Option("--seeds", help="Say whose answer is about another seed than `dojo seeds` gives.")
    ] = False,
) -> None:
    """Grade submissions with every check. Nothing is recorded."""
    from grader.engine import IsolationUnavailable

    isolation = level(isolation)
    only, tasks = wanted(task) if task else (None, None)
    intakes = [take_in(path) for path in paths]
    remarks = [remark for intake in intakes for remark in intake.remarks]
    hand_ins = [one for intake in intakes for one in intake.hand_ins]
    if only and (asked := [one for one in hand_ins if one.assignment.name == only.name]) != hand_ins:
        remarks.append(f"Notebooks of other units that were not graded: {len(hand_ins) - len(asked)}.")
        hand_ins = asked
    if not hand_ins:
        for remark in remarks:
            warn(remark)
        stop(f"There is no notebook{' of ' + only.name if only else ''} in {', '.join(map(line, paths))}.")
    end_in_order()
    results: dict[int, dict] = {}  # by the place of the hand-in
    try:
        with _bar(
            len(hand_ins), shown=errors.is_terminal and (as_json or not console.is_terminal)
        ) as advance:
            for place, result in _graded(hand_ins, isolation, jobs, tasks):
                for graded in result["tasks"]:
                    del graded["remaining"]
                results[place] = result
                remarks += _seeds(hand_ins[place], result) if by_seed else []
                if not as_json:
                    show(result)
                advance()
    except IsolationUnavailable as error:
        stop(str(error))
    finally:  # what was done counts, whatever ended the rest
        if as_json and results:
            single = len(paths) == 1 and paths[0].is_file()
            every = [results[place] for place in sorted(results)]
            print(json.dumps(every[0] if single else every, indent=2))
        for remark in remarks:
            warn(remark)
        if len(results) < len(hand_ins) or len(hand_ins) > 1:
            warn(f"{len(results)} of {len(hand_ins)} were graded.")
    if len(results) < len(hand_ins):
        raise typer.Exit(2)


def _seeds(hand_in: HandIn, result: dict) -> list[str]:
    """Add to a result which seeds were answered and which was given; return a sentence about each other one."""
    told = seeds.answered(result)
    if not told:
        return []
    if not hand_in.person:
        return [f"{line(hand_in.file)} lies in nobody's folder, so nobody knows its seed."]
    given = seeds.seed_of(hand_in.person)
    result["seeds"] = {"given": given, "answered": told}
    return [
        f"{line(hand_in.person)} has answered {task_id} about seed {seed} and was given {given}."
        for task_id, seed in told.items()
        if seed != given
    ]


@app.command("seeds")
def seeds_(
    names: Annotated[list[str], typer.Argument(help="Names, or a folder with a folder for each person.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON: the seed of each name.")] = False,
) -> None:
    """Print a seed for each person: their own incidents and pull request. Depends on DOJO_SECRET."""
    everybody = [
        person for name in names for person in (people(Path(name)) if Path(name).is_dir() else [name])
    ]
    if not everybody:
        stop(f"There is no folder of a person in {', '.join(map(line, names))}.")
    if as_json:
        print(json.dumps({person: seeds.seed_of(person) for person in everybody}, indent=2))
        return
    for person in everybody:
        console.print(f"{seeds.seed_of(person):6}  {line(person)}", markup=False)


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


def _graded(
    hand_ins: list[HandIn], isolation: str | None, jobs: int, tasks: list[str] | None
) -> Iterator[tuple[int, dict]]:
    """Yield each result with the place of its hand-in, one assignment after the other.

    An assignment has `jobs` engines, each with one notebook at a time; they are closed before the next one's
    start. What cannot be graded is named on standard error and left out.
    """
    from grader.engine import BrokenChecks, Engine

    def one(hand_in: HandIn) -> dict | str:
        engine = engines.get()
        try:
            return engine.grade(hand_in.submitted(), name=str(hand_in.file), tasks=tasks)
        except BrokenChecks as error:
            return f"{line(hand_in.file)}: {error}"
        except Unusable as error:
            return f"{line(hand_in.file)} {error}"
        finally:
            engines.put(engine)

    places = sorted(range(len(hand_ins)), key=lambda place: hand_ins[place].assignment.name)
    for _, group in groupby(places, key=lambda place: hand_ins[place].assignment.name):
        own = list(group)
        engines: SimpleQueue[Engine] = SimpleQueue()
        with ExitStack() as stack:
            pool = ThreadPoolExecutor(min(jobs, len(own)))
            stack.callback(pool.shutdown, cancel_futures=True)
            for _ in range(min(jobs, len(own))):
                engine = Engine(hand_ins[own[0]].assignment.engine(), isolation)
                engines.put(stack.enter_context(engine))
            results = pool.map(one, [hand_ins[place] for place in own])
            for place, result in zip(own, results, strict=True):
                if isinstance(result, str):
                    warn(f"Not graded: {result}.")
                else:
                    yield place, result
