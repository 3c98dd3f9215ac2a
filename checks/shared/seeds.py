"""Answers about something that was drawn by a seed which the answer names: who grades sees the seed."""

from functools import lru_cache

from grader.engine import Mismatch


@lru_cache(maxsize=1)
def told(submission, entry: str) -> object:
    """What an entry returned when it was first called: all checks, and the record, are about the same seed."""
    return getattr(submission, entry)()


def seed_of(answer: dict) -> int:
    """The seed that an answer names."""
    seed = answer["seed"]
    if isinstance(seed, bool) or not isinstance(seed, int) or not 0 <= seed < 10**9:
        raise Mismatch("a whole number as the seed", got=f"{seed!r:.60}")
    return seed
