"""The seeds that an instructor hands out: each learner's own incidents, pull request and so on.

They follow from the cohort's secret and a name, so that nobody has to keep a list.
"""

import os
from collections.abc import Iterator

from grader.engine.order import SECRET, world_seed_of

MOST = 1_000_000  # people type it


def seed_of(learner: str, secret: str | None = None) -> int:
    """Return the seed of a learner; `secret` is that of the cohort (default: DOJO_SECRET)."""
    return world_seed_of(secret or os.environ.get("DOJO_SECRET") or SECRET, learner) % MOST


def answered(result: dict) -> dict[str, int]:
    """Return the seed that the answer to a task was about, by task, for those whose checks have recorded one."""
    return {
        task["id"]: seed
        for task in result["tasks"]
        for check in task["checks"]
        for seed in _seeds(check.get("figures", {}))
    }


def _seeds(figures: dict) -> Iterator[int]:
    for name, value in figures.items():
        if isinstance(value, dict):
            yield from _seeds(value)
        elif name == "seed" and isinstance(value, int):
            yield value
