"""One order: what the service is asked to judge, and how the inputs of the checks follow from a secret."""

import hashlib
import hmac
from collections.abc import Iterable
from dataclasses import dataclass, field

from .assignment import Submitted

SECRET = "dojo: a learner's own clone has no secret"  # where a cohort has none


@dataclass(frozen=True)
class Order:
    """The tasks of one submission to judge.

    `keys` are the secrets of the tasks, from which the seeds of their checks follow; `world_seed` is the
    learner's own. `done` are verdicts that are known already, `passed` the code with which a task has passed
    before: such a task is not judged again where another one needs it. `scrambled`: checks run in a random order,
    and each call that can have one gets a process of its own; an author's test that verdicts depend on neither.
    """

    submitted: Submitted
    label: str
    tasks: tuple[str, ...]
    keys: dict[str, str]
    world_seed: int
    live: bool = False
    first_failure: bool = False
    scrambled: bool = False
    done: dict[str, str] = field(default_factory=dict)
    passed: dict[str, str] = field(default_factory=dict)


def keys_of(secret: str, assignment: str, tasks: Iterable[str]) -> dict[str, str]:
    """Return the secret of each task, so that nobody else has to know that of the cohort."""
    return {task: _hmac(secret.encode(), f"{assignment}/{task}").hex() for task in tasks}


def seed_of(key: str, check: str) -> int:
    """Return the 128-bit seed of a check of the task with this key."""
    return int.from_bytes(_hmac(bytes.fromhex(key), check)[:16])


def world_seed_of(secret: str, learner: str) -> int:
    """Return the 63-bit number that a learner's own data is made from."""
    return int.from_bytes(_hmac(secret.encode(), f"world of {learner}")[:8]) >> 1


def _hmac(key: bytes, text: str) -> bytes:
    return hmac.digest(key, text.encode(), hashlib.sha256)
