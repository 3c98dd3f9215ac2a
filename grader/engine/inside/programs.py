"""Programs that read files of their own trade: promtool, kubectl."""

import shutil
import sys
from pathlib import Path


def find(name: str) -> str | None:
    """Return the path of a program: beside the interpreter, as packages bring it, or where the system has it."""
    return shutil.which(name, path=str(Path(sys.executable).parent)) or shutil.which(name)
