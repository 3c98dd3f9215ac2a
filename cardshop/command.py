"""The command `cardshop`."""

from pathlib import Path
from typing import Annotated

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
from cardshop.world import store

LARGE_ROWS = 10_000_000

app = typer.Typer(
    no_args_is_help=True, add_completion=False, help="The card marketplace that the course is about."
)
worlds = typer.Typer(no_args_is_help=True, help="The simulated marketplace: its tables, built from a seed.")
app.add_typer(worlds, name="world")

Seed = Annotated[int, typer.Option(help="Which world; the same seed gives the same tables everywhere.")]
Folder = Annotated[Path | None, typer.Option(help="Where worlds are kept. Default: data/ of the project.")]


@app.callback()
def main() -> None:
    """The card marketplace that the course is about."""


@worlds.command()
def build(
    seed: Seed = 0,
    size: Annotated[
        str, typer.Option(help="laptop (thousands of rows) or large (10 million sales).")
    ] = "laptop",
    rows: Annotated[
        int | None, typer.Option(help="Rows of the large sales table, if not 10 million.")
    ] = None,
    folder: Folder = None,
) -> None:
    """Build the world of a seed, if it is not there yet, and print its digest."""
    _require_seed(seed)
    if size not in ("laptop", "large"):
        _refuse(f"There is no size {size!r}: choose laptop or large.")
    if rows is not None and rows < 0:
        _refuse(f"A table cannot have {rows} rows: give 0 or more.")
    if rows is not None and size == "laptop":
        _refuse("--rows sets the length of the large sales table: add --size large, or leave it out.")
    console = Console(stderr=True, soft_wrap=True)
    try:
        with console.status(f"World {seed}"):
            home = store.built(seed, folder)
            digest = world.digest(seed, folder)
        rows_of = {name: world.load(name, seed, folder).height for name in world.TABLES}
        console.print(f"{home}: {', '.join(f'{count:,} {name}' for name, count in rows_of.items())}")
        if size == "large":
            _stream(console, home / "sales-large.parquet", LARGE_ROWS if rows is None else rows, seed, folder)
    except (OSError, store.NotBuilt) as error:
        _refuse(f"The world could not be written: {error}")
    typer.echo(digest)


@worlds.command()
def digest(seed: Seed = 0, folder: Folder = None) -> None:
    """Print the digest of a world: one hash over all its tables."""
    _require_seed(seed)
    try:
        typer.echo(world.digest(seed, folder))
    except (OSError, store.NotBuilt) as error:
        _refuse(f"The world could not be built: {error}")


@worlds.command()
def verify(folder: Folder = None) -> None:
    """Compare the world of seed 0 with the recorded checksum; exit code 1 if they differ."""
    try:
        found, recorded = world.digest(0, folder), store.recorded("world")["0"]
    except (OSError, KeyError, store.NotBuilt) as error:
        _refuse(f"The world could not be verified: {error}")
    if found != recorded:
        typer.echo(
            f"World 0 has the digest {found}, but {store.CHECKSUMS.name} records {recorded}. Delete "
            f"{store.home(0, folder)} and build again; if they still differ, the installed versions of numpy "
            "and polars are not those of requirements.lock.",
            err=True,
        )
        raise typer.Exit(1)
    typer.echo(f"World 0 is as recorded: {found}")


def _stream(console: Console, path: Path, rows: int, seed: int, folder: Path | None) -> None:
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console) as progress:
        task = progress.add_task("Sales", total=rows)
        world.stream_sales(
            path,
            rows,
            seed,
            world.load("cards", seed, folder),
            advance=lambda done: progress.advance(task, done),
        )
    console.print(f"{path}: {rows:,} sales, {path.stat().st_size / 1e6:,.0f} MB")


def _require_seed(seed: int) -> None:
    if seed < 0:
        _refuse(f"A seed is a whole number from 0 up; {seed} is negative.")


def _refuse(sentence: str) -> None:
    typer.echo(sentence, err=True)
    raise typer.Exit(2)


if __name__ == "__main__":
    app()
