"""Where the notebook runs, and what is remembered between runs.

Only a learner's own editor session records; a script, a test, an export and `marimo run` do not. Exports and
pictures set `DOJO_GATES=open`, since nobody is there to answer.
"""

import os
from typing import Any

import marimo as mo

_TROUBLE = (ImportError, OSError, ValueError)  # an unwritable or damaged history must not stop the notebook


def interactive() -> bool:
    """Whether somebody can click: an editor or an app session (marimo's exports pass for one), not a script or test."""
    return mo.app_meta().mode in ("edit", "run")


def recording() -> bool:
    """Whether answers are written to the learner's history."""
    return mo.app_meta().mode == "edit"


def gates_open() -> bool:
    """Whether all gates stand open by decree (`DOJO_GATES=open`: contract tests, exports)."""
    return os.environ.get("DOJO_GATES") == "open"


def record(kind: str, **fields: Any) -> str | None:
    """Append to the history; return a sentence when that was not possible, else None."""
    if not recording():
        return None
    try:
        from grader.course import progress

        progress.record(kind, **fields)
    except _TROUBLE as error:
        return f"Not recorded: {error}"
    return None


def remembered(kind: str, key: str) -> list[dict]:
    """What the history holds under this key, oldest first; empty where nothing is recorded."""
    return [entry for entry in entries() if entry.get("kind") == kind and entry.get("key") == key]


def entries() -> list[dict]:
    """The whole history, oldest first; empty where nothing is recorded."""
    if not recording():
        return []
    try:
        from grader.course import progress

        return progress.history()
    except _TROUBLE:
        return []


def journal(prompt: str, words: str, section: str = "Journal") -> str | None:
    """Append the learner's words to progress.md; return a sentence when that was not possible."""
    if not recording():
        return None
    try:
        from grader.course import progress

        progress.journal(prompt, words, section)
    except (*_TROUBLE, AttributeError) as error:
        return f"Not written to progress.md: {error}"
    return None
