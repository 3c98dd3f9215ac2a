"""The commands `cardshop train` and `cardshop retrain`."""

import time
from typing import TYPE_CHECKING, Annotated

import httpx
import typer
from rich.console import Console
from rich.table import Table

from cardshop.refusal import refuse
from cardshop.stack import operations, supervisor
from cardshop.stack.operations import StackError
from cardshop.stack.options import Folder, running, settings_of
from cardshop.stack.settings import FOLDER
from cardshop.stack.supervisor import AlreadyRuns
from cardshop.training import MODEL
from cardshop.training.gates import Gate
from cardshop.training.policy import Policy
from cardshop.world.store import NotBuilt

if TYPE_CHECKING:
    from cardshop.training.triggers import Decision, Finding  # scipy takes a second

Seed = Annotated[int, typer.Option(min=0, help="The world that is learned from.")]


def train(
    task: Annotated[str, typer.Option(help="What to learn: type, price or churn.")] = "type",
    seed: Seed = 0,
    challenger: Annotated[
        bool,
        typer.Option("--challenger", help="Do not let it serve yet: `cardshop rollout` brings it to users."),
    ] = False,
    folder: Folder = FOLDER,
    registry: Annotated[
        str,
        typer.Option(
            envvar="CARDSHOP_REGISTRY", help="MLflow's address, where it isn't the stack's, as on a cluster."
        ),
    ] = "",
) -> None:
    """Train a model and register it; one of card types serves from then on if it passes every gate.

    Models of prices and of churn are registered behind the same gates; no service answers with them.
    """
    from cardshop.training.tasks import TASKS  # these imports take seconds

    if task not in TASKS:
        refuse(f"There is no task {task!r}: choose type, price or churn.")
    from mlflow.exceptions import MlflowException
    from pandera.errors import SchemaErrors

    from cardshop.training import job
    from cardshop.training.registry import CHALLENGER, CHAMPION, Registry

    console = Console(soft_wrap=True)
    settings = settings_of(folder)
    try:
        settings.folder.mkdir(parents=True, exist_ok=True)
        with console.status("Starting") as shown:
            if registry:
                where = Registry(registry, settings.models)  # its server knows where models lie
            else:
                operations.require_storage(settings)
                uri = settings.url("mlflow") if operations.runs(settings.folder) else settings.store
                where = Registry(uri, settings.models, settings.artifact_root)
            alias = CHALLENGER if challenger else CHAMPION
            outcome = job.train(where, seed, alias, shown.update, TASKS[task])
    except SchemaErrors as error:
        refuse(
            f"The {error.schema.name.lower()} break their contract, so nothing was trained: "
            f"{len(error.failure_cases)} cells are wrong."
        )
    except (MlflowException, NotBuilt, OSError, StackError, ValueError) as error:
        refuse(f"Nothing was registered: {error}")
    console.print(_table(outcome.gates))
    version = outcome.version
    if not outcome.passed:
        console.print(f"{version.name} {version.version} is registered, but does not serve.")
        raise typer.Exit(1)
    if version.name != MODEL:
        console.print(
            f"{version.name} {version.version} is the {alias}: batch jobs load it as models:/{version.name}@{alias}."
        )
    elif challenger:
        console.print(
            f"{version.name} {version.version} is the challenger: `cardshop rollout start` lets it answer."
        )
    else:
        console.print(
            f"{version.name} {version.version} is the champion: the service takes it within seconds."
        )


def retrain(
    watch: Annotated[bool, typer.Option("--watch", help="Look again and again; Ctrl-C ends it.")] = False,
    every: Annotated[float, typer.Option(min=0.1, help="Seconds between two looks.")] = 60.0,
    day_seconds: Annotated[float, typer.Option(min=0.1, help="The seconds that a day takes.")] = 86_400,
    days: Annotated[float, typer.Option(min=0.1, help="Learn from the labelled scans of so many days.")] = 14,
    share: Annotated[float, typer.Option(min=0, max=1, help="Of the customers, for the canary.")] = 0.2,
    budget: Annotated[int, typer.Option(min=1, help="Trainings in 30 days.")] = Policy.budget,
    seed: Seed = 0,
    folder: Folder = FOLDER,
) -> None:
    """Look whether the model has to be trained again. If so: train, gates, canary.

    Four triggers look at the stack: drift, performance, the volume of new labels, and the age of the model.
    """
    from mlflow.exceptions import MlflowException  # takes seconds

    from cardshop.training import retraining
    from cardshop.training.registry import NoModel

    console, policy = Console(soft_wrap=True), Policy(day=day_seconds, budget=budget)
    settings = running(folder)
    try:
        operations.require_storage(settings)
        held = supervisor.lock(settings.retraining)
    except AlreadyRuns:
        refuse("Another `cardshop retrain` looks at this stack already.")
    except (OSError, StackError, ValueError) as error:
        refuse(f"The stack in {folder} cannot be looked at: {error}")
    with held:
        while True:
            try:
                seen = retraining.look(settings, policy, seed, share, days, console.print)
            except (MlflowException, NoModel, NotBuilt, httpx.HTTPError, OSError, ValueError) as error:
                if not watch:
                    refuse(f"Nothing was decided: {error}")
                console.print(f"Nothing was decided: {error}")
            else:
                if seen.findings and not watch:
                    console.print(_findings(seen.findings))
                if not watch or seen.decision.action != "wait":
                    console.print(_told(seen.decision))
                if seen.refused and not watch:
                    raise typer.Exit(1)
            if not watch:
                return
            time.sleep(every)
            if not operations.runs(settings.folder):
                refuse("The stack does not run any more.")


def _told(decision: "Decision") -> str:
    match decision.action:
        case "retrain":
            return (
                f"Trained, because of {decision.trigger}: `cardshop rollout status` says what became of it."
            )
        case "hold":
            return f"Nothing is trained, because the budget is spent. {decision.reason}"
        case "notice":
            return f"Noticed: {decision.reason}"
    return "Nothing is trained." if decision.trigger != "rollout" else decision.reason


def _findings(findings: "dict[str, Finding]") -> Table:
    table = Table("trigger", "", "", box=None)
    for name, one in findings.items():
        table.add_row(name, "[yellow]met[/]" if one.met else "[green]not met[/]", one.sentence)
    return table


def _table(gates: list[Gate]) -> Table:
    table = Table("gate", "", "", box=None)
    for gate in gates:
        table.add_row(gate.name, "[green]passed[/]" if gate.passed else "[red]failed[/]", gate.sentence)
    return table
