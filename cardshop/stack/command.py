"""The commands `cardshop up`, `status`, `logs` and `down`."""

import json
import time
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from cardshop.refusal import refuse
from cardshop.stack import operations
from cardshop.stack.operations import StackError
from cardshop.stack.options import Folder, settings_of
from cardshop.stack.settings import FOLDER, Settings

Port = Annotated[int, typer.Option(min=1, max=65_535)]


def up(
    folder: Folder = FOLDER,
    service_port: Port = 8000,
    mlflow_port: Port = 5000,
    monitor_port: Port = 8001,
    prometheus_port: Port = 9090,
    database: Annotated[
        str, typer.Option(help="MLflow's database, such as postgresql://…; SQLite if left out.")
    ] = "",
    artifacts: Annotated[
        str, typer.Option(help="Where models lie, such as s3://…; a folder if left out.")
    ] = "",
    attach: Annotated[bool, typer.Option("--attach", help="Stay in front; Ctrl-C stops the stack.")] = False,
) -> None:
    """Start the stack and return when it is ready. Trains a first model where there is none."""
    console = Console(stderr=True, soft_wrap=True)
    settings = Settings(
        folder=folder.resolve(),
        service_port=service_port,
        mlflow_port=mlflow_port,
        monitor_port=monitor_port,
        prometheus_port=prometheus_port,
        database=database,
        artifacts=artifacts,
    )
    started = time.monotonic()
    try:
        with console.status("Starting") as shown:
            if operations.runs(settings.folder):
                settings = settings_of(folder)
                console.print("The stack runs already.")
                operations.wait(settings)
            else:
                operations.launch(settings, shown.update)
    except KeyboardInterrupt:
        operations.stop(settings.folder)
        refuse("Stopped before it was ready.")
    except StackError as error:
        refuse(str(error))
    except OSError as error:
        refuse(f"The stack cannot be started in {settings.folder}: {error}.")
    console.print(_table(operations.status(settings)))
    console.print(f"Ready after {time.monotonic() - started:.1f} s. `cardshop down` stops it.")
    if attach:
        try:
            while operations.runs(settings.folder):
                time.sleep(1)
        except KeyboardInterrupt:
            operations.stop(settings.folder)


def status(
    folder: Folder = FOLDER,
    as_json: Annotated[
        bool, typer.Option("--json", help="For programs: one object on standard output.")
    ] = False,
) -> None:
    """Say where each component answers, and whether it is ready."""
    try:
        state = operations.status(settings_of(folder))
    except StackError as error:
        refuse(str(error))
    if as_json:
        typer.echo(json.dumps(state))
    else:
        Console(soft_wrap=True).print(_table(state))


def logs(
    name: Annotated[
        str, typer.Argument(help="service, mlflow, monitor, prometheus or supervisor.")
    ] = "service",
    lines: Annotated[int, typer.Option("--lines", "-n", min=1, help="How many of the last lines.")] = 40,
    folder: Folder = FOLDER,
) -> None:
    """Print the end of a component's log."""
    try:
        typer.echo(operations.tail(settings_of(folder), name, lines))
    except StackError as error:
        refuse(str(error))


def down(folder: Folder = FOLDER) -> None:
    """Stop the stack: afterwards no process of it is left. Models, runs and logs stay."""
    try:
        stopped = operations.stop(folder.resolve())
    except StackError as error:
        refuse(str(error))
    typer.echo("The stack has stopped." if stopped else "The stack was not running.", err=True)


def _table(state: dict) -> Table:
    table = Table("component", "", "address", box=None)
    for name, one in state.items():
        if one is None:
            table.add_row(name, "[dim]not installed[/]", "")
        else:
            table.add_row(name, "[green]ready[/]" if one["ready"] else "[red]not ready[/]", one["url"])
    return table
