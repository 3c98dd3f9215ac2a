"""The notebook's own source, as the kernel has it. The one place that uses marimo's private interface."""

import inspect
from pathlib import Path


def codes() -> list[str] | str:
    """The code of the cells that the kernel has; without a kernel, the text of the saved file."""
    try:
        from marimo._runtime.context import get_context

        found = [cell.code for cell in get_context().graph.cells.values()]
    except Exception:  # private interface: whatever goes wrong in it, the saved file is still there
        found = []
    if found:
        return found
    saved = filename()
    return saved.read_text(encoding="utf-8", errors="replace") if saved else []


def filename() -> Path | None:
    """The notebook's file, or None when it has never been saved."""
    try:
        from marimo._runtime.context import get_context

        name = get_context().filename
    except Exception:
        name = None
    if name is None:
        callers = (frame.frame.f_globals.get("__file__") for frame in inspect.stack())
        name = next((file for file in callers if file and Path(file).parent.name in _ROOMS), None)
    return Path(name).resolve() if name else None


_ROOMS = ("exercises", "solutions", "notebooks", "checkpoints")
