"""The tools that try the stack, in an environment of their own: `python install.py --lab stack`."""

from pathlib import Path

import pytest

PLACE = Path(__file__).resolve().parents[2] / ".venvs" / "stack" / "bin"


def tool(name: str) -> Path:
    """Where a tool lies; the test is skipped where it is not installed."""
    if not (PLACE / name).exists():
        pytest.skip(f"{name} is not installed: python install.py --lab stack")
    return PLACE / name
