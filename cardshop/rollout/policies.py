"""Who gets which model: one pure function for each way of rolling out.

`champion` is the model that serves, `challenger` the one that wants to. A request has a key, such as the id of a
customer: the same key gets the same model for as long as a plan lasts, so that nobody sees it change back and forth.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Arm = Literal["champion", "challenger"]
Kind = Literal["shadow", "canary", "ab", "blue-green", "bandit"]


@dataclass(frozen=True)
class Route:
    """The arm that answers a request, and whether the challenger predicts beside it without being heard."""

    answers: Arm
    shadowed: bool = False


@dataclass(frozen=True)
class Plan:
    """A rollout: its kind, and what that kind needs.

    `share` of the keys goes to the challenger (canary, A/B). `active` is the arm of a blue–green rollout. `epsilon` is
    the share of requests in which a bandit explores. `salt` makes this plan's draws independent of other plans'.
    """

    kind: Kind
    salt: str
    share: float = 0.1
    active: Arm = "champion"
    epsilon: float = 0.1

    def __post_init__(self) -> None:
        for name in ("share", "epsilon"):
            if not 0 <= getattr(self, name) <= 1:
                raise ValueError(f"{name} is a share between 0 and 1, not {getattr(self, name):g}.")


def draw(salt: str, key: str) -> float:
    """Return a number in [0, 1) that is always the same for the same salt and key, and uniform over keys."""
    digest = hashlib.blake2b(f"{salt}\0{key}".encode(), digest_size=8).digest()
    return int.from_bytes(digest) / 2**64


def route(plan: Plan, key: str, rewards: Mapping[Arm, tuple[int, int]] | None = None) -> Route:
    """Say which arm answers. `rewards` counts for each arm how many labels came back, and how many it got right."""
    match plan.kind:
        case "shadow":
            return Route("champion", shadowed=True)
        case "canary" | "ab":
            return Route("challenger" if draw(plan.salt, key) < plan.share else "champion")
        case "blue-green":
            return Route(plan.active)
        case "bandit":
            return Route(_greedy(plan, key, rewards or {}))


def _greedy(plan: Plan, key: str, rewards: Mapping[Arm, tuple[int, int]]) -> Arm:
    """Explore in a share `epsilon` of the requests, else take the arm that was right more often.

    An arm without labels counts as right half of the time; the champion wins a tie.
    """
    if draw(f"{plan.salt} explore", key) < plan.epsilon:
        return "challenger" if draw(plan.salt, key) < 0.5 else "champion"

    def rate(arm: Arm) -> float:
        labels, right = rewards.get(arm, (0, 0))
        return (right + 1) / (labels + 2)

    return "challenger" if rate("challenger") > rate("champion") else "champion"
