"""The grading engine: runs checks on one side, the submission on the other, and serves any course.

Commands and notebooks use `Engine`; a check file imports what it needs from here too. Names are looked
up on first use, so that a client pays for no library of the checks.
"""

from importlib import import_module

_PLACES = {
    "Assignment": "assignment",
    "Task": "assignment",
    "Budget": "assignment",
    "Earlier": "assignment",
    "Environment": "assignment",
    "Submitted": "assignment",
    "Engine": "client",
    "IsolationUnavailable": "client",
    "BrokenChecks": "client",
    "Mismatch": "declarations",
    "Raised": "declarations",
    "as_table": "declarations",
    "checks": "declarations",
    "expect": "declarations",
    "remembered": "declarations",
    "Handle": "submission",
    "kind_of": "submission",
    "Request": "asgi",
    "Response": "asgi",
    "Submission": "submission",
    "File": "submission",
    "Round": "stopwatch",
    "speedup": "stopwatch",
}

__all__ = sorted(_PLACES)


def __getattr__(name: str) -> object:
    if name not in _PLACES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f".{_PLACES[name]}", __name__), name)
