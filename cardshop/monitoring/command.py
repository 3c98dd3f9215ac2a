"""The commands `cardshop traffic` and `cardshop report`."""

import asyncio
from pathlib import Path
from typing import Annotated

import httpx
import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from cardshop.monitoring.replay import Sent, replay
from cardshop.refusal import refuse
from cardshop.stack.options import Folder, settings_of
from cardshop.stack.settings import FOLDER


def traffic(
    seed: Annotated[int, typer.Option(min=0, help="The world whose cards are scanned.")] = 0,
    days: Annotated[int, typer.Option(min=1, max=400, help="How many days.")] = 40,
    day_seconds: Annotated[
        float, typer.Option(min=0, help="The seconds that a day takes; 0: no pause.")
    ] = 1.0,
    folder: Folder = FOLDER,
    key: Annotated[str, typer.Option(envvar="CARDSHOP_KEY", help="Where the service asks for one.")] = "",
) -> None:
    """Send a world's scans to the service. In some worlds something goes wrong, and the monitor has to find it."""
    url = settings_of(folder).url("service")
    try:
        sent = asyncio.run(_send(url, seed, days, day_seconds, {"x-api-key": key} if key else {}))
    except httpx.TransportError:
        refuse(f"Nothing answers at {url}: `cardshop up` starts the service.")
    typer.echo(
        f"{days} days: {sent.answered:,} cards answered, {sent.refused:,} refused, {sent.lost:,} lost; "
        f"{sent.labels:,} labels sent."
    )


def report(
    out: Annotated[
        Path | None,
        typer.Option(help="The HTML file to write.", show_default="drift.html in the stack's folder"),
    ] = None,
    folder: Folder = FOLDER,
) -> None:
    """Write evidently's report on how far the latest cards are from the monitor's reference."""
    from cardshop.monitoring.watch import ENOUGH, REFERENCE, Watch  # scipy takes a second

    settings = settings_of(folder)
    try:
        watch = Watch(settings.journal, settings.reference)
        seen, tables = watch.look(), watch.tables()
        if tables is None:
            refuse(
                f"There are too few cards to compare: {seen.reference:,} of {REFERENCE:,} for the reference, and "
                f"{seen.window:,} later ones of at least {ENOUGH:,}."
            )
        from cardshop.monitoring import document  # evidently takes seconds more

        document.write(*tables, out := out or settings.folder / "drift.html")
    except ModuleNotFoundError as error:
        refuse(f"{error.name} is not installed: run `python install.py --extra evidently` in the project.")
    except (OSError, ValueError) as error:
        refuse(f"The report could not be written: {error}")
    typer.echo(f"{tables[1].height:,} cards beside {tables[0].height:,} earlier ones: {out}")


async def _send(url: str, seed: int, days: int, seconds: float, headers: dict[str, str]) -> Sent:
    columns = (TextColumn("Day"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    async with httpx.AsyncClient(base_url=url, headers=headers, timeout=10, trust_env=False) as client:
        await client.get("/health")  # better than forty days of lost cards
        with Progress(*columns, console=Console(stderr=True)) as progress:
            task = progress.add_task("", total=days)
            return await replay(client, seed, days, seconds, lambda day: progress.advance(task))
