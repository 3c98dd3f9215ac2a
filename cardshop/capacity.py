"""A service under load: what a load test of one replica measures, and how many calls come in each hour of four weeks.

A replica has some workers. Each computes on one core at a time; a call waits until a worker is free.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

import numpy as np
import polars as pl

P99 = 0.5  # seconds: 99 of 100 calls have to be answered by then
GROWTH = 1.25  # an hour of the coming weeks may have so many times the calls of the same hour in the table
RUNS, SECONDS = 20, 120  # a load test holds each rate for twenty runs of two minutes
STEPS = 21  # rates of a load test, the last of them above what the replica can compute
DAYS = 28


class Replica(NamedTuple):
    """What one replica is: its workers, the cores that a call keeps busy for a second, and MiB of memory.

    The times that calls compute are lognormal: `spread` is the standard deviation of their logarithms.
    """

    workers: int
    cores_per_call: float
    spread: float
    memory: float


class Shop(NamedTuple):
    """What somebody has who sizes a service: see `sizing` in the exercises of unit 6."""

    load_test: pl.DataFrame
    hours: pl.DataFrame
    workers: int


def shop(seed: int) -> Shop:
    """Return a service's load test, its calls in four weeks, and the workers of a replica."""
    replica, busiest, rng = drawn(seed)
    return Shop(load_test(replica, rng), hours(busiest, rng), replica.workers)


def drawn(seed: int) -> tuple[Replica, float, np.random.Generator]:
    """Return a replica, the calls a second of the busiest hour, and the generator for what is measured."""
    rng = np.random.default_rng([seed, 63])
    workers = int(rng.choice([1, 2, 4]))
    shortest, longest = {1: (0.03, 0.09), 2: (0.05, 0.13), 4: (0.075, 0.1)}[workers]
    replica = Replica(workers, rng.uniform(shortest, longest), rng.uniform(0.4, 0.6), rng.uniform(250, 600))
    return replica, workers / replica.cores_per_call * rng.uniform(2.5, 5.5), rng


def latencies(
    replica: Replica, rates: Sequence[float], calls: int, runs: int, rng: np.random.Generator
) -> np.ndarray:
    """Return how long calls take at each rate, in seconds: an array of calls × rates × runs.

    Calls come at random times, wait in one queue, and are answered in their order.
    """
    lanes = np.repeat(np.asarray(rates, float), runs)
    gaps = rng.exponential(size=(calls, len(lanes))) / lanes
    median = replica.cores_per_call * np.exp(-(replica.spread**2) / 2)
    work = median * np.exp(replica.spread * rng.standard_normal(gaps.shape))
    taken = np.empty_like(gaps)
    busy = np.zeros((len(lanes), replica.workers))  # seconds until each worker is free
    every = np.arange(len(lanes))
    for call in range(calls):
        busy = np.maximum(busy - gaps[call][:, None], 0)
        first = busy.argmin(axis=1)
        busy[every, first] += work[call]
        taken[call] = busy[every, first]
    return taken.reshape(calls, len(rates), runs)


def load_test(replica: Replica, rng: np.random.Generator) -> pl.DataFrame:
    """Return what was measured at each rate: one row a rate, from almost idle to more than the replica can compute."""
    most = replica.workers / replica.cores_per_call
    rates = np.round(np.linspace(0.1, 1.1, STEPS) * most, 1)
    taken = latencies(replica, rates, int(rates[-1] * SECONDS), RUNS, rng)
    rows = []
    for step, rate in enumerate(rates):
        some = taken[: int(rate * SECONDS), step]
        used = min(rate * replica.cores_per_call, replica.workers)
        mean = replica.memory * (1 + 0.1 * rate / most) * rng.uniform(0.98, 1.02)
        rows.append(
            {
                "rate": float(rate),
                "p50": round(float(np.quantile(some, 0.5)), 3),
                "p99": round(float(np.quantile(some, 0.99)), 3),
                "cores": round(used * rng.uniform(0.99, 1.0), 3),
                "memory_mean": round(mean),
                "memory_most": round(mean * rng.uniform(1.15, 1.4)),
            }
        )
    return pl.DataFrame(rows)


def hours(busiest: float, rng: np.random.Generator) -> pl.DataFrame:
    """Return the calls of each hour of four weeks; in the busiest one `busiest` come in a second."""
    begin = datetime(2026, 10, 5)  # a Monday
    times = [begin + timedelta(hours=hour) for hour in range(24 * DAYS)]
    of_day = np.array([0.15 + 0.6 * np.exp(-(((time.hour - 19) / 4.5) ** 2)) for time in times])
    of_week = np.array([1.25 if time.weekday() >= 5 else 1.0 for time in times])
    calls = of_day * of_week * rng.lognormal(0, 0.08, len(times))
    evening = 24 * int(rng.integers(8, 26)) + 18  # new cards came out: three hours of a rush
    calls[evening : evening + 3] *= (
        calls.max() / calls[evening : evening + 3].min() * np.array([1.1, 1.3, 1.05])
    )
    return pl.DataFrame({"hour": times, "calls": np.round(calls / calls.max() * busiest * 3600).astype(int)})
