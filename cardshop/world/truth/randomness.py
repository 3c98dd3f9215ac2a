"""Random numbers that belong to a table, so that a change in one table leaves all others as they were."""

import numpy as np


def generator(seed: int, *names: str) -> np.random.Generator:
    """The generator of the table (or part of one) called `names` in the world `seed`."""
    return np.random.default_rng(np.random.SeedSequence([seed, *"/".join(names).encode()]))
