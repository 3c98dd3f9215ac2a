"""The command `cardshop train`."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from cardshop.refusal import refuse
from cardshop.stack import operations
from cardshop.stack.operations import StackError
from cardshop.stack.settings import FOLDER, Settings
from cardshop.training.gates import Gate
from cardshop.world.store import NotBuilt


def train(
    seed: Annotated[int, typer.Option(min=0, help="The world whose catalogue is learned from.")] = 0,
    challenger: Annotated[
        bool,
        typer.Option("--challenger", help="Do not let it serve yet: `cardshop rollout` brings it to users."),
    ] = False,
    folder: Annotated[Path, typer.Option(help="The stack's folder.", show_default="data/stack")] = FOLDER,
    registry: Annotated[
        str,
        typer.Option(
            envvar="CARDSHOP_REGISTRY", help="MLflow's address, where it isn't the stack's, as on a cluster."
        ),
    ] = "",
) -> None:
    """Train a model of card types and register it; it serves from then on if it passes every gate."""
    from mlflow.exceptions import MlflowException  # takes seconds
    from pandera.errors import SchemaErrors

    from cardshop.training import job
    from cardshop.training.registry import CHALLENGER, CHAMPION, Registry

    console = Console(soft_wrap=True)
    try:
        settings = Settings.read(folder.resolve())
        settings.folder.mkdir(parents=True, exist_ok=True)
        with console.status("Starting") as shown:
            if registry:
                where = Registry(registry, settings.models)  # its server knows where models lie
            else:
                uri = settings.url("mlflow") if operations.runs(settings.folder) else settings.store
                where = Registry(uri, settings.models, settings.artifact_root)
            outcome = job.train(where, seed, alias=CHALLENGER if challenger else CHAMPION, say=shown.update)
    except SchemaErrors as error:
        refuse(
            f"The cards break their contract, so nothing was trained: {len(error.failure_cases)} cells are wrong."
        )
    except (MlflowException, NotBuilt, OSError, StackError, ValueError) as error:
        refuse(f"Nothing was registered: {error}")
    console.print(_table(outcome.gates))
    version = outcome.version
    if not outcome.passed:
        console.print(f"{version.name} {version.version} is registered, but does not serve.")
        raise typer.Exit(1)
    if challenger:
        console.print(
            f"{version.name} {version.version} is the challenger: `cardshop rollout start` lets it answer."
        )
    else:
        console.print(
            f"{version.name} {version.version} is the champion: the service takes it within seconds."
        )


def _table(gates: list[Gate]) -> Table:
    table = Table("gate", "", "", box=None)
    for gate in gates:
        table.add_row(gate.name, "[green]passed[/]" if gate.passed else "[red]failed[/]", gate.sentence)
    return table
