"""What the commands about a stack share: the option that names it, its settings, and that it runs."""

from pathlib import Path
from typing import Annotated

import typer
from pydantic import ValidationError

from cardshop.refusal import refuse
from cardshop.stack import operations
from cardshop.stack.operations import StackError
from cardshop.stack.settings import Settings

Folder = Annotated[
    Path, typer.Option(help="Where the stack keeps its data and logs.", show_default="data/stack")
]


def settings_of(folder: Path) -> Settings:
    """The settings of the stack in a folder, or the usual ones. Refuses where they cannot be read."""
    try:
        return Settings.read(folder.resolve())
    except (OSError, ValueError) as error:
        reason = error.errors()[0]["msg"] if isinstance(error, ValidationError) else error
        refuse(f"{folder / 'settings.json'} cannot be read ({reason}): delete it, and run `cardshop up`.")


def running(folder: Path) -> Settings:
    """The settings of the stack in a folder. Refuses where it does not run."""
    settings = settings_of(folder)
    try:
        if operations.runs(settings.folder):
            return settings
    except (OSError, StackError) as error:
        refuse(str(error))
    refuse("The stack does not run: `cardshop up` starts it.")
