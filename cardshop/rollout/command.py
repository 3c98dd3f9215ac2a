"""The commands `cardshop rollout start`, `status`, `promote`, `rollback` and `champion`."""

import getpass
import uuid
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from cardshop.refusal import refuse
from cardshop.rollout.policies import Arm, Kind, Plan
from cardshop.rollout.state import Rollout, State
from cardshop.stack.options import Folder, running, settings_of
from cardshop.stack.settings import FOLDER, Settings
from cardshop.training import MODEL

app = typer.Typer(no_args_is_help=True, help="Bring the challenger to users, step by step, and take it back.")


@app.command()
def start(
    kind: Annotated[Kind, typer.Argument(help="shadow, canary, ab, blue-green or bandit.")],
    share: Annotated[float, typer.Option(min=0, max=1, help="Of the customers (canary, ab).")] = 0.1,
    active: Annotated[Arm, typer.Option(help="Who answers (blue-green).")] = "champion",
    epsilon: Annotated[float, typer.Option(min=0, max=1, help="Of the requests explore (bandit).")] = 0.1,
    folder: Folder = FOLDER,
) -> None:
    """Let the challenger answer as the kind says. It is promoted or taken back as soon as the numbers are clear."""
    settings, registry = _registry(folder)
    versions = _versions(registry)
    if versions["champion"] == versions["challenger"]:
        refuse("The challenger is the champion already: `cardshop train --challenger` makes another.")
    plan = Plan(kind, uuid.uuid4().hex, share, active, epsilon)
    _state(settings).begin(Rollout(plan, versions["champion"], versions["challenger"]), getpass.getuser())
    typer.echo(f"{kind}: version {versions['challenger']} beside version {versions['champion']}.")


@app.command()
def status(folder: Folder = FOLDER) -> None:
    """Say which rollout runs, and print every decision so far."""
    state = _state(settings_of(folder))
    try:
        now = state.read()
    except ValueError as error:
        refuse(str(error))
    if now is None:
        typer.echo("No rollout runs.")
    else:
        typer.echo(f"{now.plan.kind}: version {now.challenger} beside version {now.champion}.")
    table = Table("when", "what", "by", "why", box=None)
    for line in state.audit():
        table.add_row(line["at"][:19], line["action"], line["by"], line["reason"])
    Console(soft_wrap=True).print(table)


@app.command()
def promote(folder: Folder = FOLDER) -> None:
    """Make the challenger the champion, whatever the numbers say."""
    settings, registry = _registry(folder)
    _versions(registry)
    registry.promote(registry.find(MODEL, "challenger"))
    _state(settings).end("promote", "By hand.", getpass.getuser())
    typer.echo("The challenger is the champion from now on.")


@app.command()
def rollback(folder: Folder = FOLDER) -> None:
    """End the rollout: the champion answers everything again."""
    state = _state(settings_of(folder))
    state.end("rollback", "By hand.", getpass.getuser())
    typer.echo("The champion answers everything again.")


@app.command()
def champion(
    version: Annotated[str, typer.Argument(help="The number of a version in the registry.")],
    folder: Folder = FOLDER,
) -> None:
    """Let the alias champion point to any version, such as the one that served before. A rollout ends."""
    from mlflow.exceptions import MlflowException

    from cardshop.training.registry import NoModel

    settings, registry = _registry(folder)
    try:
        before = registry.find(MODEL).version
        registry.promote(registry.version(MODEL, version))
    except NoModel as error:
        refuse(str(error))
    except MlflowException as error:
        refuse(f"The registry does not answer: {error}")
    _state(settings).end(
        "champion", f"Version {version} serves in place of version {before}.", getpass.getuser()
    )
    typer.echo(f"Version {version} is the champion from now on; before it was version {before}.")


def _registry(folder: Path):
    from cardshop.training.registry import Registry  # imports mlflow, which takes seconds

    settings = running(folder)
    return settings, Registry(settings.url("mlflow"), settings.models)


def _versions(registry) -> dict[str, str]:
    from mlflow.exceptions import MlflowException

    from cardshop.training.registry import NoModel

    try:
        return {arm: registry.find(MODEL, arm).version for arm in ("champion", "challenger")}
    except NoModel:
        refuse("There is no challenger: `cardshop train --challenger` makes one.")
    except MlflowException as error:
        refuse(f"The registry does not answer: {error}")


def _state(settings: Settings) -> State:
    return State(settings.rollout)
