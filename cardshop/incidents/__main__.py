"""The command `python -m cardshop.incidents`: `start`, `status` and `stop`. `dojo incident` passes on to it."""

import json
import random
import time
from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.console import Console

from cardshop.incidents import SYMPTOMS, stage
from cardshop.incidents.clock import FASTER
from cardshop.incidents.stage import NotPossible
from cardshop.incidents.state import NotAnIncident, State
from cardshop.refusal import refuse
from cardshop.stack import operations
from cardshop.stack.operations import StackError
from cardshop.stack.options import Folder, running, settings_of
from cardshop.stack.settings import FOLDER, Settings

LONGEST = 300.0  # seconds from the fault to the alert
PHASES = {
    "filling": "Sending healthy cards, which the monitor compares later ones with",
    "usual": "Sending the usual traffic; something will break within the next two minutes",
    "broken": "Something is broken; the alert has not fired yet",
}
STILL = "It still fires, or has not been quiet for 45 seconds yet."
app = typer.Typer(
    no_args_is_help=True, add_completion=False, help="Break the running stack in one hidden way."
)


@app.command()
def start(
    symptom: Annotated[
        str, typer.Option(help=f"{', '.join(SYMPTOMS)}; the seed decides if left out.", show_default=False)
    ] = "",
    seed: Annotated[
        int | None, typer.Option(min=0, help="Which incident; drawn if left out.", show_default=False)
    ] = None,
    wait: Annotated[
        bool, typer.Option("--wait/--no-wait", help="Return when the alert fires, or at once.")
    ] = True,
    folder: Folder = FOLDER,
) -> None:
    """Break the running stack, and print the alert when it fires. Traffic runs until the incident is stopped."""
    console = Console(soft_wrap=True, highlight=False)
    if symptom and symptom not in SYMPTOMS:
        refuse(f"There is no symptom {symptom!r}: choose {', '.join(SYMPTOMS)}, or leave it out.")
    settings = running(folder)
    chosen = random.randrange(10_000) if seed is None else seed
    try:
        stage.open_(settings, chosen, symptom)
        console.print(
            f"Incident {chosen}. Its alerts have a clock that is {FASTER} times as fast as usual, and it keeps "
            "journal, releases and reference apart: `dojo incident stop` brings back yours."
        )
        if wait:
            _wait(settings, console)
        else:
            console.print(
                "It takes minutes until the alert fires; `dojo incident status` says how far it is."
            )
    except (NotPossible, NotAnIncident, StackError) as error:
        refuse(str(error))
    except KeyboardInterrupt:
        if settings.live == settings.folder:
            refuse("No incident has begun.")
        refuse("The incident goes on without this command. `dojo incident stop` ends it.")


@app.command()
def status(
    folder: Folder = FOLDER,
    as_json: Annotated[
        bool,
        typer.Option("--json", help="For programs: one object on standard output; {} without an incident."),
    ] = False,
) -> None:
    """Say how far the incident is, and what its alert does."""
    settings = settings_of(folder)
    try:
        if as_json:
            typer.echo(json.dumps(stage.described(settings)))
            return
        state = stage.current(settings)
        console = Console(soft_wrap=True, highlight=False)
        if state is None:
            console.print("No incident runs. `dojo incident start` begins one.")
            return
        console.print(f"Incident {state.seed}, {state.symptom}.")
        if not operations.runs(settings.folder):
            console.print("The stack does not run: `cardshop up` starts it again, with the incident.")
        elif state.alert is None:
            console.print(f"{PHASES[state.phase]}.")
        else:
            _page(console, state)
            quiet = f"It has been quiet since {_clock(state.quiet)}." if state.quiet else STILL
            console.print(quiet)
    except (NotPossible, NotAnIncident, StackError) as error:
        refuse(str(error))


@app.command()
def stop(folder: Folder = FOLDER) -> None:
    """End the incident: its traffic ends; release, champion, journal and alert rules are as before."""
    settings = settings_of(folder)
    console = Console(soft_wrap=True, highlight=False)
    try:
        with console.status("Ending the traffic, and starting the service as it was before"):
            stopped = stage.close(settings)
    except (NotPossible, StackError) as error:
        refuse(str(error))
    console.print(f"Incident {stopped} has ended." if stopped else "No incident runs.")


def _wait(settings: Settings, console: Console) -> None:
    """Show how far it is until the alert fires, and print the alert. Raises StackError, and NotPossible."""
    began = None
    with console.status("Starting the service again") as shown:
        while True:
            state = stage.current(settings)
            if state is None:
                raise NotPossible("The incident was stopped meanwhile.")
            if state.alert:
                break
            if not operations.runs(settings.folder):
                raise NotPossible(
                    "The stack was stopped meanwhile: `cardshop up` goes on, with the incident."
                )
            if state.phase == "broken":
                began = began or time.monotonic()
                if time.monotonic() - began > LONGEST:
                    raise NotPossible(
                        f"Something is broken, and no alert has fired for {LONGEST:.0f} s: see `cardshop logs "
                        "traffic`. `dojo incident stop` ends the incident."
                    )
            shown.update(PHASES[state.phase])
            time.sleep(0.5)
    _page(console, state)
    console.print(f"\n{stage.told(settings)}")


def _page(console: Console, state: State) -> None:
    alert = state.alert
    console.print(
        f"\n[bold red]{alert['severity'].upper()}[/]  {alert['name']}, firing since {_clock(state.alerted)}"
    )
    console.print(f"{SYMPTOMS[state.symptom].sentence} {alert['summary']}", markup=False)


def _clock(at: str) -> str:
    return f"{datetime.fromisoformat(at).astimezone(UTC):%H:%M:%S} UTC"


if __name__ == "__main__":
    app()
