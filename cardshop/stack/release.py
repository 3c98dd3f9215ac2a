"""The commands `cardshop release list`, `new` and `back`."""

import getpass
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from cardshop.refusal import refuse
from cardshop.stack import operations
from cardshop.stack.operations import StackError
from cardshop.stack.options import Folder, running, settings_of
from cardshop.stack.releases import Release, ReleaseError, Releases, parsed
from cardshop.stack.settings import FOLDER, Settings

app = typer.Typer(
    no_args_is_help=True, help="Bring new code or settings of the service to users, and take them back."
)


@app.command("list")
def every(folder: Folder = FOLDER) -> None:
    """Print the releases of the service, and say which one runs."""
    settings = settings_of(folder)
    releases = Releases(settings.releases)
    try:
        current, found = releases.current(), releases.every()
    except ReleaseError as error:
        refuse(str(error))
    if not found:
        refuse("There is no release yet: `cardshop up` makes the first.")
    table = Table("release", "", "made", "by", "after", "what it changed", box=None)
    known = {one.number: one for one in found}
    for one in found:
        runs = "[green]runs[/]" if one.number == current else ""
        after = str(one.before) if one.before else ""
        table.add_row(str(one.number), runs, one.at[:19], one.by, after, _changed(known.get(one.before), one))
    console = Console(soft_wrap=True)
    console.print(table)
    console.print(f"Their files: {settings.releases}", markup=False)


@app.command()
def new(
    file: Annotated[
        Path | None, typer.Argument(help="A service.py with `create_app()`; the code stays if left out.")
    ] = None,
    change: Annotated[
        list[str] | None, typer.Option("--set", help="A setting, as CARDSHOP_TIMEOUT=2; the others stay.")
    ] = None,
    unset: Annotated[
        list[str] | None, typer.Option("--unset", help="A setting that gets its usual value again.")
    ] = None,
    folder: Folder = FOLDER,
) -> None:
    """Make the next release from a file, from settings or from both; the rest is as in the one that runs.

    The service starts again with it. A release that does not get ready is taken back and deleted.
    """
    if file is None and not change and not unset:
        refuse("Nothing would change: name a file with the new service, or settings with --set or --unset.")
    settings = running(folder)
    releases = Releases(settings.releases)
    try:
        runs = releases.read(releases.current())
        service = runs.service if file is None else file.read_text(encoding="utf-8")
        wanted = runs.settings | parsed("\n".join(change or []))
        for name in unset or []:
            if wanted.pop(name, None) is None:
                refuse(
                    f"{name} is not set in release {runs.number}: its settings are {_named(runs.settings)}."
                )
        if (service, wanted) == (runs.service, runs.settings):
            refuse(f"Release {runs.number} has this code and these settings already.")
        made = releases.add(service, wanted, getpass.getuser())
    except UnicodeDecodeError:
        refuse(f"{file} is not a text in UTF-8.")
    except (OSError, ReleaseError) as error:
        refuse(f"No release was made. {error}")
    _run(settings, made.number, f"Release {made.number}", forget=True)


@app.command()
def back(folder: Folder = FOLDER) -> None:
    """Let the release run that ran before this one."""
    settings = running(folder)
    releases = Releases(settings.releases)
    try:
        runs = releases.read(releases.current())
        if not runs.before:
            refuse(f"Release {runs.number} is the first: there is none before it.")
        releases.read(runs.before)
    except ReleaseError as error:
        refuse(str(error))
    _run(settings, runs.before, f"Release {runs.before}", forget=False)


def _run(settings: Settings, number: int, title: str, forget: bool) -> None:
    console = Console(stderr=True, soft_wrap=True)
    try:
        with console.status(f"Starting {title.lower()}"):
            operations.run_release(settings, number, getpass.getuser())
    except StackError as error:
        if forget and Releases(settings.releases).current() != number:
            Releases(settings.releases).remove(number)
        refuse(str(error))
    typer.echo(f"{title} runs.")


def _changed(before: Release | None, now: Release) -> str:
    if before is None:
        return "the service as it is" if now.number == 1 else ""
    names = [
        f"{name}={now.settings[name]}" if name in now.settings else f"without {name}"
        for name in sorted(before.settings.keys() | now.settings.keys())
        if before.settings.get(name) != now.settings.get(name)
    ]
    return ", ".join(["code"] * (before.service != now.service) + names)


def _named(settings: dict[str, str]) -> str:
    return ", ".join(settings) or "all as usual"
