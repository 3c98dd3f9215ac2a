"""The tools that try the stack, in environments of their own: `python install.py --lab stack`, and `--lab prefect`."""

from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def tool(name: str, lab: str = "stack") -> Path:
    """Where a tool lies; the test is skipped where it is not installed."""
    file = ROOT / ".venvs" / lab / "bin" / name
    if not file.exists():
        pytest.skip(f"{name} is not installed: python install.py --lab {lab}")
    return file
