"""The command `cardshop demo`."""

import shutil
import signal
import sys
import time
from pathlib import Path
from typing import Annotated, BinaryIO

import typer
from rich.console import Console
from rich.markdown import Markdown

from cardshop.refusal import refuse
from cardshop.stack import operations, supervisor
from cardshop.stack.operations import StackError
from cardshop.stack.supervisor import AlreadyRuns
from cardshop.world.store import DATA

FOLDER = DATA / "demo"
MARK = "demo"  # in a folder that the next demo may empty


def demo(
    folder: Annotated[
        Path, typer.Option(help="Where it runs; emptied first.", show_default="data/demo")
    ] = FOLDER,
    day_seconds: Annotated[float, typer.Option(min=1, help="The seconds that a day of traffic takes.")] = 2.5,
) -> None:
    """Play the whole story in minutes: drift, retraining, canary, promotion; a bad model that is taken back; a report.

    It has a stack of its own, on free ports, and ends everything that it started.
    """
    from cardshop.demo.report import read, report  # these import scipy and mlflow, which takes seconds
    from cardshop.demo.story import MOST_DAYS, SEED, NotHappened, story
    from cardshop.world.truth.traffic import month

    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that what follows a `with` is done
    console, started = Console(soft_wrap=True), time.monotonic()
    folder = folder.resolve()
    held = _empty(folder)

    def tell(what: str, sentence: str) -> None:
        console.print(f"[dim]{time.monotonic() - started:4.0f} s[/]  [bold]{what}[/]  {sentence}")

    try:
        with console.status("Starting") as shown:
            with story(folder, day_seconds, tell, lambda what: shown.update(f"Waiting for {what}")) as one:
                one.play()
                shown.update("Ending everything that was started")
            planted = month(SEED, MOST_DAYS)
            text = report(
                read(one.settings.journal),
                one.state.audit(),
                planted.trouble,
                [day.scans.height for day in planted.days],
            )
    except KeyboardInterrupt:
        refuse("Stopped before the end; nothing of it runs any more.")
    except (NotHappened, StackError, OSError) as error:
        refuse(f"The demo has not come to its end. {error}")
    (folder / "report.md").write_text(text, encoding="utf-8")
    console.print(Markdown(text))
    console.print(f"{time.monotonic() - started:.0f} s. The report is in {folder / 'report.md'}.")
    held.close()


def _empty(folder: Path) -> BinaryIO:
    """Delete what an earlier demo has left, and hold the folder until the returned file is closed.

    Refuses a folder that is not one of a demo, or in which another one runs.
    """
    try:
        if folder.exists() and any(folder.iterdir()) and not (folder / MARK).exists():
            refuse(f"{folder} was not made by `cardshop demo`: choose an empty folder with --folder.")
        operations.runs(folder)  # on Windows it says that there can be no stack
        held = supervisor.lock(folder / MARK)
        operations.stop(folder)  # the stack of a demo that was killed
        for left in folder.iterdir():
            if left.is_dir() and left.name != MARK:
                shutil.rmtree(left)
            elif left.is_file():
                left.unlink()
        return held
    except AlreadyRuns:
        refuse(f"A demo runs in {folder}: choose another folder with --folder, or end that one.")
    except (OSError, StackError) as error:
        refuse(f"The demo cannot run in {folder}: {error}")
