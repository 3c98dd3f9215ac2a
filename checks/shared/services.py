"""What checks of services share: a model that nobody has seen, and the path that answers with it."""

import numpy as np

from cardshop.scorer import STAGES, STATS, Scorer

PATH = "/v1/predict"
TYPES = ["Fire", "Grass", "Psychic", "Water"]


def drawn(seed: int, version: str = "1") -> Scorer:
    """A model with random weights."""
    rng = np.random.default_rng(seed)
    wide = len(STATS) + len(STAGES)
    return Scorer(version, TYPES, rng.normal(0, 2, (len(TYPES), wide)).round(6), rng.normal(0, 1, 4).round(6))
