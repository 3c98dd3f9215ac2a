"""The command `cardshop`."""

from pathlib import Path
from typing import Annotated

import pyarrow.parquet as pq
import typer
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from cardshop import world
from cardshop.demo.command import demo
from cardshop.monitoring.command import report, traffic
from cardshop.refusal import refuse
from cardshop.rollout.command import app as rollout
from cardshop.stack import command as stack
from cardshop.stack.release import app as release
from cardshop.training.command import retrain, train
from cardshop.world import store

LARGE_ROWS = 10_000_000
EVENTS_EACH = 36  # of a customer of the large log, on average

app = typer.Typer(
    no_args_is_help=True, add_completion=False, help="The card marketplace that the course is about."
)
worlds = typer.Typer(no_args_is_help=True, help="The simulated marketplace: its tables, built from a seed.")
app.add_typer(worlds, name="world")
app.add_typer(rollout, name="rollout")
app.add_typer(release, name="release")
for command in (stack.up, stack.status, stack.logs, stack.down, train, retrain, traffic, report, demo):
    app.command()(command)

Seed = Annotated[int, typer.Option(help="Which world; the same seed gives the same tables everywhere.")]
Part = Annotated[str, typer.Option(help="market, customers (and their events) or credit.")]
Folder = Annotated[Path | None, typer.Option(help="Where worlds are kept. Default: data/ of the project.")]


@app.callback()
def main() -> None:
    """The card marketplace that the course is about."""


@worlds.command()
def build(
    seed: Seed = 0,
    part: Part = "market",
    size: Annotated[
        str, typer.Option(help="laptop (thousands of rows) or large (10 million sales, or events).")
    ] = "laptop",
    rows: Annotated[
        int | None, typer.Option(help="Rows of the large table, if not 10 million; of events about as many.")
    ] = None,
    folder: Folder = None,
) -> None:
    """Build a part of the world of a seed, if it is not there yet, and print its digest."""
    _require_seed(seed)
    _require_part(part)
    if size not in ("laptop", "large"):
        refuse(f"There is no size {size!r}: choose laptop or large.")
    if size == "large" and part == "credit":
        refuse("Credit has no large size: choose the part market or customers.")
    if rows is not None and rows < 0:
        refuse(f"A table cannot have {rows} rows: give 0 or more.")
    if rows is not None and size == "laptop":
        refuse("--rows sets the length of the large table: add --size large, or leave it out.")
    console = Console(stderr=True, soft_wrap=True)
    try:
        with console.status(f"World {seed}"):
            home = store.built(seed, folder, part)
            digest = world.digest(seed, folder, part)
        rows_of = {name: world.load(name, seed, folder).height for name in world.PARTS[part]}
        console.print(f"{home}: {', '.join(f'{count:,} {name}' for name, count in rows_of.items())}")
        if size == "large":
            _stream(console, part, home, LARGE_ROWS if rows is None else rows, seed, folder)
    except (OSError, store.NotBuilt) as error:
        refuse(f"The world could not be written: {error}")
    typer.echo(digest)


@worlds.command()
def digest(seed: Seed = 0, part: Part = "market", folder: Folder = None) -> None:
    """Print the digest of a part of a world: one hash over all its tables."""
    _require_seed(seed)
    _require_part(part)
    try:
        typer.echo(world.digest(seed, folder, part))
    except (OSError, store.NotBuilt) as error:
        refuse(f"The world could not be built: {error}")


@worlds.command()
def verify(folder: Folder = None) -> None:
    """Compare the world of seed 0 with the recorded checksums; exit code 1 if a part differs."""
    differ = False
    for part in world.PARTS:
        try:
            found, recorded = world.digest(0, folder, part), store.recorded(part)["0"]
        except (OSError, KeyError, store.NotBuilt) as error:
            refuse(f"The world could not be verified: {error}")
        if found == recorded:
            typer.echo(f"The {part} of world 0: as recorded, {found}")
            continue
        differ = True
        typer.echo(
            f"The {part} of world 0: its digest is {found}, but {store.CHECKSUMS.name} records {recorded}. Delete "
            f"{store.home(0, folder, part)} and build again; if they still differ, the installed versions of numpy "
            "and polars are not those of requirements.lock.",
            err=True,
        )
    if differ:
        raise typer.Exit(1)


def _stream(console: Console, part: str, home: Path, rows: int, seed: int, folder: Path | None) -> None:
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    name = "sales" if part == "market" else "events"
    with Progress(*columns, console=console) as progress:
        task = progress.add_task(name.capitalize(), total=rows)

        def advance(done: int) -> None:
            progress.advance(task, done)

        if part == "market":
            cards = world.load("cards", seed, folder)
            path = world.stream_sales(home / "sales-large.parquet", rows, seed, cards, advance=advance)
        else:
            _, path = world.stream_events(home, max(rows // EVENTS_EACH, 1), seed, advance)
    written = pq.ParquetFile(path).metadata.num_rows
    console.print(f"{path}: {written:,} {name}, {path.stat().st_size / 1e6:,.0f} MB")


def _require_part(part: str) -> None:
    if part not in world.PARTS:
        refuse(f"There is no part {part!r}: choose {', '.join(world.PARTS)}.")


def _require_seed(seed: int) -> None:
    if seed < 0:
        refuse(f"A seed is a whole number from 0 up; {seed} is negative.")


if __name__ == "__main__":
    app()
