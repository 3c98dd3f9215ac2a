"""An option that the commands about a stack share."""

from pathlib import Path
from typing import Annotated

import typer

Folder = Annotated[Path, typer.Option(help="The stack's folder.", show_default="data/stack")]
