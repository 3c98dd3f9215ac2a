"""What checks of services share: a model that nobody has seen, and what its answers are compared by."""

import numpy as np

from cardshop.scorer import STAGES, STATS, Scorer
from grader.engine import Mismatch, Response

PATH = "/v1/predict"
TYPES = ["Fire", "Grass", "Psychic", "Water"]


def drawn(seed: int, version: str = "1") -> Scorer:
    """A model with random weights."""
    rng = np.random.default_rng(seed)
    wide = len(STATS) + len(STAGES)
    return Scorer(version, TYPES, rng.normal(0, 2, (len(TYPES), wide)).round(6), rng.normal(0, 1, 4).round(6))


def not_raised(response: Response, wanted: str) -> None:
    """Expect an answer; what the app raised in its place is the cause."""
    if (error := response.error) is not None:
        raise Mismatch(wanted, got="500", because=f"{error.type}: {error.message}"[:300])


def same(one: object, true: dict) -> bool:
    """Whether a prediction is the true one, but for the last digits of its probability."""
    if not isinstance(one, dict) or any(one.get(name) != true[name] for name in ("card_id", "card_type")):
        return False
    return (
        isinstance(one.get("probability"), int | float)
        and abs(one["probability"] - true["probability"]) <= 1e-5
    )
