"""The learner-facing face of the grader: what notebooks import.

    from grader import check, title, term, quiz, predict, reveal, rate, aha, mastery, journal, mine, small_table

The names are looked up on first use, so that `import grader` stays cheap for commands and workers.
"""

from importlib import import_module

_HOMES = {
    "check": "live",
    "title": "live",
    "term": "shelf",
    "mine": "own",
    "quiz": "quiz",
    "predict": "prediction",
    "reveal": "reflection",
    "rate": "reflection",
    "aha": "reflection",
    "mastery": "reflection",
    "journal": "reflection",
    "small_table": "tables",
}

__all__ = [*_HOMES]


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module 'grader' has no attribute '{name}'")
    return getattr(import_module(f"grader.page.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *_HOMES])
