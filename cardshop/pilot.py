"""The pilot of a new service: what its metrics recorded in the thirty days before the decision to launch."""

import numpy as np
import polars as pl

DAYS = 30


def hours(seed: int) -> pl.DataFrame:
    """Return a row for each hour: `hour` from 0, `calls`, and how many of them `failed` or were `slow`."""
    rng = np.random.default_rng([seed, 13])
    hour = np.arange(DAYS * 24)
    by_day = np.clip(np.sin((hour % 24 - 7) / 15 * np.pi), 0, None) * (hour % 24 < 22)
    calls = rng.poisson(8 + rng.uniform(2_000, 6_000) * by_day * rng.uniform(0.8, 1.2, len(hour)))
    share = np.full(len(hour), rng.uniform(0.0001, 0.0004))
    share[-7 * 24 :] = rng.choice([0.0002, 0.0005, 0.0013])
    busy = np.flatnonzero(by_day > 0.5)
    for one in rng.choice(busy, rng.integers(2, 5), replace=False):
        share[one] = rng.uniform(0.01, 0.06)
    failed = rng.binomial(calls, share)
    nights = rng.choice(np.flatnonzero((by_day == 0) & (calls > 0)), 6, replace=False)
    failed[nights] = np.maximum(failed[nights], 1)  # one call of eight: a high rate, and nearly no budget
    slow = rng.binomial(calls - failed, rng.choice([0.004, 0.006, 0.013], p=[0.4, 0.4, 0.2]))
    return pl.DataFrame({"hour": hour, "calls": calls, "failed": failed, "slow": slow})
